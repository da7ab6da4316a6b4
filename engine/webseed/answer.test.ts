import { expect, test } from 'vitest'
import { EngineError, type ErrorCode } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { judgeAnswer, judgeFailure, mostBytesOf } from './answer.ts'

const part = { url: 'http://h/f', file: 0, from: 10, to: 19, at: 0 }
const LARGE = 10_000_000
const judge = (status: number, length: number, headers: Record<string, string> = {}, fileLength = LARGE) =>
  judgeAnswer({ status, headers, body: new Uint8Array(length), url: '', remoteAddress: '' }, part, fileLength, 0)
const ranged = (range: string, more: Record<string, string> = {}) => ({ 'content-range': range, ...more })

test.each(['bytes 10-19/10000000', 'bytes 10-19/*', ' Bytes 10-19/10000000 '])('%s is what was asked for', range => {
  expect(judge(206, 10, ranged(range))).toMatchObject({ kind: 'bytes', bytes: { length: 10 } })
})

test.each([
  ['', 'no range at all'],
  ['bytes 0-9/10000000', 'other bytes'],
  ['bytes 10-18/10000000', 'fewer bytes'],
  ['bytes 10-19/10000001', 'of another file'],
  ['bytes 10-19', 'half a header'],
  ['items 10-19/10000000', 'another unit'],
  [`bytes 10-19/${'9'.repeat(400)}`, 'an absurd length'],
])('a partial answer with %s is of no use: %s', range => {
  expect(judge(206, 10, ranged(range)).kind).toBe('useless')
})

test('a partial answer that is shorter or longer than it says is tried again later', () => {
  expect(judge(206, 9, ranged('bytes 10-19/*')).kind).toBe('later')
  expect(judge(206, 11, ranged('bytes 10-19/*')).kind).toBe('later')
})

test('compressed bytes are not bytes of the file', () => {
  expect(judge(206, 10, ranged('bytes 10-19/*', { 'content-encoding': 'gzip' })).kind).toBe('useless')
  expect(judge(206, 10, ranged('bytes 10-19/*', { 'content-encoding': 'identity' })).kind).toBe('bytes')
})

test('a whole file is taken when it is small or was wanted whole, and has its length', () => {
  expect(judge(200, 1000, {}, 1000)).toMatchObject({ kind: 'bytes', bytes: { length: 10 } })
  expect(judge(200, 999, {}, 1000).kind).toBe('useless')
  expect(judge(200, 10).kind).toBe('useless')
  const whole = { ...part, from: 0, to: LARGE - 1 }
  const response = { status: 200, headers: {}, body: new Uint8Array(LARGE), url: '', remoteAddress: '' }
  expect(judgeAnswer(response, whole, LARGE, 0).kind).toBe('bytes')
})

test.each([
  [404, 'missing'],
  [403, 'missing'],
  [410, 'missing'],
  [416, 'useless'],
  [304, 'useless'],
  [204, 'useless'],
  [500, 'later'],
  [503, 'later'],
  [429, 'later'],
])('HTTP status %i is %s', (status, kind) => {
  expect(judge(status, 0).kind).toBe(kind)
})

test('a server says when to come back', () => {
  expect(judge(503, 0, { 'retry-after': '120' })).toMatchObject({ retryInMs: 120_000 })
  expect(judge(429, 0, { 'retry-after': 'Thu, 01 Jan 1970 00:01:00 GMT' })).toMatchObject({ retryInMs: 60_000 })
  expect(judge(503, 0, { 'retry-after': 'soon' })).toMatchObject({ retryInMs: undefined })
})

test.each<[ErrorCode, string]>([
  ['ADDRESS_FORBIDDEN', 'useless'],
  ['HTTP_REDIRECT', 'useless'],
  ['HTTP_TOO_LARGE', 'useless'],
  ['INVALID_INPUT', 'useless'],
  ['HTTP_TIMEOUT', 'later'],
  ['DNS_FAILED', 'later'],
  ['CONNECT_FAILED', 'later'],
  ['HTTP_FAILED', 'later'],
])('%s makes a web seed %s', (code, kind) => {
  expect(judgeFailure(new EngineError(code, 'network', 'x')).kind).toBe(kind)
})

test('no answer may be much larger than what was asked for', () => {
  expect(mostBytesOf(part, LARGE)).toBe(LIMITS.webSeed.errorPageBytes)
  expect(mostBytesOf(part, 900_000)).toBe(900_000)
  expect(mostBytesOf({ ...part, to: 4_000_000 }, LARGE)).toBe(3_999_991)
})
