import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, writeU32 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { WireDecoder } from './decoder.ts'
import { parseMessage } from './message.ts'

const hex = (text: string) => fromHex(text.replaceAll(/[^0-9a-f]/g, ''))!

function decode(...chunks: Uint8Array[]) {
  const seen: unknown[] = []
  const slot = new Uint8Array(4)
  const decoder = new WireDecoder(
    {
      placeFor: (_index, begin, length) => (begin + length <= 4 ? slot.subarray(begin, begin + length) : undefined),
      onBlock: (index, begin, length) => seen.push(['block', index, begin, length]),
      onMessage: (id, body) => seen.push([id, toHex(body)]),
      onKeepAlive: () => seen.push('keep-alive'),
    },
    1024,
  )
  for (const chunk of chunks) decoder.push(chunk)
  return { seen, slot }
}

//                   have 42                   keep-alive  block: piece 1, begin 2, two bytes                choke
const stream = hex('00000005 | 04 | 0000002a   00000000    0000000b | 07 | 00000001 | 00000002 | beef   00000001 | 00')

test.each(Array.from({ length: stream.length + 1 }, (_, split) => split))(
  'decodes the same messages when split at byte %i',
  split => {
    expect(decode(stream.subarray(0, split), stream.subarray(split))).toEqual({
      seen: [[4, '0000002a'], 'keep-alive', ['block', 1, 2, 2], [0, '']],
      slot: hex('0000 beef'),
    })
  },
)

test('says nothing about a message of which a byte is missing', () => {
  for (let end = 0; end < stream.length; end++) expect(decode(stream.subarray(0, end)).seen.length).toBeLessThan(4)
})

test.each([
  ['announces more than we would ever buffer', '00100000', 'WIRE_MESSAGE_TOO_LONG'],
  ['announces 4 GiB', 'ffffffff', 'WIRE_MESSAGE_TOO_LONG'],
  ['sends a block without its place', '00000003 | 07 0000', 'WIRE_MESSAGE_TOO_SHORT'],
])('blames a peer that %s', (_, bytes, code) => {
  expect(() => decode(hex(bytes))).toThrow(expect.objectContaining({ code, blame: 'peer' }))
})

test('reads past a block that has no place, and an empty one', () => {
  const bytes = hex('0000000b 07 00000001 00000009 beef   00000009 07 00000001 00000000   00000001 01')
  expect(decode(bytes).seen).toEqual([
    ['block', 1, 9, 2],
    ['block', 1, 0, 0],
    [1, ''],
  ])
})

test('asks again with every push where the rest of a block goes', () => {
  const slot = new Uint8Array(4)
  let blocks = 0
  let mayWrite = true
  const decoder = new WireDecoder(
    {
      placeFor: () => (mayWrite ? slot : undefined),
      onBlock: () => blocks++,
      onMessage: () => {},
      onKeepAlive: () => {},
    },
    1024,
  )
  decoder.push(hex('0000000d 07 00000001 00000000 aa'))
  expect(decoder.isInBlock).toBe(true)
  decoder.push(hex('bb'))
  mayWrite = false
  decoder.push(hex('cc'))
  mayWrite = true
  decoder.push(hex('dd'))
  expect({ slot, blocks, isInBlock: decoder.isInBlock }).toEqual({ slot: hex('aabb00dd'), blocks: 1, isInBlock: false })
})

test('tells nothing more once stopped, not even what came in the same read', () => {
  let told = 0
  const decoder: WireDecoder = new WireDecoder(
    {
      placeFor: () => undefined,
      onBlock: () => {},
      onMessage: () => {
        told++
        decoder.stop()
      },
      onKeepAlive: () => {},
    },
    1024,
  )
  decoder.push(hex('00000001 00 00000001 01'))
  expect(told).toBe(1)
})

test('takes a long message in small reads, once the limit allows it', () => {
  const bodies: Uint8Array[] = []
  const decoder = new WireDecoder(
    {
      placeFor: () => undefined,
      onBlock: () => {},
      onMessage: (_id, body) => bodies.push(body.slice()),
      onKeepAlive: () => {},
    },
    100,
  )
  const field = Uint8Array.from({ length: 131_072 }, (_, at) => at)
  const message = new Uint8Array(5 + field.length)
  writeU32(message, 0, field.length + 1)
  message[4] = 5
  message.set(field, 5)
  decoder.setMaxLength(field.length + 1)
  for (let at = 0; at < message.length; at += 1000) decoder.push(message.subarray(at, at + 1000))
  expect(bodies).toEqual([field])
})

const anyMessage = fc.oneof(
  fc.constant(new Uint8Array(4)),
  fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 300 })).map(([id, body]) => {
    const message = new Uint8Array(5 + body.length)
    writeU32(message, 0, 1 + body.length)
    message[4] = id
    message.set(body, 5)
    return message
  }),
)

/** All that can be seen of a decoder, the error at the end included. */
function outcome(chunks: readonly Uint8Array[]) {
  const seen: unknown[] = []
  const place = new Uint8Array(300)
  const decoder = new WireDecoder(
    {
      placeFor: (_index, _begin, length) => place.subarray(0, length),
      onBlock: (index, begin, length) => seen.push([index, begin, toHex(place.subarray(0, length))]),
      onMessage: (id, body) => seen.push([id, toHex(body)]),
      onKeepAlive: () => seen.push('keep-alive'),
    },
    300,
  )
  try {
    for (const chunk of chunks) decoder.push(chunk)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    seen.push(error.code)
  }
  return seen
}

test('however the network cuts a stream, sound or not, the result is the same', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof({ weight: 5, arbitrary: anyMessage }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 9 }) }),
      ),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
      (messages, cuts) => {
        const whole = concat(messages)
        const chunks: Uint8Array[] = []
        for (let at = 0, nth = 0; at < whole.length; nth++) {
          const size = cuts[nth % cuts.length]!
          chunks.push(whole.subarray(at, at + size))
          at += size
        }
        expect(outcome(chunks)).toEqual(outcome([whole]))
      },
    ),
    { numRuns: 2000 },
  )
})

const vectors = sharedData('vectors/peer-wire.json')

test.skipIf(!vectors)('takes every good message of the shared vectors, and never more than the bad ones hold', () => {
  const { good, bad } = JSON.parse(readFileSync(vectors!, 'utf8')) as Record<
    string,
    { id: string; hex: string | null }[]
  >
  for (const vector of [...good!, ...bad!]) {
    if (vector.id.startsWith('hs-') || vector.id.startsWith('handshake') || vector.hex === null) continue
    const whole = fromHex(vector.hex)!
    expect(outcome(Array.from(whole, byte => Uint8Array.of(byte)))).toEqual(outcome([whole]))
  }
  for (const id of ['len-4g', 'len-2g', 'len-1m-unknown']) {
    expect(outcome([fromHex(bad!.find(vector => vector.id === id)!.hex!)!])).toEqual(['WIRE_MESSAGE_TOO_LONG'])
  }
  for (const id of ['have-3-bytes', 'ext-empty']) {
    const bytes = fromHex(bad!.find(vector => vector.id === id)!.hex!)!
    expect(() => parseMessage(bytes[4]!, bytes.subarray(5))).toThrow(
      expect.objectContaining({ code: 'WIRE_MESSAGE_TOO_SHORT', blame: 'peer' }),
    )
  }
})
