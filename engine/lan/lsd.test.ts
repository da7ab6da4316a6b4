import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { endpoint, endpointKey, type Endpoint } from '#engine/base/endpoint.ts'
import { infoHash, toHex, type InfoHash } from '#engine/base/ids.ts'
import type { LanInterface } from '#engine/io/lan.ts'
import type { Udp } from '#engine/io/udp.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { encodeLsd, parseLsd } from './lsd-packet.ts'
import { Lsd } from './lsd.ts'

const hash = (byte: number): InfoHash => infoHash(new Uint8Array(20).fill(byte))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

test('announces as BEP 14 writes it, in both families', () => {
  const announce = { port: 6881, infoHashes: [hash(0xab), hash(1)], cookie: 'c0' }
  expect(text(encodeLsd(announce, 4)).split('\r\n')).toEqual([
    'BT-SEARCH * HTTP/1.1',
    'Host: 239.192.152.143:6771',
    'Port: 6881',
    `Infohash: ${'ab'.repeat(20)}`,
    `Infohash: ${'01'.repeat(20)}`,
    'cookie: c0',
    '',
    '',
    '',
  ])
  expect(text(encodeLsd(announce, 6))).toContain('Host: [ff15::efc0:988f]:6771\r\n')
  for (const family of [4, 6] as const) expect(parseLsd(encodeLsd(announce, family))).toEqual(announce)
})

test('a full announce fits into one frame', () => {
  const infoHashes = Array.from({ length: 24 }, (_, at) => hash(at))
  expect(encodeLsd({ port: 65_535, infoHashes, cookie: 'f'.repeat(16) }, 6).length).toBeLessThan(1400)
})

test.each([
  ['another request', 'M-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ' + 'ab'.repeat(20)],
  ['no port', `BT-SEARCH * HTTP/1.1\r\nInfohash: ${'ab'.repeat(20)}\r\n\r\n`],
  ['port 0', `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${'ab'.repeat(20)}\r\n\r\n`],
  ['a port beyond all ports', `BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: ${'ab'.repeat(20)}\r\n\r\n`],
  ['no infohash', 'BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n'],
  ['an infohash that is none', 'BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: xyz\r\n\r\n'],
  ['more than a frame', `BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n${`Infohash: ${'ab'.repeat(20)}\r\n`.repeat(40)}\r\n`],
])('ignores %s', (_, packet) => {
  expect(parseLsd(utf8(packet))).toBeUndefined()
})

test('reads what other clients write: other cases, order and headers', () => {
  const packet = `BT-SEARCH * HTTP/1.1\nhost: x\nINFOHASH:${'AB'.repeat(20)}\nX-New: 1\nport:  51413 \n\n`
  expect(parseLsd(utf8(packet))).toEqual({ port: 51_413, infoHashes: [hash(0xab)], cookie: undefined })
})

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.uint8Array({ maxLength: 80 }), (line, bytes) => {
      parseLsd(bytes)
      parseLsd(utf8(`BT-SEARCH * HTTP/1.1\r\n${line}\r\nPort: 1\r\n`))
    }),
    { numRuns: 1000 },
  )
})

const eth: LanInterface = {
  name: 'eth0',
  address: '192.168.1.10',
  family: 4,
  netmask: '255.255.255.0',
  internal: false,
  scope: 0,
}
const eth6: LanInterface = {
  ...eth,
  address: 'fd00::10',
  family: 6,
  netmask: 'ffff:ffff:ffff:ffff::',
}
const lo: LanInterface = { ...eth, name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0', internal: true }

function world(interfaces: LanInterface[] = [eth, eth6, lo]) {
  const sent: string[] = []
  const open = new Map<string, (bytes: Uint8Array, from: Endpoint) => void>()
  const found: string[] = []
  let now = 0
  const udp: Udp = {
    bind: (at, onPacket) => {
      const key = `${at.multicast?.group} by ${at.multicast?.via.name}`
      open.set(key, onPacket)
      return Promise.resolve({
        port: at.port,
        send: (bytes, to) =>
          sent.push(
            `${now / 1000} s to ${endpointKey(to)}: ${parseLsd(bytes)!
              .infoHashes.map(one => one[0])
              .join(' ')}`,
          ),
        close: () => void open.delete(key),
      })
    },
  }
  const io = {
    udp,
    lan: { gateway: () => Promise.resolve(undefined), interfaces: () => interfaces },
    clock: { now: () => now, wall: () => now, after: () => ({ [Symbol.dispose]() {} }) },
    random: new SimRandom(3),
    log: { write: () => {} },
  }
  const host = { onPeer: (given: InfoHash, peer: Endpoint) => void found.push(`${given[0]} ${endpointKey(peer)}`) }
  const lsd = new Lsd(io, host, { port: () => 6881 })
  const until = async (end: number) => {
    for (; now <= end; now += 500) {
      lsd.tick(now)
      await Promise.resolve()
    }
  }
  const receive = (from: string, packet: Uint8Array, by = '239.192.152.143 by eth0') =>
    open.get(by)!(packet, endpoint(from, 6771)!)
  return { lsd, sent, open, found, until, receive, interfaces }
}

test('joins the group of each family on each network but its own', async () => {
  const { lsd, open, until, interfaces } = world()
  lsd.start()
  await until(1000)
  expect([...open.keys()]).toEqual(['239.192.152.143 by eth0', 'ff15::efc0:988f by eth0'])
  interfaces.splice(1, 2, { ...eth, name: 'wlan0', address: '10.0.0.3' })
  await until(61_000)
  expect([...open.keys()]).toEqual(['239.192.152.143 by eth0', '239.192.152.143 by wlan0'])
  lsd.stop()
  expect(open.size).toBe(0)
})

test('tells new torrents within a second or two, known ones every five minutes, in few packets', async () => {
  const { lsd, sent, until } = world([eth])
  lsd.add(hash(1))
  lsd.add(hash(2))
  await until(1000)
  expect(sent).toEqual([])
  lsd.start()
  await until(3000)
  lsd.add(hash(3))
  await until(400_000)
  const group = '239.192.152.143:6771'
  expect(sent).toEqual([
    `2 s to ${group}: 1 2`,
    `3.5 s to ${group}: 3`,
    `302 s to ${group}: 1 2`,
    `362 s to ${group}: 3`,
  ])
  lsd.remove(hash(1))
  sent.length = 0
  await until(700_000)
  expect(sent).toEqual([`602 s to ${group}: 2`, `662 s to ${group}: 3`])
})

test('a thousand torrents are a packet a second, never more', async () => {
  const { lsd, sent, until } = world([eth])
  for (let at = 0; at < 1000; at++)
    lsd.add(infoHash(Uint8Array.from({ length: 20 }, (_, i) => (i < 2 ? at >> (8 * i) : 0))))
  lsd.start()
  await until(30_000)
  expect(sent.length).toBeGreaterThan(25)
  expect(sent.length).toBeLessThanOrEqual(30)
})

test('believes its own network only, not itself, and once a second per torrent', async () => {
  const { lsd, found, until, receive } = world()
  lsd.add(hash(1))
  lsd.start()
  await until(1000)
  const packet = (byte: number, cookie?: string) => encodeLsd({ port: 5000, infoHashes: [hash(byte)], cookie }, 4)
  receive('192.168.1.20', packet(1))
  receive('192.168.1.21', packet(1))
  receive('192.168.1.22', packet(9))
  await until(3000)
  receive('10.9.9.9', packet(1))
  receive('8.8.8.8', packet(1))
  receive('192.168.1.10', packet(1, toHex(new SimRandom(3).bytes(8))))
  receive('192.168.1.21', packet(1, 'other'))
  await until(5000)
  receive('fd00::99', packet(1), 'ff15::efc0:988f by eth0')
  receive('fe80::99', packet(1), 'ff15::efc0:988f by eth0')
  expect(found).toEqual(['1 192.168.1.20:5000', '1 192.168.1.21:5000', '1 [fd00::99]:5000'])
})

test('a torrent that was removed is heard of no more', async () => {
  const { lsd, found, until, receive } = world()
  lsd.add(hash(1))
  lsd.start()
  await until(1000)
  lsd.remove(hash(1))
  receive('192.168.1.20', encodeLsd({ port: 5000, infoHashes: [hash(1)], cookie: undefined }, 4))
  expect(found).toEqual([])
})
