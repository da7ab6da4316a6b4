import type { TorrentId } from '#engine/api/ids.ts'
import { concat, latin1 } from '#engine/base/bytes.ts'
import type { Files } from '#engine/io/files.ts'
import { Journal } from './journal.ts'
import { applyRecord, type StateModel } from './model.ts'
import { encodeRecord, type StateRecord, type StoredTorrent } from './records.ts'
import {
  generationsIn,
  isWholeSnapshot,
  journalPath,
  readState,
  replay,
  snapshotPath,
  writeSnapshot,
  type Replay,
} from './snapshot.ts'

/** A journal this much longer than what it started from is worth a snapshot. Bytes. */
const COMPACT_AT = 4 * 1024 * 1024

/**
 * The list of torrents on disk. What `append` has settled survives any crash; a damaged file costs what was damaged
 * and nothing else. The previous generation is kept, and nothing unreadable is thrown away.
 */
export class StateStore {
  readonly #files: Files
  readonly #folder: string
  readonly #model: StateModel = new Map()
  #generation = 1
  #journal: Journal | undefined
  #compactAt = COMPACT_AT
  #last: Promise<void> = Promise.resolve()

  private constructor(files: Files, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  /**
   * @param folder absolute; made when missing. The caller holds its lock.
   * @returns the store and sentences for people about what could not be read
   */
  static async open(files: Files, folder: string): Promise<{ store: StateStore; problems: readonly string[] }> {
    const store = new StateStore(files, folder)
    await files.makeFolder(folder)
    return { store, problems: await store.#load() }
  }

  /** In queue order. */
  get torrents(): ReadonlyMap<TorrentId, StoredTorrent> {
    return this.#model
  }

  /** Durable when settled. @throws EngineError DISK_*: then nothing of it is remembered */
  append(records: readonly StateRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve()
    return this.#inOrder(async () => {
      await this.#journal?.append(records.map(encodeRecord))
      for (const record of records) applyRecord(this.#model, record)
      if ((this.#journal?.size ?? 0) > this.#compactAt) await this.#tryCompact()
    })
  }

  /** Everything into a fresh snapshot. */
  compact(): Promise<void> {
    return this.#inOrder(() => this.#compact())
  }

  close(): Promise<void> {
    return this.#inOrder(async () => {
      await this.#journal?.close()
      this.#journal = undefined
    })
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  async #tryCompact(): Promise<void> {
    try {
      await this.#compact()
    } catch {
      // What was appended is safe where it is; a longer journal costs nothing but time at the next start.
      this.#compactAt = (this.#journal?.size ?? 0) + COMPACT_AT
    }
  }

  async #compact(): Promise<void> {
    const next = this.#generation + 1
    await writeSnapshot(this.#files, this.#folder, next, this.#model)
    const journal = await Journal.open(this.#files, journalPath(this.#folder, next), 0)
    await this.#journal?.close()
    this.#journal = journal
    this.#generation = next
    const bytes = (await this.#files.stat(snapshotPath(this.#folder, next)))?.size ?? 0
    this.#compactAt = Math.max(COMPACT_AT, bytes)
    for (const old of await generationsIn(this.#files, this.#folder)) {
      if (old >= next - 1) continue
      await this.#files.remove(snapshotPath(this.#folder, old))
      await this.#files.remove(journalPath(this.#folder, old))
    }
  }

  async #load(): Promise<string[]> {
    const problems: string[] = []
    const generations = await generationsIn(this.#files, this.#folder)
    const newest = generations.at(-1) ?? 1
    this.#generation = newest
    const from = await this.#loadSnapshot(generations, problems)
    let keep = 0
    let isDamaged = problems.length > 0
    for (const generation of generations.filter(one => one >= from)) {
      const bytes = await readState(this.#files, journalPath(this.#folder, generation))
      if (!bytes) continue
      const result = replay(this.#model, bytes)
      if (generation === newest) keep = result.reading.end
      if (await this.#setAside(generation, bytes, result, problems)) isDamaged = true
    }
    this.#journal = await Journal.open(this.#files, journalPath(this.#folder, newest), keep)
    // Behind damage everything starts from a whole snapshot again.
    if (isDamaged) await this.#tryCompact()
    return problems
  }

  /** @returns the generation whose journal comes next */
  async #loadSnapshot(generations: readonly number[], problems: string[]): Promise<number> {
    const candidates: { generation: number; model: StateModel; missing: number }[] = []
    for (const generation of generations.slice(-2).reverse()) {
      const path = snapshotPath(this.#folder, generation)
      const bytes = await readState(this.#files, path)
      const model: StateModel = new Map()
      if (!bytes) {
        // The first generation has no snapshot: it starts from nothing.
        if (generation === 1) candidates.push({ generation, model, missing: 0 })
        continue
      }
      const result = replay(model, bytes)
      if (isWholeSnapshot(bytes, result)) {
        candidates.push({ generation, model, missing: 0 })
        break
      }
      await this.#files.rename(path, `${path}.damaged`)
      candidates.push({ generation, model, missing: Math.max(1, result.missing) })
    }
    const whole = candidates.find(candidate => candidate.missing === 0)
    const chosen = whole ?? candidates[0]
    if (!chosen) return generations[0] ?? 1
    for (const [id, torrent] of chosen.model) this.#model.set(id, torrent)
    const newest = candidates[0]!
    if (newest.missing > 0) {
      problems.push(
        whole
          ? 'The saved list of torrents was damaged. An earlier copy and the record of what happened since were used instead.'
          : `The saved list of torrents was damaged: ${newest.missing} could not be read. The damaged file was kept.`,
      )
    }
    return chosen.generation
  }

  /** Keeps a copy of what could not be understood. @returns whether there was such a thing */
  async #setAside(generation: number, bytes: Uint8Array, result: Replay, problems: string[]): Promise<boolean> {
    const { damaged, end, tailIsOdd } = result.reading
    const parts = tailIsOdd ? [...damaged, bytes.subarray(end)] : damaged
    if (parts.length === 0 && result.unknown === 0) return false
    const copy = parts.length === 0 ? bytes : concat(parts)
    await this.#files.writeAtomic(`${this.#folder}/set-aside-${generation}`, copy)
    this.#distrust(parts)
    problems.push(
      'Part of the record of recent changes could not be read. It was set aside; everything else was loaded.',
    )
    return true
  }

  /**
   * A lost record may have taken a claim back, so torrents that it could have been about check their data again:
   * those it still names, or all when it names none.
   */
  #distrust(damaged: readonly Uint8Array[]): void {
    for (const part of damaged) {
      const named = (latin1(part).match(/[0-9a-f]{64}|[0-9a-f]{40}/g) ?? []).filter(id => this.#model.has(id))
      for (const id of named.length > 0 ? named : [...this.#model.keys()]) {
        const torrent = this.#model.get(id)!
        if (torrent.resume) this.#model.set(id, { ...torrent, resume: { ...torrent.resume, stamps: null } })
      }
    }
  }
}
