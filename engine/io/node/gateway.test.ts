import { expect, test } from 'vitest'
import { gatewayOfProc4, gatewayOfProc6, gatewayOfRouteGet, gatewayOfRoutePrint } from './gateway.ts'

test('finds the default route of Linux, the one of the lowest metric', () => {
  const text = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wlan0	00000000	0102A8C0	0003	0	0	600	00000000	0	0	0
eth0	00000000	0101A8C0	0003	0	0	100	00000000	0	0	0
eth0	0001A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
`
  expect(gatewayOfProc4(text)).toBe('192.168.1.1')
  expect(gatewayOfProc4('Iface	Destination\n')).toBeUndefined()
})

test('finds the IPv6 router of Linux with its zone', () => {
  const zeros = '0'.repeat(32)
  const text = `fd000000000000000000000000000000 40 ${zeros} 00 ${zeros} 00000100 00000001 00000000 00000001     eth0
${zeros} 00 ${zeros} 00 fe80000000000000000000000000abcd 00000400 00000001 00000000 00000003     eth0
${zeros} 00 ${zeros} 00 ${zeros} ffffffff 00000001 00000000 00200200       lo
`
  expect(gatewayOfProc6(text)).toBe('fe80::abcd%eth0')
  expect(gatewayOfProc6('')).toBeUndefined()
})

test('reads what macOS and Windows print', () => {
  expect(
    gatewayOfRouteGet('   route to: default\ndestination: default\n    gateway: 10.0.1.1\n  interface: en0\n'),
  ).toBe('10.0.1.1')
  expect(gatewayOfRouteGet('    gateway: fe80::1%en0\n')).toBe('fe80::1%en0')
  expect(gatewayOfRouteGet('    gateway: link#5\n')).toBeUndefined()
  const v4 = `Aktive Routen:\r
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik\r
          0.0.0.0          0.0.0.0      192.168.0.1     192.168.0.17     25\r
          0.0.0.0          0.0.0.0   Auf Verbindung         10.8.0.2      5\r
        127.0.0.0        255.0.0.0   Auf Verbindung        127.0.0.1    331\r
`
  expect(gatewayOfRoutePrint(v4, 4)).toBe('192.168.0.1')
  const v6 =
    ' If Metric Network Destination      Gateway\r\n 17    271 ::/0                     fe80::1\r\n  1    331 ::1/128                  On-link\r\n'
  expect(gatewayOfRoutePrint(v6, 6)).toBe('fe80::1%17')
  expect(gatewayOfRoutePrint('', 6)).toBeUndefined()
})
