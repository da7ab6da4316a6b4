import { expect, test } from 'vitest'
import type { Frame } from '#engine/api/frame.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import { allPicked, picked, selectionSlice, type PickMode } from './selection-slice.ts'

const order = ['a', 'b', 'c', 'd']
const { reducer } = selectionSlice

/** Picks one after another; answers the selection, the cursor in brackets. */
function after(...picks: readonly (readonly [id: string, mode: PickMode])[]): string {
  const state = picks.reduce(
    (before, [id, mode]) => reducer(before, picked({ id, mode, order })),
    reducer(undefined, { type: 'start' }),
  )
  return `${state.ids.join('')}[${state.cursor}]`
}

test('a click selects one, Ctrl adds or takes out, Shift reaches from the anchor', () => {
  expect(after(['b', 'only'])).toBe('b[b]')
  expect(after(['b', 'only'], ['d', 'toggle'])).toBe('bd[d]')
  expect(after(['b', 'only'], ['d', 'toggle'], ['b', 'toggle'])).toBe('d[b]')
  expect(after(['b', 'only'], ['d', 'range'])).toBe('bcd[d]')
  expect(after(['b', 'only'], ['d', 'range'], ['a', 'range'])).toBe('ab[a]')
  expect(after(['b', 'only'], ['c', 'move'])).toBe('b[c]')
})

const frame = (over: Partial<Frame>): Frame => ({
  seq: 1,
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

test('what is removed leaves the selection, and an ordinary frame leaves it alone', () => {
  const all = reducer(undefined, allPicked(order))
  expect(reducer(all, frameReceived(frame({})))).toBe(all)
  expect(reducer(all, frameReceived(frame({ removed: ['a', 'c'] })))).toEqual({
    ids: ['b', 'd'],
    cursor: null,
    anchor: null,
  })
  expect(reducer(all, frameReceived(frame({ full: true }))).ids).toEqual([])
})
