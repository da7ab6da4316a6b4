import type { TorrentId } from '#engine/api/ids.ts'
import type { Settings } from '#engine/api/settings.ts'
import type { Clock } from '#engine/io/clock.ts'
import { DIRTY } from '#engine/torrent/types.ts'
import type { DirtyBoard } from './dirty.ts'
import type { Discovery } from './discovery.ts'
import { whoMayRun } from './queue.ts'
import type { Reach } from './reach.ts'
import type { Recorder } from './recorder.ts'
import type { Registry } from './registry.ts'
import type { SessionMeter } from './session-meter.ts'
import type { StateStore } from './state/state-store.ts'

const BUSY_TICK_MS = 100
const IDLE_TICK_MS = 1000

export interface SchedulerParts {
  readonly clock: Clock
  readonly torrents: Registry
  readonly store: StateStore
  readonly recorder: Recorder
  readonly meter: SessionMeter
  readonly dirty: DirtyBoard
  readonly discovery: Discovery
  readonly reach: Reach
  readonly settings: () => Settings
  /** On its way out: it runs no more. */
  readonly isLeaving: (id: TorrentId) => boolean
}

/** The one tick of the engine, and the queue's word about who runs. */
export class Scheduler {
  readonly #parts: SchedulerParts
  #timer: Disposable | undefined
  #slowAt = 0
  #isQueueStale = true

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  start(): void {
    this.#onTick()
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  /** Something that the queue looks at changed; the next tick sees to it. */
  queueChanged(): void {
    this.#isQueueStale = true
  }

  /** Like `queueChanged`, and the next tick is at once: a user waits for it. */
  soon(): void {
    this.#isQueueStale = true
    if (!this.#timer) return
    this.#timer[Symbol.dispose]()
    this.#timer = this.#parts.clock.after(0, () => this.#onTick())
  }

  #onTick(): void {
    const { clock, torrents, meter, recorder, discovery, reach } = this.#parts
    const now = clock.now()
    const isSlowDue = now - this.#slowAt >= IDLE_TICK_MS
    if (isSlowDue) this.#slowAt = now
    // Set first: whoever is told something below may ask for the next tick, or for the end of all ticks.
    this.#timer = clock.after(IDLE_TICK_MS, () => this.#onTick())
    let isBusy = false
    for (const torrent of torrents) {
      const { isActive } = torrent
      isBusy ||= isActive
      // Those at rest are looked at too: a disk that was full may have room again.
      if (isActive || isSlowDue) torrent.tick(now)
    }
    if (isSlowDue || this.#isQueueStale) this.#reconsider()
    if (isSlowDue) meter.tick(now)
    if (isSlowDue) reach.tick(now)
    recorder.tick(now)
    discovery.tick(now)
    if (!isBusy || !this.#timer) return
    this.#timer[Symbol.dispose]()
    this.#timer = clock.after(BUSY_TICK_MS, () => this.#onTick())
  }

  /** Who runs and who waits. */
  #reconsider(): void {
    const { torrents, store, recorder, dirty, settings, isLeaving } = this.#parts
    this.#isQueueStale = false
    const may = whoMayRun(torrents, settings().maxActiveDownloads)
    let position = 0
    for (const torrent of torrents) {
      const { id } = torrent
      const place = torrent.isComplete ? 0 : ++position
      if (torrent.queuePosition !== place) {
        torrent.queuePosition = place
        dirty.mark(id, DIRTY.ROW)
      }
      if (isLeaving(id)) continue
      const mayRun = may.has(id)
      const stored = store.torrents.get(id)
      if (mayRun && !torrent.isComplete && stored?.resume?.clean) recorder.note({ kind: 'unclean', id })
      // Some pause by themselves: a check that was called off, a magnet that was only to be looked at.
      const { intent } = torrent
      if (stored && stored.intent !== intent) recorder.note({ kind: 'change', id, changes: { intent } })
      torrent.setMayRun(mayRun)
    }
  }
}
