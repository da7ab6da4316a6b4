import { expect, test } from 'vitest'
import { rangeWords } from './range-words.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30

test.each([
  [0, 4 * MIB, '0.0–4.0 MiB'],
  [31 * MIB, 33 * MIB, '31.0–33.0 MiB'],
  [4.25 * GIB, 4.28125 * GIB, '4.250–4.281 GiB'],
  [0, 900, '0–900 B'],
  [0, 40 * GIB, '0–40 GiB'],
])('%i to %i is told with the decimals that tell both ends apart', (from, to, words) => {
  expect(rangeWords(from, to).replace('\u00a0', ' ')).toBe(words)
})
