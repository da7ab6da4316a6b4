import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, utf8 } from '#engine/base/bytes.ts'
import { fromHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { encodeDontHave, parseDontHave } from './dont-have.ts'
import {
  encodeMetadataData,
  encodeMetadataReject,
  encodeMetadataRequest,
  METADATA_PART,
  parseMetadataMessage,
} from './ut-metadata.ts'

test('speaks as the examples of BEP 9 do', () => {
  expect(encodeMetadataRequest(0)).toEqual(utf8('d8:msg_typei0e5:piecei0ee'))
  expect(encodeMetadataReject(0)).toEqual(utf8('d8:msg_typei2e5:piecei0ee'))
  expect(encodeMetadataData(0, 34_256)).toEqual(utf8('d8:msg_typei1e5:piecei0e10:total_sizei34256ee'))
  expect(parseMetadataMessage(encodeMetadataRequest(3))).toEqual({ kind: 'request', part: 3 })
  expect(parseMetadataMessage(encodeMetadataReject(3))).toEqual({ kind: 'reject', part: 3 })
})

test('takes the payload behind the dictionary, when it is as long as that part must be', () => {
  const part = (size: number, nth: number, length: number) =>
    parseMetadataMessage(concat([encodeMetadataData(nth, size), new Uint8Array(length)]))
  expect(part(20_000, 0, METADATA_PART)).toMatchObject({ kind: 'data', part: 0, totalSize: 20_000 })
  expect(part(20_000, 1, 3_616)).toMatchObject({ kind: 'data', part: 1, payload: new Uint8Array(3_616) })
  expect(part(20_000, 1, 3_615)).toEqual({ kind: 'unknown' })
  expect(part(20_000, 2, 1)).toEqual({ kind: 'unknown' })
  expect(part(2 ** 40, 0, METADATA_PART)).toEqual({ kind: 'unknown' })
})

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      for (const head of ['', 'd8:msg_typei1e', 'd8:msg_typei1e5:piecei']) {
        expect(parseMetadataMessage(concat([utf8(head), bytes]))).toHaveProperty('kind')
      }
    }),
  )
})

test('withdraws a piece in four bytes (BEP 54)', () => {
  expect(parseDontHave(encodeDontHave(70_000))).toBe(70_000)
  expect(parseDontHave(new Uint8Array(5))).toBeUndefined()
})

const vectors = sharedData('vectors/extensions.json')

test.skipIf(!vectors)('answers the shared vectors', () => {
  type Vectors = {
    good: { id: string; hex: string }[]
    bad: { id: string; hex: string | null; head: string; len: number }[]
  }
  const { good, bad } = JSON.parse(readFileSync(vectors!, 'utf8')) as Vectors
  const kinds = good
    .filter(({ id }) => id.startsWith('md-'))
    .map(({ id, hex }) => [id, parseMetadataMessage(fromHex(hex)!).kind])
  // The example of BEP 9 for data shows the dictionary only.
  expect(kinds).toEqual([
    ['md-request', 'request'],
    ['md-data-head', 'unknown'],
    ['md-reject', 'reject'],
  ])
  for (const { id, hex, head, len } of bad) {
    if (!id.startsWith('md-')) continue
    const bytes = hex === null ? concat([fromHex(head)!, new Uint8Array(len - head.length / 2)]) : fromHex(hex)!
    const isPlausible = id === 'md-data-unasked' || id === 'md-bad-hash' // only who asked, and the hash, can tell
    expect([id, parseMetadataMessage(bytes).kind]).toEqual([id, isPlausible ? 'data' : 'unknown'])
  }
})
