import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '#engine/base/ids.ts'
import type { MappingWish } from './mapping.ts'
import { encodeMapRequest, parseAddressAnswer, parseMapAnswer } from './nat-pmp.ts'
import { encodePcpMap, parsePcpMap } from './pcp.ts'

/** Spaces and `|` between fields are ignored. */
const hex = (text: string) => fromHex(text.replaceAll(/[ |]/g, ''))!
const refused = expect.objectContaining({ code: 'GATEWAY_REFUSED', blame: 'network' }) as unknown
const tcp: MappingWish = { protocol: 'tcp', internalPort: 6881, externalPort: 7000 }
const nonce = hex('0102030405060708090a0b0c')

test('asks by NAT-PMP as RFC 6886 writes it', () => {
  expect(toHex(encodeMapRequest(tcp, 3600))).toBe('000200001ae11b5800000e10')
  expect(toHex(encodeMapRequest({ ...tcp, protocol: 'udp' }, 0))).toBe('000100001ae11b5800000000')
})

//                    version, op  result   epoch      internal external lifetime
const granted = hex('00 82      | 0000 | 00000009 | 1ae1 | 1b59 | 00000708')

test('reads what a router of NAT-PMP grants', () => {
  const lease = { protocol: 'tcp', internalPort: 6881, externalPort: 7001, lifetimeMs: 1_800_000 }
  expect(parseMapAnswer(granted, tcp)).toEqual(lease)
  expect(parseAddressAnswer(hex('00 80 | 0000 | 00000009 | cb007107'))).toBe('203.0.113.7')
})

test.each([
  ['another port', '00 82 0000 00000009 1ae2 1b59 00000708'],
  ['another protocol', '00 81 0000 00000009 1ae1 1b59 00000708'],
  ['a request', '00 02 0000 1ae1 1b58 00000e10 00000000'],
  ['a part', '00 82 0000 00000009 1ae1 1b59'],
])('an answer for %s is none', (_, bytes) => {
  expect(parseMapAnswer(hex(bytes), tcp)).toBeUndefined()
})

test('a router of NAT-PMP may refuse', () => {
  expect(() => parseMapAnswer(hex('00 82 0002 00000009'), tcp)).toThrow(refused)
  expect(() => parseAddressAnswer(hex('00 80 0003 00000009'))).toThrow(refused)
})

const head = '02 81 00 00 | 00000e10 | 00000009 | 000000000000000000000000'
const body = '0102030405060708090a0b0c | 06 000000 | 1ae1 | 1b59 | 00000000000000000000ffff cb007107'

test('asks by PCP as RFC 6887 writes it, and reads the answer', () => {
  expect(toHex(encodePcpMap(tcp, 3600, '192.168.1.10', nonce))).toBe(
    toHex(
      hex(
        '02 01 0000 | 00000e10 | 00000000000000000000ffff c0a8010a | 0102030405060708090a0b0c | 06 000000 | 1ae1 | 1b58 | 00000000000000000000ffff 00000000',
      ),
    ),
  )
  expect(toHex(encodePcpMap(tcp, 0, '2001:db8::5', nonce)).slice(16, 48)).toBe('20010db8000000000000000000000005')
  expect(parsePcpMap(hex(head + body), tcp, nonce)).toEqual({
    protocol: 'tcp',
    internalPort: 6881,
    externalPort: 7001,
    lifetimeMs: 3_600_000,
    externalAddress: '203.0.113.7',
  })
})

test.each([
  ['of somebody else', head + body.replace('0102', '0103')],
  ['for another port', head + body.replace('1ae1', '1ae2')],
  ['for another protocol', head + body.replace('| 06', '| 11')],
  ['that is a request', (head + body).replace('81', '01')],
  ['that is too short', head],
])('a PCP answer %s is none', (_, bytes) => {
  expect(parsePcpMap(hex(bytes), tcp, nonce)).toBeUndefined()
})

test.each([
  ['with a reason', head.replace('81 00 00', '81 00 02') + body],
  ['in short', head.replace('81 00 00', '81 00 04')],
  ['as NAT-PMP does', '00 81 0001 00000009'],
  ['in another version', (head + body).replace('02 81', '01 81')],
])('a router of PCP may refuse %s', (_, bytes) => {
  expect(() => parsePcpMap(hex(bytes), tcp, nonce)).toThrow(refused)
})

test('whatever comes is a lease, no answer, or a refusal', () => {
  const outcome = (read: () => unknown): unknown => {
    try {
      return typeof read()
    } catch (error) {
      return expect.objectContaining({ code: 'GATEWAY_REFUSED' }).asymmetricMatch(error) ? 'refused' : error
    }
  }
  const fine = ['object', 'undefined', 'string', 'refused']
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.boolean(), (bytes, isNear) => {
      if (isNear) bytes.set(granted.subarray(0, Math.min(2, bytes.length)))
      expect(fine).toContain(outcome(() => parseMapAnswer(bytes, tcp)))
      expect(fine).toContain(outcome(() => parseAddressAnswer(bytes)))
      expect(fine).toContain(outcome(() => parsePcpMap(bytes, tcp, nonce)))
    }),
    { numRuns: 2000 },
  )
})
