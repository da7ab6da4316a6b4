import { expect, test } from 'vitest'
import { Throttle } from './throttle.ts'

/** Bytes that come through in `seconds`, asking every 10 ms and spending 16 KiB at a time. */
function through(throttle: Throttle, seconds: number, from = 0): number {
  let spent = 0
  for (let now = from; now < from + seconds * 1000; now += 10) {
    while (throttle.allowance(now) > 0 && spent < 1e9) {
      throttle.spend(16_384)
      spent += 16_384
    }
  }
  return spent
}

test.each([20_000, 100_000, 5_000_000])('%i B/s are %i B/s over ten seconds', rate => {
  const throttle = new Throttle()
  throttle.setRate(rate, 0)
  const first = through(throttle, 10)
  expect(through(throttle, 10, 10_000) / 10 / rate).toBeCloseTo(1, 1)
  expect(first / 10 / rate).toBeLessThan(1.3)
})

test('without a rate everything passes, and nothing is remembered', () => {
  const throttle = new Throttle()
  throttle.spend(1e9)
  expect([throttle.isLimited, throttle.allowance(0)]).toEqual([false, Infinity])
  throttle.setRate(1000, 0)
  expect(throttle.allowance(0)).toBeGreaterThanOrEqual(0)
})

test('a child obeys its own limit and that above it', () => {
  const root = new Throttle()
  const [first, second] = [new Throttle(root), new Throttle(root)]
  root.setRate(100_000, 0)
  first.setRate(20_000, 0)
  first.spend(1_000_000)
  expect([first.allowance(10), second.allowance(10), first.isLimited, second.isLimited]).toEqual([
    expect.any(Number),
    expect.any(Number),
    true,
    true,
  ])
  expect(second.allowance(10)).toBeLessThan(0)
  expect(second.allowance(11_000)).toBeGreaterThan(0)
  expect(first.allowance(11_000)).toBeLessThan(0)
})

test('savings end: a long rest does not become a burst', () => {
  const throttle = new Throttle()
  throttle.setRate(1_000_000, 0)
  expect(throttle.allowance(3_600_000)).toBeLessThanOrEqual(200_000)
  throttle.setRate(200_000, 3_600_000)
  expect(throttle.allowance(3_600_000)).toBeLessThanOrEqual(40_000)
})

test('time that stands still or goes back gives nothing', () => {
  const throttle = new Throttle()
  throttle.setRate(1000, 1000)
  throttle.spend(100_000)
  const before = throttle.allowance(1000)
  expect([throttle.allowance(1000), throttle.allowance(500)]).toEqual([before, before])
})
