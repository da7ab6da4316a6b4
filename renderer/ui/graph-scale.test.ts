import { expect, test } from 'vitest'
import { rateScale, roundUp, timeTicks } from './graph-scale.ts'

const KiB = 1024
const MiB = 1024 * KiB
const labels = (rates: number[]) => {
  const scale = rateScale(rates)
  return `${scale.ticks.map(tick => tick.label).join(' ')} ${scale.unit}`
}

test.each([
  [[9.1 * MiB], '0 5 10 MiB/s'],
  [[210 * KiB], '0 250 500 KiB/s'],
  [[1.5 * KiB], '0 1 2 KiB/s'],
  [[700 * KiB], '0 0.5 1 MiB/s'],
  [[900 * MiB], '0 0.5 1 GiB/s'],
  [[2 * MiB], '0 1 2 MiB/s'],
  [[], '0 0.5 1 KiB/s'],
  [[Number.NaN, 0], '0 0.5 1 KiB/s'],
])('an axis is labelled 1-2-5 in a unit that suits it', (rates, expected) => {
  expect(labels(rates)).toBe(expected)
})

test('one burst leaves the axis instead of flattening the rest, and is named', () => {
  const rates = [...Array.from({ length: 60 }, () => 900 * KiB), 80 * MiB]
  expect(rateScale(rates)).toMatchObject({ top: 2 * MiB, peak: 80 * MiB })
  expect(rateScale([1 * MiB, 80 * MiB])).toMatchObject({ top: 100 * MiB, peak: undefined })
})

test('rounds up to 1, 2 or 5 times a power of ten', () => {
  expect([0.3, 1, 1.1, 2, 4.9, 5.1, 20, 21].map(roundUp)).toEqual([0.5, 1, 2, 2, 5, 10, 20, 50])
})

test('time is told in words, and never in more words than fit', () => {
  const words = (span: number, most: number) => timeTicks(span, most).map(tick => tick.label)
  expect(words(600, 6)).toEqual(['10 min', '8 min', '6 min', '4 min', '2 min', 'now'])
  expect(words(600, 3)).toEqual(['10 min', '5 min', 'now'])
  expect(words(60, 4)).toEqual(['1 min', '40 s', '20 s', 'now'])
})
