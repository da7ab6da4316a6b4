import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from './codec.ts'
import { ApiError } from './failures.ts'

const text = (json: string, ...parts: number[]) => {
  const head = new TextEncoder().encode(json)
  const bytes = new Uint8Array(4 + head.length + parts.length)
  new DataView(bytes.buffer).setUint32(0, head.length)
  bytes.set(head, 4)
  bytes.set(parts, 4 + head.length)
  return bytes
}

test('bytes inside a message cross as they are', () => {
  const message = {
    type: 'call',
    input: { source: { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) }, list: [Uint8Array.of(9)] },
  }
  const bytes = encodeMessage(message)
  expect(decodeMessage(bytes)).toEqual(message)
  expect(Array.from(bytes.subarray(-4))).toEqual([1, 2, 3, 9])
})

test('encoding leaves the message as it was', () => {
  const message = { a: { bytes: Uint8Array.of(1) } }
  encodeMessage(message)
  expect(message).toEqual({ a: { bytes: Uint8Array.of(1) } })
})

test('a message cut at any byte is refused', () => {
  const bytes = encodeMessage({ a: [Uint8Array.of(1, 2), 'x'], b: Uint8Array.of(3) })
  for (let end = 0; end < bytes.length; end++) {
    expect(() => decodeMessage(bytes.subarray(0, end)), `cut at ${end}`).toThrow(ApiError)
  }
})

test.each([
  ['a head that is no list', text('{}')],
  ['a head length beyond the end', Uint8Array.of(255, 255, 255, 255)],
  ['a part beyond the end', text('[[null],[[[0],5]]]', 1)],
  ['a negative part', text('[[null],[[[0],-1]]]')],
  ['a part for a place that is taken', text('[[1],[[[0],1]]]', 1)],
  ['a part for a place that does not exist', text('[{},[[["a"],1]]]', 1)],
  ['a part inside another part', text('[null,[[[],1],[["length"],1]]]', 1, 1)],
  ['a part on the way to a prototype', text('[{},[[["__proto__","x"],1]]]', 1)],
  ['a part inside an inherited thing', text('[{},[[["constructor","name"],1]]]', 1)],
  ['a prototype as a key', text('[{"__proto__":{"admin":true}},[]]')],
  ['a prototype as a key in disguise', text('[{"\\u005f_proto__":{"admin":true}},[]]')],
  ['bytes that belong to nothing', text('[1,[]]', 7)],
  ['a million levels', text(`[${'['.repeat(1e6)}${']'.repeat(1e6)},[]]`)],
  ['no UTF-8', Uint8Array.of(0, 0, 0, 1, 0xff)],
])('refuses %s', (_, bytes) => {
  expect(() => decodeMessage(bytes)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
})

const leaf = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 20 }),
)
const key = fc.string().filter(name => name !== '__proto__')
const { message } = fc.letrec(tie => ({
  message: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc.array(tie('message'), { maxLength: 4 }),
    fc.dictionary(key, tie('message'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

test('what is encoded is decoded, whatever it is', () => {
  fc.assert(
    fc.property(message, value => {
      expect(decodeMessage(encodeMessage(value))).toEqual(value)
    }),
  )
})

function outcomeOf(bytes: Uint8Array): string {
  try {
    decodeMessage(bytes)
    return 'a value'
  } catch (thrown) {
    return thrown instanceof ApiError ? 'an ApiError' : String(thrown)
  }
}

test('any bytes give a value or an ApiError', () => {
  const damaged = fc.tuple(message, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([value, at, byte]) => {
    const bytes = encodeMessage(value)
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), bytes => {
      expect(['a value', 'an ApiError']).toContain(outcomeOf(bytes))
    }),
  )
})
