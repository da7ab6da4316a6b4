import { expect, test } from 'vitest'
import type { DetailPart } from '#engine/api/frame.ts'
import type { FileStats } from '#engine/api/model.ts'
import type { TorrentLike } from '#engine/session/torrent-like.ts'
import { DIRTY } from '#engine/torrent/types.ts'
import { DetailOutbox } from './detail-outbox.ts'

const ID = 'a'.repeat(40)

/** A torrent whose facts the test sets. */
function open(...parts: DetailPart[]) {
  const facts = {
    files: [] as FileStats[],
    states: new Uint8Array(0),
    availability: Uint8Array.of(1),
    asked: 0,
  }
  const torrent = {
    get metainfo() {
      return facts.files.length > 0 ? { files: { count: facts.files.length } } : null
    },
    fileList: () => facts.files.map(([index]) => ({ index })),
    fileStats: () => facts.files,
    pieceStates: () => facts.states.slice(),
    pieceAvailability: () => facts.availability,
    peerRows: () => [{ key: `${facts.asked++}` }],
    trackerRows: () => [],
    detail: () => ({ id: ID }),
  } as unknown as TorrentLike
  const outbox = new DetailOutbox({ id: ID, parts })
  return { facts, outbox, take: (now: number) => outbox.take(torrent, now, () => []) }
}

test('files: the list once, then only the rows that differ', () => {
  const { facts, outbox, take } = open('files')
  facts.files = [
    [0, 0, 2],
    [1, 5, 2],
  ]
  expect(take(0)).toMatchObject({ fileList: [{ index: 0 }, { index: 1 }], fileStats: facts.files })
  facts.files = [
    [0, 0, 2],
    [1, 9, 2],
  ]
  expect(take(1000)).toBeNull()
  outbox.note(ID, DIRTY.FILES)
  expect(take(1001)).toMatchObject({ fileList: null, fileStats: [[1, 9, 2]] })
  outbox.note(ID, DIRTY.FILES)
  expect(take(1400)).toBeNull()
  expect(take(1600)).toBeNull()
  outbox.note('b'.repeat(40), ~0)
  expect(take(9000)).toBeNull()
})

test('files: the list comes again when a magnet has found its own', () => {
  const { facts, outbox, take } = open('files')
  expect(take(0)).toMatchObject({ fileList: [], fileStats: [] })
  facts.files = [[0, 0, 2]]
  outbox.note(ID, DIRTY.FILES)
  expect(take(600)).toMatchObject({ fileList: [{ index: 0 }], fileStats: [[0, 0, 2]] })
})

test('pieces: the whole map first, then what changed, and the whole again where that is shorter', () => {
  const { facts, outbox, take } = open('pieces')
  facts.states = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0])
  expect(take(0)?.pieces).toEqual({ pieceCount: 8, states: facts.states, changes: [], availability: Uint8Array.of(1) })
  facts.states = Uint8Array.from([0, 3, 0, 0, 0, 0, 0, 1])
  outbox.note(ID, DIRTY.PIECES)
  expect(take(100)?.pieces).toEqual({ pieceCount: 8, states: null, changes: [1, 3, 7, 1], availability: null })
  outbox.note(ID, DIRTY.PIECES)
  expect(take(200)).toBeNull()
  facts.states = Uint8Array.from([3, 3, 3, 3, 3, 3, 3, 3])
  outbox.note(ID, DIRTY.PIECES)
  expect(take(300)?.pieces).toMatchObject({ states: facts.states, changes: [] })
})

test('pieces: availability at most once a second, also while no piece changes', () => {
  const { take } = open('pieces')
  const times = [0, 100, 999, 1000, 1500, 2000]
  expect(times.map(now => take(now)?.pieces?.availability?.length ?? 0)).toEqual([1, 0, 0, 1, 0, 1])
})

test('peers: the whole list, twice a second at most, and only when somebody changed', () => {
  const { outbox, take } = open('peers')
  const dirtyAt = new Set([0, 100, 600])
  const told = [0, 100, 200, 500, 600, 1100, 2000].filter(now => {
    if (dirtyAt.has(now)) outbox.note(ID, DIRTY.PEERS)
    return take(now)?.peers != null
  })
  expect(told).toEqual([0, 500, 1100])
})

test('parts that nobody asked for are not looked up', () => {
  const { facts, take } = open('overview', 'trackers')
  expect(take(0)).toMatchObject({ overview: { id: ID }, trackers: [], peers: null, pieces: null, fileList: null })
  expect([facts.asked, take(500)]).toEqual([0, null])
})

test('the same wish in another order is the same', () => {
  const { outbox } = open('files', 'peers')
  expect(outbox.isSame({ id: ID, parts: ['peers', 'files'] })).toBe(true)
  expect(outbox.isSame({ id: ID, parts: ['peers'] })).toBe(false)
  expect(outbox.isSame({ id: 'b', parts: ['peers', 'files'] })).toBe(false)
})
