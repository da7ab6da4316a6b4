import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { type BencodeValue, decode, decodePrefix } from './decode.ts'
import { type Encodable, encode, RawBencode } from './encode.ts'
import { readDict, readDictPrefix } from './reader.ts'

type Described = { int: string } | { str: string } | { list: Described[] } | { dict: [string, Described][] }
interface Vectors {
  valid: { id: string; hex: string; value: Described }[]
  invalid: { id: string; hex?: string; build?: string; repeat?: { len: number; sha256: string } }[]
  lenient: { id: string; hex: string }[]
}

const path = sharedData('vectors/bencode.json')
const vectors: Vectors = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as Vectors)
  : { valid: [], invalid: [], lenient: [] }

function described(value: BencodeValue): Described {
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) }
  if (value instanceof Uint8Array) return { str: toHex(value) }
  if (Array.isArray(value)) return { list: value.map(described) }
  return {
    dict: Array.from(
      value,
      ([key, item]) => [Buffer.from(key, 'latin1').toString('hex'), described(item)] as const,
    ).map(pair => [...pair]),
  }
}

/** `'l' x 50000 + 'e' x 50000`, as the vectors write it. */
const built = (rule: string) =>
  utf8(
    Array.from(rule.matchAll(/'([^']*)'(?: x (\d+))?/g), ([, text = '', count = '1']) =>
      text.repeat(Number(count)),
    ).join(''),
  )

test.skipIf(!path).each(vectors.valid)('reads and writes back $id', ({ hex, value }) => {
  const bytes = fromHex(hex)!
  expect(described(decode(bytes, { sorted: true }))).toEqual(value)
  expect(encode(decode(bytes))).toEqual(bytes)
})

test.skipIf(!path).each(vectors.invalid)('refuses $id', ({ hex, build, repeat }) => {
  const bytes = hex === undefined ? built(build!) : fromHex(hex)!
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(sha256).toBe(repeat?.sha256 ?? sha256)
  const code = expect.stringMatching(/^BENCODE_(SYNTAX|LIMIT)$/) as string
  expect(() => decode(bytes)).toThrow(
    expect.objectContaining({ code, blame: 'input', offset: expect.any(Number) as number }),
  )
})

// Integers are not bounded by BEP 3; what reads them as numbers refuses them.
const isInteger = ({ id }: { id: string }) => id.startsWith('int-')

test.skipIf(!path).each(vectors.lenient.filter(isInteger))('keeps every digit of $id', ({ hex }) => {
  expect(encode(decode(fromHex(hex)!))).toEqual(fromHex(hex))
})

test.skipIf(!path).each(vectors.lenient.filter(entry => !isInteger(entry)))('is strict about $id', ({ hex }) => {
  const bytes = fromHex(hex)!
  expect(() => decode(bytes, { sorted: true })).toThrow(expect.objectContaining({ code: 'BENCODE_SYNTAX' }))
})

test.each([
  ['5:spam', 0],
  ['d1:a', 4],
  ['li1ei02ee', 4],
  ['d1:ai1e1:ai2ee', 7],
  ['d1:bi1e1:ai1e1:bi2ee', 13],
  ['i1ei2e', 3],
])('says at which byte %s goes wrong', (text, offset) => {
  expect(() => decode(utf8(text))).toThrow(expect.objectContaining({ code: 'BENCODE_SYNTAX', offset }))
})

test('takes keys in any order, unless asked not to', () => {
  expect(decode(utf8('d1:bi1e1:ai2ee'))).toEqual(
    new Map([
      ['b', 1],
      ['a', 2],
    ]),
  )
  expect(() => decode(utf8('d1:bi1e1:ai2ee'), { sorted: true })).toThrow(
    expect.objectContaining({ code: 'BENCODE_SYNTAX' }),
  )
})

test('stops at its limits', () => {
  expect(() => decode(utf8('lllleeee'), { depth: 3 })).toThrow(
    expect.objectContaining({ code: 'BENCODE_LIMIT', offset: 3 }),
  )
  expect(() => decode(utf8('li1ei2ei3ee'), { tokens: 3 })).toThrow(
    expect.objectContaining({ code: 'BENCODE_LIMIT', offset: 7 }),
  )
  expect(decode(utf8('llleee'), { depth: 3, tokens: 3 })).toEqual([[[]]])
})

const whole = utf8('d1:ad1:bi-7ee4:listli1e3:fooe1:zi99999999999999999999ee')

test.each(Array.from({ length: whole.length }, (_, length) => length))('refuses what is cut after byte %i', length => {
  expect(() => decode(whole.subarray(0, length))).toThrow(expect.objectContaining({ code: 'BENCODE_SYNTAX' }))
})

test('leaves what follows the value to the caller', () => {
  const message = utf8('d8:msg_typei1e5:piecei0eePAYLOAD')
  const { value, end } = decodePrefix(message)
  expect(value).toEqual(
    new Map([
      ['msg_type', 1],
      ['piece', 0],
    ]),
  )
  expect(message.subarray(end)).toEqual(utf8('PAYLOAD'))
  expect(readDictPrefix(message).dict.int('piece')).toBe(0)
})

test('reads typed values, and odd ones as absent', () => {
  const dict = readDict(
    utf8('d9:__proto__4:evil3:bigi9007199254740993e4:dictd1:ki1ee4:listli1e1:ade1:xe3:numi-5e4:text2:hie'),
  )
  expect(dict.text('__proto__')).toBe('evil')
  expect(dict.optionalText('toString')).toBeUndefined()
  expect(dict.int('num')).toBe(-5)
  expect(dict.optionalInt('big')).toBeUndefined()
  expect(dict.optionalInt('text')).toBeUndefined()
  expect(dict.optionalBytes('num')).toBeUndefined()
  expect(dict.optionalDict('list')).toBeUndefined()
  expect(dict.dict('dict').int('k')).toBe(1)
  expect(dict.list('list').length).toBe(4)
  expect(dict.list('list').strings()).toEqual([utf8('a'), utf8('x')])
  expect(dict.list('list').dicts()).toHaveLength(1)
  expect(dict.span('list')).toEqual(utf8('li1e1:ade1:xe'))
  expect(dict.span('none')).toBeUndefined()
  expect(Array.from(dict.entries(), ({ key }) => Buffer.from(key).toString())).toEqual([
    '__proto__',
    'big',
    'dict',
    'list',
    'num',
    'text',
  ])
  for (const read of [
    () => dict.bytes('none'),
    () => dict.text('num'),
    () => dict.int('big'),
    () => dict.list('dict'),
    () => dict.dict('list'),
  ]) {
    expect(read).toThrow(expect.objectContaining({ code: 'BENCODE_SYNTAX', offset: 0 }))
  }
})

test('tells keys apart that end alike', () => {
  const dict = readDict(utf8('d3:a:bi1e1:bi2e4:utf8i3ee'))
  expect([dict.int('b'), dict.int('a:b'), dict.has('f8')]).toEqual([2, 1, false])
})

test('writes keys in byte order and leaves out what is undefined', () => {
  const value = { zz: 1, a: [1, -2n, 'é'], b: undefined, '\xff': utf8('x'), raw: new RawBencode(utf8('de')) }
  expect(Buffer.from(encode(value)).toString('latin1')).toBe('d1:ali1ei-2e2:\xc3\xa9e3:rawde2:zzi1e1:\xff1:xe')
  expect(() => encode(1.5)).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
  expect(() => encode({ '€': 1 })).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
})

const latin1Key = fc.uint8Array({ maxLength: 6 }).map(bytes => Buffer.from(bytes).toString('latin1'))
const { anything } = fc.letrec<{ anything: Encodable }>(tie => ({
  anything: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).filter(value => !Number.isSafeInteger(Number(value))),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('anything'), { maxLength: 5 }),
    fc
      .uniqueArray(fc.tuple(latin1Key, tie('anything')), { maxLength: 5, selector: ([key]) => key })
      .map(entries => new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))),
  ),
}))

test('gives back every value that it wrote', () => {
  fc.assert(
    fc.property(anything, value => {
      expect(decode(encode(value), { sorted: true })).toEqual(value)
    }),
    { numRuns: 1000 },
  )
})

const soup = fc
  .array(fc.constantFrom('d', 'l', 'e', 'i', '1', '0', '-', ':', '1:a', '2:bc', 'i7e', 'de', 'le', '99:', '\xff'), {
    maxLength: 60,
  })
  .map(parts => Buffer.from(parts.join(''), 'latin1'))

/** What came back out, or the code of the error. */
function roundTrip(bytes: Uint8Array): Uint8Array | string {
  try {
    return encode(decode(bytes, { sorted: true }))
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error)
  }
}

test('answers any bytes with a value or one of two errors, and a value is the bytes it came from', () => {
  fc.assert(
    fc.property(fc.oneof(soup, fc.uint8Array({ maxLength: 80 })), bytes => {
      expect([Uint8Array.from(bytes), 'BENCODE_SYNTAX', 'BENCODE_LIMIT']).toContainEqual(roundTrip(bytes))
    }),
    { numRuns: 1000 },
  )
})

test('reads a million values in well under a second', () => {
  const bytes = utf8(`l${'i0e'.repeat(1_000_000)}e`)
  const start = performance.now()
  expect((decode(bytes) as BencodeValue[]).length).toBe(1_000_000)
  expect(performance.now() - start).toBeLessThan(2000) // generous: the machine may be busy
})
