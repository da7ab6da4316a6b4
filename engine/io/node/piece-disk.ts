import { existsSync } from 'node:fs'
import { toHex } from '#engine/base/ids.ts'
import type { Log } from '../log.ts'
import type { CheckItem, CheckProgress, FileSet, FileSetLayout, FileSpan, PieceDisk, Slot } from '../piece-disk.ts'
import { checkItems } from './checker.ts'
import { diskFailure } from './disk-error.ts'
import { DiskThread, type DiskJob, type SlotJob } from './disk-thread.ts'
import { NodeFileSet } from './file-set.ts'
import { ReadFiles } from './read-files.ts'
import { SlotPool } from './slot-pool.ts'
import { checkWorkerUrl, diskWorkerUrl } from './worker-url.ts'

const MIB = 1024 * 1024
/** Files looked at, saved or deleted per job, so that a torrent of 100,000 does not hold up the others. */
const FILES_PER_JOB = 2000

export interface PieceDiskOptions {
  /** For slots. */
  readonly cacheMiB: number
  /** Open files of the disk worker. */
  readonly openFiles: number
  readonly log: Log
  /** Another worker in place of our own: tests break it. */
  readonly diskWorker?: URL
}

/**
 * Piece data on real disks. Writing, hashing and looking after files happen in one worker thread, reads for upload in
 * the thread pool, checks in threads of their own; none of it is started before it is needed.
 */
export class NodePieceDisk implements PieceDisk {
  readonly #pool: SlotPool
  readonly #thread: DiskThread
  readonly #reads: ReadFiles
  readonly #checks = new Set<AbortController>()
  #nextSet = 1

  constructor(options: PieceDiskOptions) {
    this.#pool = new SlotPool(options.cacheMiB * MIB, id => this.#thread.forgetSlot(id))
    const url = options.diskWorker ?? diskWorkerUrl()
    this.#thread = new DiskThread(url, options.openFiles, this.#pool, options.log)
    this.#reads = new ReadFiles(Math.ceil(options.openFiles / 4))
  }

  get stats() {
    return { slotBytes: this.#pool.bytes, slotBudget: this.#pool.budget, queuedJobs: this.#thread.queuedJobs }
  }

  register(layout: FileSetLayout): FileSet {
    return new NodeFileSet(this.#nextSet++, layout)
  }

  async unregister(set: FileSet): Promise<void> {
    const own = ownSet(set)
    if (own.isOver) return
    own.isOver = true
    await own.idle()
    this.#reads.forget(own)
    if (this.#thread.isRunning) await this.#thread.run({ kind: 'close', set: own.job })
  }

  acquire(length: number): Slot | undefined {
    return this.#pool.acquire(length)
  }
  release(slot: Slot): void {
    this.#pool.release(slot)
  }
  onRoom(listener: () => void): Disposable {
    return this.#pool.onRoom(listener)
  }

  async verifyAndWrite(
    set: FileSet,
    slot: Slot,
    length: number,
    expected: Uint8Array,
    spans: readonly FileSpan[],
  ): Promise<'ok' | 'mismatch'> {
    const job = { kind: 'verifyAndWrite', expected: toHex(expected) } as const
    return (await this.#write(ownSet(set), slot, length, spans, job)) as 'ok' | 'mismatch'
  }

  async write(set: FileSet, slot: Slot, length: number, spans: readonly FileSpan[]): Promise<void> {
    await this.#write(ownSet(set), slot, length, spans, { kind: 'write' })
  }

  async verify(set: FileSet, expected: Uint8Array, spans: readonly FileSpan[]): Promise<'ok' | 'mismatch'> {
    const own = ownSet(set)
    const job = { kind: 'verify', expected: toHex(expected), spans: spans.map(span => own.spanAt(span)) } as const
    return (await this.#run(own, { ...job, set: own.job })) as 'ok' | 'mismatch'
  }

  async read(set: FileSet, spans: readonly FileSpan[]): Promise<Uint8Array> {
    const own = ownSet(set)
    const placed = spans.map(span => own.spanAt(span))
    return await own.during(() => this.#reads.read(own, placed))
  }

  async check(
    set: FileSet,
    items: Iterable<CheckItem>,
    onResult: (results: readonly CheckProgress[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const own = ownSet(set)
    if (!existsSync(own.layout.root)) {
      if (!own.job.mayCreateRoot) throw diskFailure('ROOT_MISSING', 'use', own.layout.root, 'disk')
      signal.throwIfAborted()
      onResult(Array.from(items, ({ piece }) => ({ piece, ok: false })))
      return
    }
    const stop = new AbortController()
    const onAbort = () => stop.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    this.#checks.add(stop)
    try {
      // Somebody is downloading: one core is theirs.
      const spare = this.#pool.usedCount > 0 ? 1 : 0
      await own.during(() => checkItems(checkWorkerUrl(), own, items, onResult, spare, stop.signal))
    } finally {
      this.#checks.delete(stop)
      signal.removeEventListener('abort', onAbort)
    }
  }

  async sync(set: FileSet, files: Iterable<number>): Promise<void> {
    const own = ownSet(set)
    // What no worker has written needs no saving.
    if (!this.#thread.isRunning) return
    for (const some of inParts(own, files)) await this.#run(own, { kind: 'sync', set: own.job, files: some })
  }

  async stamps(set: FileSet): Promise<readonly ({ size: number; mtimeMs: number } | undefined)[]> {
    const own = ownSet(set)
    const stamps: ({ size: number; mtimeMs: number } | undefined)[] = []
    for (const some of inParts(own, own.layout.paths.keys())) {
      const found = (await this.#run(own, { kind: 'stamps', set: own.job, files: some })) as Float64Array
      for (let at = 0; at < found.length; at += 2) {
        stamps.push(found[at]! < 0 ? undefined : { size: found[at]!, mtimeMs: found[at + 1]! })
      }
    }
    return stamps
  }

  async touch(set: FileSet, file: number): Promise<void> {
    const own = ownSet(set)
    await this.#run(own, { kind: 'touch', set: own.job, at: own.fileAt(file) })
    own.hasWritten = true
  }

  async copy(set: FileSet, from: FileSpan, to: FileSpan): Promise<void> {
    const own = ownSet(set)
    await this.#run(own, { kind: 'copy', set: own.job, from: own.spanAt(from), to: own.spanAt(to) })
    own.hasWritten = true
  }

  async deleteFiles(set: FileSet, files: Iterable<number>, topFolder: string) {
    const own = ownSet(set)
    this.#reads.forget(own)
    const all = Array.from(files, file => own.fileAt(file))
    const answer = await this.#run(own, { kind: 'delete', set: own.job, files: all, topFolder })
    return answer as { deleted: number; missing: number; kept: readonly string[] }
  }

  /** Ends the threads. Jobs under way fail. */
  async close(): Promise<void> {
    for (const check of this.#checks) check.abort()
    this.#reads.forgetAll()
    await this.#thread.close()
  }

  async #run(own: NodeFileSet, job: DiskJob): Promise<unknown> {
    return await own.during(() => this.#thread.run(job))
  }

  async #write(
    own: NodeFileSet,
    slot: Slot,
    length: number,
    spans: readonly FileSpan[],
    job: { kind: 'write' } | { kind: 'verifyAndWrite'; expected: string },
  ): Promise<unknown> {
    const whole: SlotJob = { ...job, set: own.job, length, spans: spans.map(span => own.spanAt(span)) }
    const result = await own.during(() => this.#thread.runOnSlot(slot, whole))
    if (result !== 'mismatch') own.hasWritten = true
    return result
  }
}

/** Every set comes from `register` above. */
const ownSet = (set: FileSet): NodeFileSet => set as NodeFileSet

function* inParts(own: NodeFileSet, files: Iterable<number>) {
  let part = []
  for (const file of files) {
    part.push(own.fileAt(file))
    if (part.length < FILES_PER_JOB) continue
    yield part
    part = []
  }
  if (part.length > 0) yield part
}
