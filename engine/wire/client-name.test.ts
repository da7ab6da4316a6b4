import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { fromHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { cleanClientName, clientName } from './client-name.ts'

test.each([
  ['-FH0100-abcdefghijkl', 'Freshet 0.1.0'],
  ['-qB4520-abcdefghijkl', 'qBittorrent 4.5.2'],
  ['-TR3000-abcdefghijkl', 'Transmission 3.00'],
  ['-TR4060-abcdefghijkl', 'Transmission 4.0.6'],
  ['-ZZ1230-abcdefghijkl', 'ZZ 1.2.3'],
  ['A2-1-36-0-abcdefghij', 'aria2 1.36.0'],
  ['S58B-----abcdefghijk', 'Shadow 5.8.11'],
  ['-<b>1<-abcdefghijklm', 'Unknown'],
])('reads %s as %s', (id, name) => {
  expect(clientName(utf8(id))).toBe(name)
})

test('any id has a short printable name', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), id => {
      expect(clientName(id)).toMatch(/^[\w ().µ-]{1,64}$/)
    }),
  )
})

test('cleans a name that would hide, wrap or turn the text around it', () => {
  expect(cleanClientName(utf8(' qBit\u202etorrent\u0007\r\n\u2028 5\u200f '))).toBe('qBittorrent 5')
  expect(cleanClientName(utf8('🧊'.repeat(100)))).toBe('🧊'.repeat(64))
  expect(cleanClientName(Uint8Array.of(0x61, 0xff))).toBe('a\ufffd')
})

const vectors = sharedData('vectors/peer-id-clients.json')

test.skipIf(!vectors)('agrees with the shared vectors', () => {
  const { vectors: all } = JSON.parse(readFileSync(vectors!, 'utf8')) as {
    vectors: { peer_id: string; want: string }[]
  }
  // They leave the version of KTorrent open, and how a stranger is called.
  const expected = (want: string) =>
    want.startsWith('unknown') ? 'Unknown' : want === 'KTorrent' ? 'KTorrent 5.2.2' : want
  for (const { peer_id, want } of all) expect(clientName(fromHex(peer_id)!)).toBe(expected(want))
})
