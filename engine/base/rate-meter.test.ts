import { expect, test } from 'vitest'
import { RateMeter } from './rate-meter.ts'

test('a steady stream reads as its rate', () => {
  const meter = new RateMeter()
  for (let now = 0; now < 10_000; now += 50) meter.add(5_000, now)
  expect(meter.rate(9_999) / 100_000).toBeCloseTo(1, 2)
  expect(meter.total).toBe(1_000_000)
})

test('a young stream is neither slow nor absurd', () => {
  const meter = new RateMeter()
  meter.add(50_000, 0)
  expect(meter.rate(0)).toBe(50_000)
  for (let now = 250; now < 1_000; now += 250) meter.add(50_000, now)
  expect(meter.rate(999)).toBe(200_000)
})

test('five seconds after the end the rate is 0', () => {
  const meter = new RateMeter()
  for (let now = 0; now < 2_000; now += 100) meter.add(1_000, now)
  expect(meter.rate(3_000)).toBeGreaterThan(0)
  expect([meter.rate(7_300), meter.rate(1e9)]).toEqual([0, 0])
})

test('after a pause the past does not count', () => {
  const meter = new RateMeter()
  meter.add(1_000_000, 0)
  meter.add(100, 60_000)
  expect(meter.rate(60_000)).toBe(100)
})

test('nothing yet is 0', () => {
  expect(new RateMeter().rate(5_000)).toBe(0)
})
