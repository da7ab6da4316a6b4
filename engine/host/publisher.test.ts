import { expect, test } from 'vitest'
import type { Frame, Watch } from '#engine/api/frame.ts'
import { memoryTransportPair } from '#engine/api/memory-transport.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import type { StatsRow, TorrentRow } from '#engine/api/model.ts'
import type { Transport } from '#engine/api/transport.ts'
import { SimClock } from '#engine/io/sim/sim-clock.ts'
import { DirtyBoard } from '#engine/session/dirty.ts'
import type { TorrentLike } from '#engine/session/torrent-like.ts'
import { DIRTY } from '#engine/torrent/types.ts'
import { ClientSeat } from './client-seat.ts'
import type { Dispatcher } from './dispatcher.ts'
import { Publisher, type PublishedSession } from './publisher.ts'

const id = (letter: string) => letter.repeat(40)
const LIST: Watch = { listHz: 2, detail: null }

const torrentOf = (letter: string, row: () => TorrentRow = () => ({ id: id(letter) }) as TorrentRow) =>
  ({ id: id(letter), row, stats: () => [id(letter)] as unknown as StatsRow }) as unknown as TorrentLike

/** A publisher before a session that is a table, with the clock in our hand. */
class Stage {
  readonly clock = new SimClock(() => new Promise(resolve => setImmediate(resolve)))
  readonly dirty = new DirtyBoard()
  readonly table = new Map<string, TorrentLike>()
  readonly logged: string[] = []
  readonly publisher: Publisher

  constructor(...letters: string[]) {
    for (const letter of letters) this.table.set(id(letter), torrentOf(letter))
    const { table, dirty } = this
    const session = {
      dirty,
      settings: { limitUp: 1 },
      stats: () => ({ peers: 0 }),
      torrents: { get: (key: string) => table.get(key), [Symbol.iterator]: () => table.values() },
    }
    const log = { write: (_level: string, _area: string, text: string) => void this.logged.push(text) }
    this.publisher = new Publisher(session as unknown as PublishedSession, { clock: this.clock, log })
  }

  face(change = (transport: Transport<Downward, Upward>) => transport) {
    const [near, far] = memoryTransportPair<Upward, Downward>()
    const frames: Frame[] = []
    near.onMessage(message => {
      if (message.type === 'frame') frames.push(message.frame)
    })
    const dispatcher = { call: () => Promise.resolve() } as unknown as Dispatcher
    this.publisher.seat(
      new ClientSeat(change(far), { epoch: 'e', appVersion: '0' }, dispatcher, () => this.publisher.changed()),
    )
    return {
      frames,
      transport: near,
      watch: (watch: Watch) => near.send({ type: 'watch', watch }),
      ack: () => near.send({ type: 'ack', seq: frames.at(-1)!.seq }),
      /** What the frames since the last call say, and acknowledges them. */
      read: () => {
        const seen = frames.splice(0)
        if (seen.length > 0) near.send({ type: 'ack', seq: seen.at(-1)!.seq })
        return seen.map(frame => ({
          full: frame.full,
          rows: frame.rows.map(row => row.id[0]),
          stats: frame.stats.map(([key]) => key[0]),
          removed: frame.removed.map(key => key[0]),
        }))
      },
    }
  }
}

test('whoever begins to watch is told everything at once', async () => {
  const stage = new Stage('a', 'b')
  const face = stage.face()
  face.watch(LIST)
  await stage.clock.advance(60)
  expect(face.frames).toMatchObject([{ seq: 1, full: true, removed: [], settings: { limitUp: 1 }, notices: [] }])
  expect(face.read()).toEqual([{ full: true, rows: ['a', 'b'], stats: ['a', 'b'], removed: [] }])
})

test('the next frame waits until the last was read, and holds what changed meanwhile once', async () => {
  const stage = new Stage('a', 'b')
  const face = stage.face()
  face.watch(LIST)
  await stage.clock.advance(60)
  for (let nth = 0; nth < 50; nth++) {
    stage.dirty.mark(id('a'), DIRTY.STATS)
    await stage.clock.advance(100)
  }
  expect(face.frames).toHaveLength(1)
  face.read()
  await stage.clock.advance(60)
  expect(face.read()).toEqual([{ full: false, rows: [], stats: ['a'], removed: [] }])
})

test('an acknowledgement of what was never sent opens nothing', async () => {
  const stage = new Stage('a')
  const face = stage.face()
  face.transport.send({ type: 'ack', seq: 1_000_000 })
  face.watch(LIST)
  await stage.clock.advance(5_000)
  expect(face.frames).toHaveLength(1)
})

test('numbers wait for the beat, a changed row a tenth of a second, a notice not at all', async () => {
  const stage = new Stage('a')
  const face = stage.face()
  face.watch({ listHz: 0.5, detail: null })
  await stage.clock.advance(60)
  face.read()
  await stage.clock.advance(1)

  stage.dirty.mark(id('a'), DIRTY.STATS)
  await stage.clock.advance(1_000)
  expect(face.read()).toEqual([])
  stage.dirty.mark(id('a'), DIRTY.ROW)
  await stage.clock.advance(100)
  expect(face.read()).toEqual([{ full: false, rows: ['a'], stats: ['a'], removed: [] }])
  stage.dirty.notice({ kind: 'error', id: null, text: 'The disk is full.' })
  await stage.clock.advance(50)
  expect(face.frames.map(frame => frame.notices.length)).toEqual([1])
})

test('a hidden face is told nothing, and everything when it is back', async () => {
  const stage = new Stage('a', 'b')
  const [face, other] = [stage.face(), stage.face()]
  face.watch(LIST)
  other.watch(LIST)
  await stage.clock.advance(60)
  face.read()
  other.read()
  face.watch({ listHz: 0, detail: null })
  await stage.clock.advance(100)
  stage.table.delete(id('b'))
  stage.dirty.remove(id('b'))
  stage.dirty.mark(id('a'), DIRTY.ROW)
  await stage.clock.advance(2_000)
  expect([face.read(), other.read()[0]]).toEqual([[], { full: false, rows: ['a'], stats: ['a'], removed: ['b'] }])
  face.watch(LIST)
  await stage.clock.advance(60)
  expect(face.read()).toEqual([{ full: true, rows: ['a'], stats: ['a'], removed: [] }])
})

test('a torrent that is removed and added again between two frames is there', async () => {
  const stage = new Stage('a')
  const face = stage.face()
  face.watch(LIST)
  await stage.clock.advance(60)
  face.read()
  stage.dirty.remove(id('a'))
  stage.dirty.mark(id('a'), DIRTY.ROW | DIRTY.STATS)
  await stage.clock.advance(1_000)
  expect(face.read()[0]).toEqual({ full: false, rows: ['a'], stats: ['a'], removed: [] })
})

test('one odd torrent never blanks the list', async () => {
  const stage = new Stage('a', 'c')
  stage.table.set(
    id('b'),
    torrentOf('b', () => {
      throw new Error('odd')
    }),
  )
  const face = stage.face()
  face.watch(LIST)
  await stage.clock.advance(60)
  expect(face.read()).toMatchObject([{ rows: ['a', 'c'] }])
  expect(stage.logged[0]).toContain(`${id('b')} cannot be shown: Error: odd`)
})

test('details that are too long for a message cost the face the details, not the list', async () => {
  const stage = new Stage()
  const long = { ...torrentOf('a'), detail: () => ({ magnet: 'x' }) } as unknown as TorrentLike
  stage.table.set(id('a'), long)
  const face = stage.face(transport => ({
    ...transport,
    send: message => {
      if (message.type === 'frame' && message.frame.detail) throw new Error('too long')
      transport.send(message)
    },
  }))
  face.watch({ listHz: 1, detail: { id: id('a'), parts: ['overview'] } })
  await stage.clock.advance(60)
  expect(face.frames).toMatchObject([{ seq: 1, rows: [{ id: id('a') }], detail: null }])
})

test('while nobody looks there is no timer, and after the end nobody starts one', async () => {
  const stage = new Stage('a')
  const face = stage.face()
  await stage.clock.advance(100)
  expect(stage.clock.pending).toBe(0)
  face.watch(LIST)
  await stage.clock.advance(100)
  expect(stage.clock.pending).toBe(1)
  face.transport.close()
  await stage.clock.advance(100)
  expect(stage.clock.pending).toBe(0)
  const late = stage.face()
  stage.publisher.close()
  late.watch(LIST)
  await stage.clock.advance(100)
  expect([stage.clock.pending, late.frames]).toEqual([0, []])
})

test('what is no message of ours ends that connection and no other', async () => {
  const stage = new Stage('a')
  const [bad, good] = [stage.face(), stage.face()]
  let ended = 0
  bad.transport.onClose(() => ended++)
  good.transport.onClose(() => (ended += 10))
  bad.transport.send({ type: 'watch', watch: { listHz: Number.NaN, detail: null } })
  good.watch(LIST)
  await stage.clock.advance(60)
  expect([ended, good.frames.length]).toEqual([1, 1])
})
