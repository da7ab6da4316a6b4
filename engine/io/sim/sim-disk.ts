import { EngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes } from '#engine/base/ids.ts'
import type { CheckItem, CheckProgress, FileSet, FileSetLayout, FileSpan, PieceDisk, Slot } from '../piece-disk.ts'
import type { SimVolume } from './sim-volume.ts'

/** Piece data on a simulated volume: the same promises as the real disk, in virtual time. */
export class SimDisk implements PieceDisk {
  readonly #volume: SimVolume
  readonly #hashes: Hashes
  readonly #sets = new Map<number, FileSetLayout>()
  readonly #rooms = new Set<() => void>()
  readonly #budget: number
  #used = 0
  #ids = 0
  #wasFull = false
  /** Jobs answer in order, like those of one worker. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(volume: SimVolume, hashes: Hashes, slotBudget = 64 * 1024 * 1024) {
    this.#volume = volume
    this.#hashes = hashes
    this.#budget = slotBudget
  }

  get stats(): { slotBytes: number; slotBudget: number; queuedJobs: number } {
    return { slotBytes: this.#used, slotBudget: this.#budget, queuedJobs: 0 }
  }

  register(layout: FileSetLayout): FileSet {
    const set = { id: ++this.#ids }
    this.#sets.set(set.id, layout)
    return set
  }

  async unregister(set: FileSet): Promise<void> {
    await this.#tail
    this.#sets.delete(set.id)
  }

  acquire(length: number): Slot | undefined {
    if (this.#used + length > this.#budget) {
      this.#wasFull = true
      return undefined
    }
    this.#used += length
    return { id: ++this.#ids, bytes: new Uint8Array(length) }
  }

  release(slot: Slot): void {
    this.#used -= slot.bytes.length
    // Whoever still writes into it spoils nothing but this.
    slot.bytes.fill(0xee)
    if (!this.#wasFull) return
    this.#wasFull = false
    for (const listener of this.#rooms) listener()
  }

  onRoom(listener: () => void): Disposable {
    this.#rooms.add(listener)
    return { [Symbol.dispose]: () => void this.#rooms.delete(listener) }
  }

  verifyAndWrite(
    set: FileSet,
    slot: Slot,
    length: number,
    expected: Uint8Array,
    spans: readonly FileSpan[],
  ): Promise<'ok' | 'mismatch'> {
    return this.#job(() => {
      const bytes = slot.bytes.subarray(0, length)
      if (!sameBytes(this.#hashes.sha1(bytes), expected)) return 'mismatch'
      this.#write(set, bytes, spans)
      return 'ok'
    })
  }

  write(set: FileSet, slot: Slot, length: number, spans: readonly FileSpan[]): Promise<void> {
    return this.#job(() => this.#write(set, slot.bytes.subarray(0, length), spans))
  }

  verify(set: FileSet, expected: Uint8Array, spans: readonly FileSpan[]): Promise<'ok' | 'mismatch'> {
    return this.#job(() => this.#verdict(set, expected, spans))
  }

  read(set: FileSet, spans: readonly FileSpan[]): Promise<Uint8Array> {
    return this.#job(() => {
      const bytes = this.#read(set, spans)
      if (!bytes)
        throw new EngineError('DISK_CHANGED', 'disk', 'A file is shorter than it was: check the torrent again.')
      return bytes
    })
  }

  async check(
    set: FileSet,
    items: Iterable<CheckItem>,
    onResult: (results: readonly CheckProgress[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (const item of items) {
      if (signal.aborted) throw new EngineError('ABORTED', 'input', 'the check was cancelled')
      const verdict = await this.#job(() => this.#verdict(set, item.expected, item.spans))
      onResult([{ piece: item.piece, ok: verdict === 'ok' }])
    }
    if (signal.aborted) throw new EngineError('ABORTED', 'input', 'the check was cancelled')
  }

  sync(set: FileSet, files: Iterable<number>): Promise<void> {
    return this.#job(() => {
      for (const file of files) this.#volume.sync(this.#path(set, file))
    })
  }

  stamps(set: FileSet): Promise<readonly ({ size: number; mtimeMs: number } | undefined)[]> {
    return this.#job(() =>
      this.#layout(set).paths.map((_, file) => {
        const found = this.#volume.files.get(this.#path(set, file))
        return found && { size: found.bytes.length, mtimeMs: found.mtimeMs }
      }),
    )
  }

  touch(set: FileSet, file: number): Promise<void> {
    return this.#job(() => {
      const path = this.#path(set, file)
      if (!this.#volume.files.has(path)) this.#volume.write(path, 0, new Uint8Array(0))
    })
  }

  copy(set: FileSet, from: FileSpan, to: FileSpan): Promise<void> {
    return this.#job(() => {
      const bytes = this.#read(set, [from])
      if (bytes) this.#write(set, bytes, [to])
    })
  }

  deleteFiles(
    set: FileSet,
    files: Iterable<number>,
  ): Promise<{ deleted: number; missing: number; kept: readonly string[] }> {
    return this.#job(() => {
      let deleted = 0
      let missing = 0
      for (const file of files) {
        if (this.#volume.files.delete(this.#path(set, file))) deleted++
        else missing++
      }
      return { deleted, missing, kept: [] }
    })
  }

  #job<T>(run: () => T): Promise<T> {
    const job = this.#tail.then(async () => {
      await this.#volume.delay()
      return run()
    })
    this.#tail = job.catch(() => {})
    return job
  }

  #layout(set: FileSet): FileSetLayout {
    const layout = this.#sets.get(set.id)
    if (!layout) throw new EngineError('INTERNAL', 'bug', 'a job for files that are not registered')
    return layout
  }

  #path(set: FileSet, file: number): string {
    const layout = this.#layout(set)
    return `${layout.root}/${layout.paths[file]}`
  }

  #write(set: FileSet, bytes: Uint8Array, spans: readonly FileSpan[]): void {
    const { mayCreateRoot, root } = this.#layout(set)
    if (!mayCreateRoot && !this.#volume.hasFolder(root)) {
      throw new EngineError('DISK_MISSING', 'disk', `${root} is gone: is its drive connected?`)
    }
    let at = 0
    for (const span of spans) {
      this.#volume.write(this.#path(set, span.file), span.offset, bytes.subarray(at, at + span.length))
      at += span.length
    }
  }

  #read(set: FileSet, spans: readonly FileSpan[]): Uint8Array | undefined {
    const whole = new Uint8Array(spans.reduce((sum, span) => sum + span.length, 0))
    let at = 0
    for (const span of spans) {
      const part = this.#volume.files
        .get(this.#path(set, span.file))
        ?.bytes.subarray(span.offset, span.offset + span.length)
      if (part?.length !== span.length) return undefined
      whole.set(part, at)
      at += span.length
    }
    return whole
  }

  #verdict(set: FileSet, expected: Uint8Array, spans: readonly FileSpan[]): 'ok' | 'mismatch' {
    const bytes = this.#read(set, spans)
    return bytes && sameBytes(this.#hashes.sha1(bytes), expected) ? 'ok' : 'mismatch'
  }
}
