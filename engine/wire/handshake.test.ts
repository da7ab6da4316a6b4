import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { encodeHandshake, HandshakeReader, parseReserved, reservedBytes } from './handshake.ts'

const infoHash = fromHex('000102030405060708090a0b0c0d0e0f10111213')!
const peerId = utf8('-XX0001-abcdefghijkl')
const all = { extensions: true, fast: true, dht: true, v2: true }
const shake = encodeHandshake({ infoHash, peerId, reserved: reservedBytes({ ...all, v2: false }) })

test('encodes 68 bytes with the bits of what we can do', () => {
  expect(toHex(shake)).toBe(
    `13426974546f7272656e742070726f746f636f6c0000000000100005${toHex(infoHash)}${toHex(peerId)}`,
  )
})

test.each(Array.from({ length: 69 }, (_, split) => split))('reads the same handshake when split at byte %i', split => {
  const reader = new HandshakeReader()
  const stream = Uint8Array.of(...shake, 0, 0, 0, 0)
  const first = reader.push(stream.subarray(0, split))
  const handshake = first ?? reader.push(stream.subarray(split))
  expect(handshake).toEqual({ infoHash, peerId, reserved: fromHex('0000000000100005') })
  expect(reader.rest).toEqual(first ? new Uint8Array(0) : new Uint8Array(4))
})

test('knows the torrent twenty bytes before the end', () => {
  const reader = new HandshakeReader()
  reader.push(shake.subarray(0, 47))
  expect(reader.infoHash).toBeUndefined()
  reader.push(shake.subarray(47, 48))
  expect(reader.infoHash).toEqual(infoHash)
})

test.each([
  ['speaks HTTP', utf8('G')],
  ['announces another protocol name length', Uint8Array.of(255)],
  ['is wrong at the last byte of the name', Uint8Array.of(...shake.subarray(0, 19), 0x58)],
])('refuses at once whoever %s', (_, bytes) => {
  expect(() => new HandshakeReader().push(bytes)).toThrow(
    expect.objectContaining({ code: 'HANDSHAKE_INVALID', blame: 'peer' }),
  )
})

test('reads back the bits it sets', () => {
  expect(parseReserved(reservedBytes(all))).toEqual(all)
  expect(parseReserved(new Uint8Array(8))).toEqual({ extensions: false, fast: false, dht: false, v2: false })
})

/** 'whole', 'more' to come, or the code of the refusal. */
function outcome(bytes: Uint8Array, good: number) {
  const reader = new HandshakeReader()
  reader.push(shake.subarray(0, good))
  try {
    return reader.push(bytes) ? 'whole' : 'more'
  } catch (error) {
    return error instanceof EngineError ? error.code : error
  }
}

test('any bytes are a handshake, the beginning of one, or refused', () => {
  fc.assert(
    fc.property(fc.nat(67), fc.uint8Array({ maxLength: 100 }), (good, bytes) => {
      const fits = good + bytes.length < 68 ? 'more' : 'whole'
      expect(good < 20 ? ['HANDSHAKE_INVALID', fits] : [fits]).toContain(outcome(bytes, good))
    }),
  )
})

const vectors = sharedData('vectors/peer-wire.json')

test.skipIf(!vectors)('takes the good handshakes of the shared vectors and refuses those of other protocols', () => {
  const { good, bad } = JSON.parse(readFileSync(vectors!, 'utf8')) as Record<string, { id: string; hex: string }[]>
  const bytesOf = (id: string) => fromHex([...good!, ...bad!].find(vector => vector.id === id)!.hex)!
  const plain = new HandshakeReader().push(bytesOf('handshake-ext-fast-dht'))!
  expect(parseReserved(plain.reserved)).toEqual({ ...all, v2: false })
  expect(parseReserved(new HandshakeReader().push(bytesOf('handshake-v2bit'))!.reserved)).toEqual(all)
  for (const id of ['hs-wrong-proto', 'hs-http', 'hs-pstrlen-255']) {
    expect(() => new HandshakeReader().push(bytesOf(id))).toThrow(EngineError)
  }
})
