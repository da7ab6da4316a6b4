import { expect, test } from 'vitest'
import { claimed, divideClaims, isSameStamp } from './quick-check.ts'

test('claimed pieces of changed files are doubtful, the others trusted', () => {
  const claims = claimed(Uint8Array.of(0b11110000), 8)
  const { trusted, doubtful } = divideClaims(claims, [{ first: 3, last: 6 }, undefined, { first: 0, last: 0 }])
  expect([...trusted.indices()]).toEqual([1, 2])
  expect(doubtful).toEqual([0, 3])
})

test('a bitfield of another length claims nothing, and spare bits are no pieces', () => {
  expect(claimed(new Uint8Array(2).fill(255), 8).count).toBe(0)
  expect(claimed(Uint8Array.of(255), 3).count).toBe(3)
})

test('a file that is missing, or was, is never the same', () => {
  const stamp = { size: 5, mtimeMs: 1.5 }
  expect(isSameStamp(stamp, { ...stamp })).toBe(true)
  expect(isSameStamp(stamp, { size: 5, mtimeMs: 2 })).toBe(false)
  expect(isSameStamp(undefined, undefined)).toBe(false)
})
