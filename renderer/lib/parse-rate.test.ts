import { expect, test } from 'vitest'
import { parseRate } from './parse-rate.ts'

test.each([
  ['2.5M', 2_621_440],
  ['2,5 MiB/s', 2_621_440],
  ['800K', 819_200],
  ['800', 819_200],
  ['500 b/s', 500],
  ['1 GiB/s', 1_073_741_824],
  ['0', 0],
  ['No limit', 0],
  ['', 0],
  ['fast', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['9999999999999999G', undefined],
])('reads %j as %s bytes per second', (text, expected) => {
  expect(parseRate(text)).toBe(expected)
})
