import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes } from '#engine/base/ids.ts'
import {
  NO_FILE,
  type CheckItem,
  type CheckProgress,
  type FileSet,
  type FileSetLayout,
  type FileSpan,
  type PieceDisk,
  type Slot,
} from '../piece-disk.ts'
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
    return this.#job(() => this.#read(set, spans))
  }

  async check(
    set: FileSet,
    items: Iterable<CheckItem>,
    onResult: (results: readonly CheckProgress[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const refuseAborted = () => {
      if (signal.aborted) throw new EngineError('ABORTED', 'input', 'the check was cancelled')
    }
    for (const item of items) {
      refuseAborted()
      const verdict = await this.#job(() => this.#verdict(set, item.expected, item.spans))
      refuseAborted()
      onResult([{ piece: item.piece, ok: verdict === 'ok' }])
    }
    refuseAborted()
  }

  sync(set: FileSet, files: Iterable<number>): Promise<void> {
    return this.#job(() => {
      if (this.#volume.syncFault) throw this.#volume.syncFault
      for (const file of files) this.#volume.sync(this.#path(set, file))
    })
  }

  stamps(set: FileSet): Promise<readonly ({ size: number; mtimeMs: number } | undefined)[]> {
    return this.#job(() => {
      this.#requireRoot(set)
      return this.#layout(set).paths.map((_, file) => {
        const found = this.#volume.files.get(this.#path(set, file))
        return found && { size: found.bytes.length, mtimeMs: found.mtimeMs }
      })
    })
  }

  touch(set: FileSet, file: number): Promise<void> {
    return this.#job(() => {
      this.#requireRoot(set)
      const path = this.#path(set, file)
      if (!this.#volume.files.has(path)) this.#volume.write(path, 0, new Uint8Array(0))
    })
  }

  copy(set: FileSet, from: FileSpan, to: FileSpan): Promise<void> {
    return this.#job(() => this.#write(set, this.#read(set, [from]), [to]))
  }

  deleteFiles(
    set: FileSet,
    files: Iterable<number>,
    topFolder: string,
  ): Promise<{ deleted: number; missing: number; kept: readonly string[] }> {
    return this.#job(() => {
      const { root, paths } = this.#layout(set)
      const folders = new Set<string>()
      let deleted = 0
      let missing = 0
      for (const file of files) {
        if (this.#volume.files.delete(this.#path(set, file))) deleted++
        else missing++
        for (const folder of foldersWithin(topFolder, paths[file]!)) folders.add(folder)
      }
      const deepestFirst = [...folders].sort((a, b) => b.split('/').length - a.split('/').length)
      return { deleted, missing, kept: deepestFirst.filter(folder => !this.#volume.removeFolder(`${root}/${folder}`)) }
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

  #requireRoot(set: FileSet): void {
    const { mayCreateRoot, root } = this.#layout(set)
    if (mayCreateRoot || this.#volume.hasFolder(root)) return
    throw new EngineError('DISK_MISSING', 'disk', `${root} is gone: is its drive connected?`)
  }

  #write(set: FileSet, bytes: Uint8Array, spans: readonly FileSpan[]): void {
    this.#requireRoot(set)
    let at = 0
    for (const { file, offset, length } of spans) {
      if (file !== NO_FILE) this.#volume.write(this.#path(set, file), offset, bytes.subarray(at, at + length))
      at += length
    }
  }

  #read(set: FileSet, spans: readonly FileSpan[]): Uint8Array {
    this.#requireRoot(set)
    if (this.#volume.readFault) throw this.#volume.readFault
    const whole = new Uint8Array(spans.reduce((sum, span) => sum + span.length, 0))
    let at = 0
    for (const { file, offset, length } of spans) {
      if (file !== NO_FILE) {
        const path = this.#path(set, file)
        const found = this.#volume.files.get(path)
        if (!found) throw new EngineError('DISK_MISSING', 'disk', `${path} is gone: check the torrent again.`)
        const part = found.bytes.subarray(offset, offset + length)
        if (part.length !== length)
          throw new EngineError('DISK_CHANGED', 'disk', `${path} is shorter than it was: check the torrent again.`)
        whole.set(part, at)
      }
      at += length
    }
    return whole
  }

  /** Missing bytes are a mismatch; a missing root is no answer at all. */
  #verdict(set: FileSet, expected: Uint8Array, spans: readonly FileSpan[]): 'ok' | 'mismatch' {
    this.#requireRoot(set)
    try {
      return sameBytes(this.#hashes.sha1(this.#read(set, spans)), expected) ? 'ok' : 'mismatch'
    } catch (thrown) {
      const error = toEngineError(thrown)
      if (error.code === 'DISK_MISSING' || error.code === 'DISK_CHANGED') return 'mismatch'
      throw error
    }
  }
}

/** The folders of a file, from its own up to and including `topFolder`; none for a file outside of it. */
function foldersWithin(topFolder: string, path: string): string[] {
  const folders: string[] = []
  if (topFolder === '' || !path.startsWith(`${topFolder}/`)) return folders
  for (let cut = path.lastIndexOf('/'); cut >= topFolder.length; cut = path.lastIndexOf('/', cut - 1)) {
    folders.push(path.slice(0, cut))
  }
  return folders
}
