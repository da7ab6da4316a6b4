import type { Frame } from '#engine/api/frame.ts'
import type { StatsRow, TorrentRow } from '#engine/api/model.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Session } from '#engine/session/session.ts'
import type { TorrentLike } from '#engine/session/torrent-like.ts'
import { DIRTY } from '#engine/session/dirty.ts'
import type { ClientSeat } from './client-seat.ts'

/** ms between two looks; a look costs a comparison while nothing happened. */
const LOOK_MS = 50
/** ms that a changed row waits at most, when the beat is slower. */
const ROW_MS = 100

/** Turns what changed into frames, one in flight per face, each at its own beat. Sleeps while nobody looks. */
export class Publisher {
  readonly #session: Session
  readonly #clock: Clock
  readonly #seats = new Set<ClientSeat>()
  #timer: Disposable | undefined
  #seen = -1

  constructor(session: Session, clock: Clock) {
    this.#session = session
    this.#clock = clock
  }

  seat(seat: ClientSeat): void {
    this.#seats.add(seat)
  }

  /** A seat came, went, or wants something else. */
  changed(): void {
    for (const seat of this.#seats) if (seat.isClosed) this.#seats.delete(seat)
    const isWatched = [...this.#seats].some(seat => seat.watch.listHz > 0)
    if (isWatched && !this.#timer) this.#look()
    else if (!isWatched) this.close()
  }

  close(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #look(): void {
    this.#timer = this.#clock.after(LOOK_MS, () => this.#look())
    this.#gather()
    const now = this.#clock.now()
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
      for (const [id, bits] of changes.torrents) seat.note(id, bits)
      seat.removed.push(...changes.removed)
      for (const id of changes.removed) seat.changed.delete(id)
      seat.noteNotices(changes.notices)
      seat.settingsChanged ||= changes.settings
    }
  }

  #publish(seat: ClientSeat, now: number, isBeat: boolean): void {
    const { torrents } = this.#session
    const isFull = seat.needsAll
    const rows: TorrentRow[] = []
    const stats: StatsRow[] = []
    const add = (torrent: TorrentLike, bits: number): void => {
      if ((bits & DIRTY.ROW) !== 0) rows.push(torrent.row())
      if ((bits & (DIRTY.STATS | DIRTY.ROW)) !== 0) stats.push(torrent.stats(now))
    }
    if (isFull) for (const torrent of torrents) add(torrent, DIRTY.ROW)
    else {
      for (const [id, bits] of seat.changed) {
        const torrent = torrents.get(id)
        if (torrent) add(torrent, bits)
      }
    }
    const open = seat.detail && torrents.get(seat.detail.id)
    const detail = open ? seat.detail!.take(open, now) : null
    const frame: Omit<Frame, 'seq'> = {
      full: isFull,
      rows,
      stats,
      removed: isFull ? [] : seat.removed,
      session: isBeat || isFull ? this.#session.stats() : null,
      settings: isFull || seat.settingsChanged ? this.#session.settings : null,
      detail,
      notices: seat.notices,
    }
    seat.deliver(frame, now)
  }
}
