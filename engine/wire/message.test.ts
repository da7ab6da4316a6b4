import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import * as encoder from './encoder.ts'
import { parseMessage, readPiece, readRequest } from './message.ts'
import type { WireMessage } from './message.ts'

const parse = (message: Uint8Array) => parseMessage(message[4]!, message.subarray(5))

test.each<[Uint8Array, string, WireMessage]>([
  [encoder.CHOKE, '0000000100', { kind: 'choke' }],
  [encoder.UNCHOKE, '0000000101', { kind: 'unchoke' }],
  [encoder.INTERESTED, '0000000102', { kind: 'interested' }],
  [encoder.NOT_INTERESTED, '0000000103', { kind: 'not-interested' }],
  [encoder.encodeHave(5), '000000050400000005', { kind: 'have', piece: 5 }],
  [
    encoder.encodeBitfield(Uint8Array.of(0xff, 0xc0)),
    '0000000305ffc0',
    { kind: 'bitfield', bytes: Uint8Array.of(0xff, 0xc0) },
  ],
  [
    encoder.encodeCancel(1, 16384, 16384),
    '0000000d08000000010000400000004000',
    { kind: 'cancel', piece: 1, begin: 16384, length: 16384 },
  ],
  [encoder.encodePort(6881), '00000003091ae1', { kind: 'port', port: 6881 }],
  [encoder.encodeSuggest(7), '000000050d00000007', { kind: 'suggest', piece: 7 }],
  [encoder.HAVE_ALL, '000000010e', { kind: 'have-all' }],
  [encoder.HAVE_NONE, '000000010f', { kind: 'have-none' }],
  [
    encoder.encodeReject(1, 16384, 16384),
    '0000000d10000000010000400000004000',
    { kind: 'reject', piece: 1, begin: 16384, length: 16384 },
  ],
  [encoder.encodeAllowedFast(3), '000000051100000003', { kind: 'allowed-fast', piece: 3 }],
  [
    encoder.encodeExtended(3, Uint8Array.of(9)),
    '00000003140309',
    { kind: 'extended', id: 3, payload: Uint8Array.of(9) },
  ],
])('%# what is encoded is what the protocol says and what is parsed', (message, expected, meaning) => {
  expect(toHex(message)).toBe(expected)
  expect(parse(message)).toEqual(meaning)
})

test('writes many requests as one array, the last block of the torrent short', () => {
  const blocks = { length: 2, piece: () => 7, block: (i: number) => i + 1 }
  const sizes = { blockSize: (_piece: number, block: number) => (block === 2 ? 5 : 16384) }
  expect(toHex(encoder.encodeRequests(blocks, sizes))).toBe(
    '0000000d060000000700004000000040000000000d06000000070000800000000005',
  )
})

test('writes the head of a block, the payload counted in its length', () => {
  expect(toHex(encoder.pieceHeader(1, 16384, 4))).toBe('0000000d070000000100004000')
})

test('gives a hash request back as a reject', () => {
  const range = { piecesRoot: new Uint8Array(32).fill(1), baseLayer: 0, index: 512, length: 8, proofLayers: 3 }
  expect(parse(encoder.encodeHashReject(range))).toEqual({ kind: 'hash-reject', ...range })
})

test('takes hashes and the range that they belong to apart', () => {
  const body = new Uint8Array(48 + 64).fill(2, 48)
  body[43] = 2
  expect(parseMessage(22, body)).toMatchObject({ kind: 'hashes', length: 2, hashes: new Uint8Array(64).fill(2) })
  expect(() => parseMessage(22, body.subarray(1))).toThrow(expect.objectContaining({ code: 'WIRE_PROTOCOL' }))
})

test('calls what it does not know unknown', () => {
  expect(parseMessage(250, Uint8Array.of(1, 2))).toEqual({ kind: 'unknown', id: 250 })
})

test('reads a request into an object that is used again', () => {
  const into = { piece: 0, begin: 0, length: 0 }
  readRequest(encoder.encodeCancel(9, 32768, 100).subarray(5), into)
  expect(into).toEqual({ piece: 9, begin: 32768, length: 100 })
  expect(readPiece(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toBe(4_294_967_295)
})

test('any bytes are a message or the peer is to blame', () => {
  const outcome = (id: number, body: Uint8Array) => {
    try {
      return typeof parseMessage(id, body).kind
    } catch (error) {
      return error instanceof EngineError ? error.blame : error
    }
  }
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), fc.uint8Array({ maxLength: 120 }), (id, body) => {
      expect(['string', 'peer']).toContain(outcome(id, body))
    }),
    { numRuns: 2000 },
  )
})

const vectors = sharedData('vectors/peer-wire.json')

test.skipIf(!vectors)('knows every good message of the shared vectors', () => {
  const { good } = JSON.parse(readFileSync(vectors!, 'utf8')) as { good: { id: string; hex: string }[] }
  for (const { id, hex } of good) {
    if (id.startsWith('handshake') || id === 'keepalive' || id === 'piece-4') continue
    const { kind } = parse(fromHex(hex)!)
    expect(id).toContain(kind)
  }
})
