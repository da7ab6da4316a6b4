import { expect, test } from 'vitest'
import type { DetailFrame, Frame } from '#engine/api/frame.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import { filesReducer, priorityChosen, priorityRefused, type FilesState } from './files-slice.ts'

const frame = (detail: Partial<DetailFrame>): ReturnType<typeof frameReceived> => {
  const blank = {
    id: 't',
    overview: null,
    fileList: null,
    fileStats: [],
    peers: null,
    trackers: null,
    finders: null,
    pieces: null,
  }
  return frameReceived({ full: false, detail: { ...blank, ...detail } } as unknown as Frame)
}
// Index 1 is padding and not listed.
const list = [0, 2].map(index => ({ index, path: `f${index}`, length: 10, firstPiece: 0, lastPiece: 0 }))
const after = (...actions: Parameters<typeof filesReducer>[1][]) => actions.reduce<FilesState>(filesReducer, null)
const first = frame({ fileList: list, fileStats: [[2, 4, 1]] })

test('figures find their file by index, whatever is not listed', () => {
  expect(after(first)).toMatchObject({ done: [0, 4], priorities: [2, 1] })
})

test('a choice is pending until a frame confirms it, and not before', () => {
  const choice = priorityChosen({ id: 't', files: [2], priority: 0 })
  const pending = (...more: Parameters<typeof filesReducer>[1][]) => [...(after(first, choice, ...more)?.pending ?? [])]
  expect(pending()).toEqual([[2, 0]])
  expect(pending(frame({ fileStats: [[2, 5, 1]] }))).toEqual([[2, 0]])
  expect(pending(frame({ fileStats: [[2, 5, 0]] }))).toEqual([])
  expect(pending(priorityRefused({ id: 't', files: [2], priority: 0 }))).toEqual([])
})

test('another torrent begins anew', () => {
  expect(after(first, frame({ id: 'u', fileList: [list[0]!] }))).toMatchObject({ id: 'u', done: [0], priorities: [2] })
})
