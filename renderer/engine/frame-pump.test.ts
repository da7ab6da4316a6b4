import { expect, test } from 'vitest'
import type { Frame } from '#engine/api/frame.ts'
import { FramePump, mergeFrames } from './frame-pump.ts'
import { statsReducer } from './stats.ts'
import { frameReceived } from './frame-received.ts'
import { pieceMapOf } from './piece-maps.ts'
import type { StatsRow } from '#engine/api/model.ts'

const stat = (id: string, progress: number): StatsRow => [id, progress, 0, 0, 0, 0, -1, 0, -1, -1, 0, 0, 0, -1]

const frame = (seq: number, over: Partial<Frame> = {}): Frame => ({
  seq,
  full: false,
  rows: [],
  stats: [],
  removed: [],
  session: null,
  settings: null,
  detail: null,
  notices: [],
  ...over,
})

test('two frames before a paint are one dispatch that ends where both would have ended', () => {
  const paints: (() => void)[] = []
  const dispatched: Frame[] = []
  const pump = new FramePump(
    run => paints.push(run),
    merged => dispatched.push(merged),
  )
  const first = frame(1, { stats: [stat('a', 0.1), stat('b', 0.1)] })
  const second = frame(2, { stats: [stat('a', 0.2)], removed: ['b'] })
  pump.receive(first)
  pump.receive(second)
  expect(paints).toHaveLength(1)
  paints[0]?.()
  expect(dispatched).toHaveLength(1)
  const apart = [first, second].reduce((state, one) => statsReducer(state, frameReceived(one)), {})
  const together = statsReducer({}, frameReceived(dispatched[0] ?? first))
  expect(together).toEqual(apart)
  expect(together).toEqual({ a: stat('a', 0.2) })
})

test('a full frame makes what came before it worthless, but not its notices', () => {
  const notice = { kind: 'finished', id: 'a', text: 'Done' } as const
  const merged = mergeFrames(
    frame(1, { stats: [stat('a', 0.1)], notices: [notice] }),
    frame(2, { full: true, stats: [stat('c', 0.5)] }),
  )
  expect(merged).toMatchObject({ full: true, stats: [stat('c', 0.5)], notices: [notice] })
})

test('piece maps are applied on arrival and kept out of the dispatch', () => {
  const dispatched: Frame[] = []
  const pump = new FramePump(
    run => run(),
    light => dispatched.push(light),
  )
  const detail = { id: 'a', overview: null, fileList: null, fileStats: [], peers: null, trackers: null, finders: null }
  const pieces = { pieceCount: 3, states: Uint8Array.of(0, 0, 0), changes: [], availability: null }
  pump.receive(frame(1, { detail: { ...detail, pieces } }))
  pump.receive(frame(2, { detail: { ...detail, pieces: { ...pieces, states: null, changes: [1, 3, 99, 3] } } }))
  expect(dispatched.map(one => one.detail?.pieces)).toEqual([null, null])
  expect(pieceMapOf('a')).toMatchObject({ version: 2, changed: [1, 99] })
  expect([...(pieceMapOf('a')?.states ?? [])]).toEqual([0, 3, 0])
})
