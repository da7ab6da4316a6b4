import { expect, test } from 'vitest'
import type { StatsRow } from '#engine/api/model.ts'
import { SpeedHistory } from './speed-history.ts'

const stats = (down: number, up = 0): Record<string, StatsRow> => ({
  t: ['t', 0, 0, down, up, 0, 0, 0, 0, -1, 0, 0, 0, -1],
})

test('keeps one value a second, and a late sample fills the second that was missed', () => {
  const history = new SpeedHistory()
  history.record(1000, stats(10))
  history.record(1001, stats(20))
  history.record(1003, stats(40, 5))
  expect(history.read('t', 4)).toEqual({ down: [Number.NaN, 10, 20, 40, 40], up: [Number.NaN, 0, 0, 5, 5] })
})

test('what happened while the window was hidden is unknown, not zero', () => {
  const history = new SpeedHistory()
  history.record(1000, stats(10))
  history.record(1010, stats(20))
  const { down } = history.read('t', 11)
  expect(down).toEqual([Number.NaN, 10, ...Array.from({ length: 9 }, () => Number.NaN), 20])
})

test('a torrent that starts to move stood still before, as long as somebody looked', () => {
  const history = new SpeedHistory()
  history.record(1000, stats(0))
  history.record(1001, stats(0))
  expect(history.read('t', 1).down).toEqual([0, 0])
  history.record(1002, stats(7))
  expect(history.read('t', 3).down).toEqual([Number.NaN, 0, 0, 7])
})

test('ten minutes later nothing older is left', () => {
  const history = new SpeedHistory()
  for (let second = 0; second <= 700; second++) history.record(second, stats(second + 1))
  const { down } = history.read('t', 600)
  expect([down.length, down[0], down[600]]).toEqual([601, 101, 701])
})

test('with more moving torrents than tracks, those that are drawn stay, and one that is looked at gets its own', () => {
  const history = new SpeedHistory()
  const many = Object.fromEntries(
    Array.from({ length: 501 }, (_, place): [string, StatsRow] => {
      const id = `t${place}`
      return [id, [id, 0, 0, 7, 0, 0, 0, 0, 0, -1, 0, 0, 0, -1]]
    }),
  )
  history.record(1000, many)
  history.record(1001, many)
  expect(history.read('t0', 1).down).toEqual([7, 7])
  expect(history.read('t500', 1).down).toEqual([Number.NaN, Number.NaN])
  history.record(1002, many)
  expect(history.read('t500', 1).down).toEqual([Number.NaN, 7])
})
