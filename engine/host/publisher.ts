import type { TorrentId } from '#engine/api/ids.ts'
import type { DetailFrame, Frame } from '#engine/api/frame.ts'
import type { StatsRow, TorrentRow } from '#engine/api/model.ts'
import { toEngineError } from '#engine/base/errors.ts'
import type { Io } from '#engine/io/io.ts'
import type { Session } from '#engine/session/session.ts'
import type { TorrentLike } from '#engine/session/torrent-like.ts'
import { DIRTY } from '#engine/session/dirty.ts'
import type { ClientSeat } from './client-seat.ts'

/** ms between two looks; a look costs a comparison while nothing happened. */
const LOOK_MS = 50
/** ms that a changed row waits at most, when the beat is slower. */
const ROW_MS = 100

/** What is told of a session; small enough to fake. */
export type PublishedSession = Pick<Session, 'dirty' | 'settings' | 'stats' | 'finders'> & {
  readonly torrents: Iterable<TorrentLike> & { get(id: TorrentId): TorrentLike | undefined }
}

/** Turns what changed into frames, one in flight per face, each at its own beat. Sleeps while nobody looks. */
export class Publisher {
  readonly #session: PublishedSession
  readonly #io: Pick<Io, 'clock' | 'log'>
  readonly #seats = new Set<ClientSeat>()
  #timer: Disposable | undefined
  #isClosed = false
  #seen = -1

  constructor(session: PublishedSession, io: Pick<Io, 'clock' | 'log'>) {
    this.#session = session
    this.#io = io
  }

  seat(seat: ClientSeat): void {
    this.#seats.add(seat)
  }

  /** A seat came, went, or wants something else. */
  changed(): void {
    for (const seat of this.#seats) if (seat.isClosed) this.#seats.delete(seat)
    const isWatched = [...this.#seats].some(seat => seat.watch.listHz > 0)
    if (isWatched && !this.#timer && !this.#isClosed) this.#look()
    else if (!isWatched) this.#sleep()
  }

  /** Nothing is told any more. */
  close(): void {
    this.#isClosed = true
    this.#sleep()
  }

  #sleep(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #look(): void {
    const { clock } = this.#io
    this.#timer = clock.after(LOOK_MS, () => this.#look())
    this.#gather()
    const now = clock.now()
    for (const seat of this.#seats) {
      if (!seat.isReady) continue
      const wait = now - seat.sentAt
      const isBeat = wait >= 1000 / seat.watch.listHz
      if (!isBeat && !seat.isUrgent && !(wait >= ROW_MS && this.#hasRow(seat))) continue
      this.#publish(seat, now, isBeat)
    }
  }

  #hasRow(seat: ClientSeat): boolean {
    for (const bits of seat.changed.values()) if ((bits & DIRTY.ROW) !== 0) return true
    return false
  }

  /** Hands what changed since the last look to everybody. */
  #gather(): void {
    const { dirty } = this.#session
    if (dirty.count === this.#seen) return
    this.#seen = dirty.count
    const changes = dirty.take()
    for (const seat of this.#seats) {
      // What was removed and added again is both, in this order.
      for (const id of changes.removed) seat.noteRemoved(id)
      for (const [id, bits] of changes.torrents) seat.note(id, bits)
      seat.noteNotices(changes.notices)
      seat.settingsChanged ||= changes.settings
    }
  }

  #publish(seat: ClientSeat, now: number, isBeat: boolean): void {
    const { torrents } = this.#session
    const isFull = seat.needsAll
    const rows: TorrentRow[] = []
    const stats: StatsRow[] = []
    const add = (torrent: TorrentLike, bits: number): void =>
      this.#tryTell(torrent.id, () => {
        if ((bits & DIRTY.ROW) !== 0) rows.push(torrent.row())
        if ((bits & (DIRTY.STATS | DIRTY.ROW)) !== 0) stats.push(torrent.stats(now))
      })
    if (isFull) for (const torrent of torrents) add(torrent, DIRTY.ROW)
    else {
      for (const [id, bits] of seat.changed) {
        const torrent = torrents.get(id)
        if (torrent) add(torrent, bits)
      }
    }
    let detail: DetailFrame | null = null
    const { detail: outbox } = seat
    const open = outbox && torrents.get(outbox.id)
    if (open) this.#tryTell(open.id, () => (detail = outbox.take(open, now, torrent => this.#session.finders(torrent))))
    const frame: Omit<Frame, 'seq'> = {
      full: isFull,
      rows,
      stats,
      // Rows come whole: one that is there again replaces what the face knew.
      removed: isFull ? [] : seat.removed.filter(id => torrents.get(id) === undefined),
      session: isBeat || isFull ? this.#session.stats() : null,
      settings: isFull || seat.settingsChanged ? this.#session.settings : null,
      detail,
      notices: seat.notices,
    }
    seat.deliver(frame, now)
  }
  /** One odd torrent never blanks the list. */
  #tryTell(id: TorrentId, tell: () => void): void {
    try {
      tell()
    } catch (thrown) {
      this.#io.log.write('error', 'host', `${id} cannot be shown: ${toEngineError(thrown).message}`)
    }
  }
}
