import type { TorrentId } from '#engine/api/ids.ts'
import { toEngineError, type EngineError } from '#engine/base/errors.ts'
import type { TorrentResume } from '#engine/torrent/types.ts'
import type { Counters, StateRecord } from './state/records.ts'
import type { StateStore } from './state/state-store.ts'

/** Torrents gather claims for two seconds by themselves; those of many torrents share one sync. Ms. */
const CLAIM_MS = 250
const COUNTERS_MS = 30_000
/** After a failure (a full disk, mostly). */
const RETRY_MS = 5_000

export interface RecorderHost {
  /** `undefined` when the torrent is gone. */
  resumeOf(id: TorrentId): TorrentResume | undefined
  pieceCountOf(id: TorrentId): number
  onFailure(error: EngineError): void
}

/** Writes down what torrents achieved, in batches. What a user asked for does not wait: that is `write`. */
export class Recorder {
  readonly #store: StateStore
  readonly #host: RecorderHost
  readonly #claims = new Map<TorrentId, Set<number>>()
  readonly #resumes = new Set<TorrentId>()
  readonly #counters = new Set<TorrentId>()
  /** By kind and torrent: said again before it is written, it is one record. */
  readonly #notes = new Map<string, StateRecord & { readonly id: TorrentId }>()
  /** Work that must be on disk before anything is claimed for this torrent. */
  readonly #holds = new Map<TorrentId, Promise<unknown>>()
  #claimsSince = Infinity
  #countersAt = 0
  #retryAt = 0
  #flushing: Promise<void> | undefined
  #hasFailed = false

  constructor(store: StateStore, host: RecorderHost) {
    this.#store = store
    this.#host = host
  }

  /** Pieces that are verified and synced. */
  claim(id: TorrentId, pieces: readonly number[], now: number): void {
    const claims = this.#claims.get(id) ?? new Set()
    for (const piece of pieces) claims.add(piece)
    this.#claims.set(id, claims)
    this.#claimsSince = Math.min(this.#claimsSince, now)
  }

  /** Something of `toResume` changed. */
  markResume(id: TorrentId, now: number): void {
    this.#resumes.add(id)
    this.#claimsSince = Math.min(this.#claimsSince, now)
  }

  /** Goes with the next tick. */
  note(record: StateRecord & { readonly id: TorrentId }): void {
    this.#notes.set(`${record.kind} ${record.id}`, record)
    this.#claimsSince = -Infinity
  }

  markCounters(id: TorrentId): void {
    this.#counters.add(id)
  }

  /** Nothing is claimed for this torrent until `work` has settled; if it fails, nothing is claimed at all. */
  hold(id: TorrentId, work: Promise<unknown>): void {
    this.#holds.set(id, work)
    const done = () => {
      if (this.#holds.get(id) === work) this.#holds.delete(id)
    }
    work.then(done, () => {})
  }

  forget(id: TorrentId): void {
    this.#claims.delete(id)
    this.#resumes.delete(id)
    this.#counters.delete(id)
    this.#holds.delete(id)
    for (const [key, note] of this.#notes) if (note.id === id) this.#notes.delete(key)
  }

  tick(now: number): void {
    if (this.#flushing || now < this.#retryAt) return
    const areCountersDue = now - this.#countersAt >= COUNTERS_MS && this.#counters.size > 0
    if (now - this.#claimsSince < CLAIM_MS && !areCountersDue) return
    this.#flushing = this.#flush(now, areCountersDue)
      .catch((thrown: unknown) => {
        this.#retryAt = now + RETRY_MS
        // One word per trouble, not one per attempt.
        if (!this.#hasFailed) this.#host.onFailure(toEngineError(thrown))
        this.#hasFailed = true
      })
      .finally(() => (this.#flushing = undefined))
  }

  /** Everything, at once: at the end. @throws EngineError DISK_* */
  async finish(now: number): Promise<void> {
    await Promise.allSettled([this.#flushing, ...this.#holds.values()])
    await this.#flush(now, true)
  }

  async #flush(now: number, withCounters: boolean): Promise<void> {
    const since = this.#claimsSince
    this.#claimsSince = Infinity
    const claims = new Map([...this.#claims].filter(([id]) => !this.#holds.has(id)))
    const resumes = [...this.#resumes].filter(id => !this.#holds.has(id))
    const counters = withCounters ? [...this.#counters] : []
    const notes = [...this.#notes]
    this.#notes.clear()
    for (const id of claims.keys()) this.#claims.delete(id)
    for (const id of resumes) this.#resumes.delete(id)
    if (withCounters) this.#counters.clear()
    try {
      await this.#store.append([...notes.map(([, note]) => note), ...this.#recordsOf(claims, resumes, counters)])
    } catch (thrown) {
      for (const [key, note] of notes) if (!this.#notes.has(key)) this.#notes.set(key, note)
      for (const [id, pieces] of claims) this.claim(id, [...pieces], since)
      for (const id of resumes) this.#resumes.add(id)
      this.#claimsSince = Math.min(this.#claimsSince, since)
      for (const id of counters) this.#counters.add(id)
      throw thrown
    }
    this.#hasFailed = false
    if (withCounters) this.#countersAt = now
    // What was held back, or came meanwhile.
    if (this.#claims.size + this.#resumes.size > 0) this.#claimsSince = Math.min(this.#claimsSince, now)
  }

  #recordsOf(
    claims: ReadonlyMap<TorrentId, ReadonlySet<number>>,
    resumes: readonly TorrentId[],
    counters: readonly TorrentId[],
  ): StateRecord[] {
    const records: StateRecord[] = []
    for (const [id, pieces] of claims) {
      records.push({ kind: 'pieces', id, pieceCount: this.#host.pieceCountOf(id), pieces: [...pieces] })
    }
    for (const id of resumes) {
      const resume = this.#host.resumeOf(id)
      if (resume) records.push({ kind: 'resume', id, resume })
    }
    for (const id of counters) {
      const resume = resumes.includes(id) ? undefined : this.#host.resumeOf(id)
      if (resume) records.push({ kind: 'counters', id, counters: countersOf(resume) })
    }
    return records
  }
}

const countersOf = (resume: TorrentResume): Counters => ({
  downloaded: resume.downloaded,
  uploaded: resume.uploaded,
  corrupt: resume.corrupt,
  redundant: resume.redundant,
  activeSeconds: resume.activeSeconds,
  seedingSeconds: resume.seedingSeconds,
  completedAt: resume.completedAt,
  peers: resume.peers,
})
