import { RateMeter } from '#engine/base/rate-meter.ts'
import type { TorrentResume } from './types.ts'

/** What was moved and for how long: of all time, and since the current `started` (what trackers are told). */
export class Ledger {
  readonly down = new RateMeter()
  readonly up = new RateMeter()
  downloaded: number
  uploaded: number
  corrupt: number
  redundant: number
  activeSeconds: number
  seedingSeconds: number
  completedAt: number | null
  lastDownAt = 0
  lastMoveAt = 0
  /** Wall clock of the last payload byte; null when there was none in this session. */
  lastActivityWall: number | null = null
  #sessionBase = { downloaded: 0, uploaded: 0, corrupt: 0, redundant: 0 }
  #downNow = 0
  #upNow = 0
  #tickAt = Number.NaN

  constructor(resume: TorrentResume | null) {
    this.downloaded = resume?.downloaded ?? 0
    this.uploaded = resume?.uploaded ?? 0
    this.corrupt = resume?.corrupt ?? 0
    this.redundant = resume?.redundant ?? 0
    this.activeSeconds = resume?.activeSeconds ?? 0
    this.seedingSeconds = resume?.seedingSeconds ?? 0
    this.completedAt = resume?.completedAt ?? null
    this.begin(0)
  }

  /** The torrent starts: trackers count from here. */
  begin(now: number): void {
    const { downloaded, uploaded, corrupt, redundant } = this
    this.#sessionBase = { downloaded, uploaded, corrupt, redundant }
    this.lastDownAt = now
    this.lastMoveAt = now
    this.#tickAt = Number.NaN
  }

  /** Per block: plain sums; the meters get them once a tick. */
  noteDown(bytes: number): void {
    this.downloaded += bytes
    this.#downNow += bytes
  }
  noteUp(bytes: number): void {
    this.uploaded += bytes
    this.#upNow += bytes
  }

  tick(now: number, wall: number, isSeeding: boolean): void {
    if (this.#downNow > 0) {
      this.down.add(this.#downNow, now)
      this.lastDownAt = now
    }
    if (this.#upNow > 0) this.up.add(this.#upNow, now)
    if (this.#downNow + this.#upNow > 0) {
      this.lastMoveAt = now
      this.lastActivityWall = wall
    }
    this.#downNow = 0
    this.#upNow = 0
    const seconds = Math.max(0, now - this.#tickAt) / 1000
    this.#tickAt = now
    if (!(seconds > 0)) return
    this.activeSeconds += seconds
    if (isSeeding) this.seedingSeconds += seconds
  }

  sinceStart(): { downloaded: number; uploaded: number; corrupt: number; redundant: number } {
    const base = this.#sessionBase
    return {
      downloaded: this.downloaded - base.downloaded,
      uploaded: this.uploaded - base.uploaded,
      corrupt: this.corrupt - base.corrupt,
      redundant: this.redundant - base.redundant,
    }
  }
}
