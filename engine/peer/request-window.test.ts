import { expect, test } from 'vitest'
import { RequestWindow } from './request-window.ts'

/** A path with a fixed delay and rate: what a window does on it after some virtual seconds. */
function drive(options: { latencyMs: number; blocksPerMs: number; seconds: number; reqq?: number }) {
  const window = new RequestWindow()
  if (options.reqq) window.setMost(options.reqq)
  const queue: number[] = []
  let linkFreeAt = 0
  let arrived = 0
  for (let now = 0; now < options.seconds * 1000; now++) {
    while (queue.length > 0 && queue[0]! <= now) {
      queue.shift()
      window.arrived(now)
      arrived++
    }
    const room = window.room()
    if (room > 0) {
      window.sent(room, now)
      for (let nth = 0; nth < room; nth++) {
        linkFreeAt = Math.max(linkFreeAt, now + options.latencyMs) + 1 / options.blocksPerMs
        queue.push(linkFreeAt)
      }
    }
    if (now % 100 === 0) window.tick(now)
  }
  return { window, perMs: arrived / (options.seconds * 1000) }
}

test('fills a long fat link: 100 ms and 8 blocks per ms need far more than the first window', () => {
  const { perMs, window } = drive({ latencyMs: 100, blocksPerMs: 8, seconds: 10, reqq: 5000 })
  expect(perMs).toBeGreaterThan(7.2)
  expect(window.size).toBeGreaterThan(800)
})

test('keeps about a quarter of a second queued on a slow link, not the whole window', () => {
  const { perMs, window } = drive({ latencyMs: 20, blocksPerMs: 0.1, seconds: 20 })
  expect(perMs).toBeGreaterThan(0.09)
  expect(window.size).toBeLessThan(60)
})

test('never has more in flight than the peer will queue', () => {
  const { window } = drive({ latencyMs: 50, blocksPerMs: 10, seconds: 5, reqq: 250 })
  expect(window.inFlight).toBeLessThanOrEqual(250)
})

test('asks a snubbed peer for one block, and for more as soon as it delivers', () => {
  const window = new RequestWindow()
  window.sent(8, 0)
  expect(window.waitingMs(20_000)).toBe(20_000)
  window.snub()
  expect([window.room(), window.isSnubbed]).toEqual([1, true])
  window.sent(1, 20_000)
  window.arrived(21_000)
  expect([window.isSnubbed, window.room() > 4]).toEqual([false, true])
})

test('asks in batches: nothing until a quarter of the window is free', () => {
  const window = new RequestWindow()
  window.sent(window.room(), 0)
  window.lost(1)
  expect(window.room()).toBe(0)
  window.lost(1)
  expect(window.room()).toBe(2)
})

test('a peer that refuses all it is asked for is treated like a silent one, until it gives', () => {
  const window = new RequestWindow()
  const refusals: boolean[] = []
  for (let nth = 0; nth < 64; nth++) {
    window.sent(1, nth)
    refusals.push(window.rejected())
  }
  expect([refusals.indexOf(true), window.isSnubbed, window.size]).toEqual([63, true, 1])
  window.sent(1, 100)
  window.arrived(150)
  expect(window.isSnubbed).toBe(false)
})

test('refusals between blocks are no offence', () => {
  const window = new RequestWindow()
  for (let nth = 0; nth < 1_000; nth++) {
    window.sent(2, nth)
    expect(window.rejected()).toBe(false)
    window.arrived(nth)
  }
})
