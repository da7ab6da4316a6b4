import type { Bitfield } from '#engine/base/bitfield.ts'
import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import {
  NO_FILE,
  type CheckItem,
  type CheckProgress,
  type FileSet,
  type PieceDisk,
  type Slot,
} from '#engine/io/piece-disk.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import type { FileSpans } from '#engine/pieces/file-spans.ts'
import type { Geometry } from '#engine/pieces/geometry.ts'
import { Gate } from './gate.ts'
import { Placement } from './placement.ts'
import { claimed, divideClaims, suspectsOf, type FileStamp, type QuickCheck } from './quick-check.ts'
import type { ReadCache } from './read-cache.ts'

const DIGEST = 20

/**
 * One torrent's data: pieces here, files on the disk. Nothing is opened or made before it is needed.
 * Failures are EngineErrors with blame 'disk' and codes DISK_* or PATH_UNSAFE; v2-only torrents answer UNSUPPORTED.
 */
export class TorrentStore {
  readonly #disk: PieceDisk
  readonly #metainfo: Metainfo
  readonly #geometry: Geometry
  readonly #savePath: string
  readonly #mayCreateRoot: boolean
  readonly #cache: ReadCache
  readonly #cacheId: number
  readonly #placement: Placement
  /** While bytes move between part file and files, nobody else reads or writes. */
  readonly #gate = new Gate()
  /** Written since the last sync. */
  readonly #unsynced = new Set<number>()
  /** Shared pieces that came whole to the disk here, whether or not the caller has heard of it yet. */
  readonly #wholeShared = new Set<number>()
  #syncing: Promise<void> = Promise.resolve()
  /** A part file was seen or used. */
  #hasPartFile = false
  #set: FileSet | undefined

  constructor(options: {
    disk: PieceDisk
    metainfo: Metainfo
    geometry: Geometry
    spans: FileSpans
    savePath: string
    mayCreateRoot: boolean
    /** One byte per file, as `inPartFile` gave it; null when no file was ever skipped. */
    inPartFile: Uint8Array | null
    readCache: ReadCache
  }) {
    this.#disk = options.disk
    this.#metainfo = options.metainfo
    this.#geometry = options.geometry
    this.#savePath = options.savePath
    this.#mayCreateRoot = options.mayCreateRoot
    this.#cache = options.readCache
    this.#cacheId = options.readCache.enrol()
    this.#placement = new Placement(options.metainfo, options.geometry, options.spans, options.inPartFile)
  }

  /** One byte per file: 1 = its bytes in shared pieces live in the part file. To be remembered across restarts. */
  get inPartFile(): Uint8Array {
    return this.#placement.inPartFile
  }

  /** A whole piece in one slot, padding in it as zeros. Written is not yet durable: see `sync`. */
  async verifyAndWrite(piece: number, slot: Slot): Promise<'ok' | 'mismatch'> {
    const expected = this.#expected(piece)
    return await this.#gate.pass(async () => {
      const size = this.#geometry.pieceSize(piece)
      const spans = this.#placement.place(piece, 0, size)
      const verdict = await this.#disk.verifyAndWrite(this.#files, slot, size, expected, spans)
      if (verdict === 'ok') {
        for (const { file } of spans) this.#unsynced.add(file)
        this.#noteWhole(piece)
        this.#forgetCached(piece)
      }
      return verdict
    })
  }

  /** A run of a large piece, not verified by anybody yet: `verify` says what it was worth. */
  async writeRun(piece: number, run: number, slot: Slot): Promise<void> {
    await this.#gate.pass(async () => {
      const length = this.#geometry.runSize(piece, run)
      const spans = this.#placement.place(piece, run * this.#geometry.runLength, length)
      await this.#disk.write(this.#files, slot, length, spans)
      for (const { file } of spans) this.#unsynced.add(file)
      this.#forgetCached(piece)
    })
  }

  /** Reads the piece back: for those that were written run by run. */
  async verify(piece: number): Promise<'ok' | 'mismatch'> {
    const expected = this.#expected(piece)
    return await this.#gate.pass(async () => {
      const spans = this.#placement.place(piece, 0, this.#geometry.pieceSize(piece))
      const verdict = await this.#disk.verify(this.#files, expected, spans)
      if (verdict === 'ok') this.#noteWhole(piece)
      return verdict
    })
  }

  /**
   * Bytes of a piece that we have, for upload. At once when they were read before, else as a promise.
   * The view is shared: never change it.
   * @throws EngineError (by the promise) DISK_CHANGED when a file is shorter than it was
   */
  read(piece: number, begin: number, length: number): Uint8Array | Promise<Uint8Array> {
    const stretch = this.#stretchLength
    const index = Math.floor(begin / stretch)
    const at = begin - index * stretch
    if (at + length > stretch) return this.#readAcross(piece, begin, length)
    const number = this.#firstStretch(piece) + index
    const cached = this.#cache.find(this.#cacheId, number)
    if (cached) return cached.subarray(at, at + length)
    return this.#cache
      .load(this.#cacheId, number, () => this.#readStretch(piece, index * stretch))
      .then(bytes => bytes.subarray(at, at + length))
  }

  /** Hashes what lies on disk, telling results in any order. Creates nothing. @throws EngineError ABORTED too */
  async check(
    pieces: Iterable<number> | 'all',
    onResult: (results: readonly CheckProgress[]) => void,
    signal: AbortSignal,
  ): Promise<void> {
    this.#requireDigests()
    // What was read before may be what the check is about.
    this.#cache.drop(this.#cacheId)
    await this.#adoptMoved()
    await this.#gate.pass(() => this.#disk.check(this.#files, this.#itemsOf(pieces), onResult, signal))
  }

  /** Makes durable what was written before this call; pieces may be claimed after it. */
  sync(): Promise<void> {
    // After the one under way: what that is still saving must not be taken for saved.
    this.#syncing = this.#syncing.then(
      () => this.#syncNow(),
      () => this.#syncNow(),
    )
    return this.#syncing
  }

  /** One per file of the torrent; `undefined` where there is none. */
  async stamps(): Promise<readonly (FileStamp | undefined)[]> {
    return (await this.#allStamps()).slice(0, this.#placement.partFile)
  }

  /**
   * The quick check: which of the claimed pieces lie in files that look as they were left.
   * @param saved one per file, from `stamps` when the claims were made
   */
  async trusted(saved: readonly (FileStamp | undefined)[], have: Uint8Array): Promise<QuickCheck> {
    await this.#adoptMoved()
    const present = await this.#allStamps()
    const claims = claimed(have, this.#geometry.pieceCount)
    return divideClaims(claims, suspectsOf(this.#placement, saved, present))
  }

  /**
   * Follows a change of what is wanted. A file that does not exist and is skipped gets its bytes of shared pieces into
   * the part file; one that is wanted again gets them back. A skipped file that exists stays what it is.
   * @param have the pieces that we have
   */
  async setSkipped(skipped: readonly boolean[], have: Bitfield): Promise<void> {
    const { inPartFile } = this.#placement
    const files = Array.from(inPartFile.keys()).filter(file => this.#placement.rangeOf(file) !== undefined)
    const leaving = files.filter(file => skipped[file] === true && inPartFile[file] === 0)
    const coming = files.filter(file => skipped[file] !== true && inPartFile[file] === 1)
    if (leaving.length === 0 && coming.length === 0) return
    await this.#gate.alone(async () => {
      if (leaving.length > 0) {
        const present = await this.#disk.stamps(this.#files)
        for (const file of leaving) if (present[file] === undefined) inPartFile[file] = 1
      }
      this.#hasPartFile ||= this.#placement.usesPartFile
      for (const file of coming) await this.#bringBack(file, have)
    })
  }

  /** Empty files have no piece that would bring them. */
  async createEmptyFiles(skipped: readonly boolean[]): Promise<void> {
    const { lengths, count } = this.#metainfo.files
    for (let file = 0; file < count; file++) {
      if (lengths[file] === 0 && skipped[file] !== true && this.#placement.isReal(file)) {
        await this.#disk.touch(this.#files, file)
      }
    }
  }

  /** Whether any file of the torrent exists. @throws EngineError DISK_MISSING when the folder is gone and may not be made */
  async hasAnyData(): Promise<boolean> {
    const present = await this.#allStamps()
    return present.some((stamp, file) => stamp !== undefined && this.#isData(file))
  }

  /** Deletes the torrent's files and the folders that are empty then. `kept`: relative paths of what stayed. */
  async deleteData(): Promise<{ deleted: number; missing: number; kept: readonly string[] }> {
    this.#cache.drop(this.#cacheId)
    return await this.#gate.alone(async () => {
      await this.#disk.deleteFiles(this.#files, [this.#placement.partFile], '')
      const files = Array.from({ length: this.#placement.partFile }, (_, file) => file)
      const real = files.filter(file => this.#placement.isReal(file))
      this.#unsynced.clear()
      return await this.#disk.deleteFiles(this.#files, real, this.#metainfo.topFolder)
    })
  }

  /** Waits for what is under way and closes the files. A part file of no more use goes. */
  async close(): Promise<void> {
    this.#cache.drop(this.#cacheId)
    const set = this.#set
    if (!set) return
    await this.#gate.alone(async () => {
      if (this.#hasPartFile && !this.#placement.usesPartFile) {
        await this.#disk.deleteFiles(set, [this.#placement.partFile], '')
      }
      this.#set = undefined
      await this.#disk.unregister(set)
    })
  }

  async #syncNow(): Promise<void> {
    const files = [...this.#unsynced].filter(file => file !== NO_FILE)
    this.#unsynced.clear()
    if (files.length === 0) return
    try {
      await this.#gate.pass(() => this.#disk.sync(this.#files, files))
    } catch (thrown) {
      for (const file of files) this.#unsynced.add(file)
      throw thrown
    }
  }

  get #files(): FileSet {
    this.#set ??= this.#disk.register({
      root: this.#savePath,
      ...this.#placement.layout(),
      mayCreateRoot: this.#mayCreateRoot,
    })
    return this.#set
  }

  get #stretchLength(): number {
    return Math.min(this.#geometry.pieceLength, this.#cache.stretchLength)
  }

  /** Stretches end with their piece: what lies beyond may not be verified yet, and must not be kept. */
  #firstStretch(piece: number): number {
    return piece * Math.ceil(this.#geometry.pieceLength / this.#stretchLength)
  }

  #readStretch(piece: number, begin: number): Promise<Uint8Array> {
    const length = Math.min(this.#stretchLength, this.#geometry.pieceSize(piece) - begin)
    return this.#gate.pass(() => this.#disk.read(this.#files, this.#placement.place(piece, begin, length)))
  }

  async #readAcross(piece: number, begin: number, length: number): Promise<Uint8Array> {
    const parts = []
    for (let at = begin; at < begin + length;) {
      const end = Math.min(begin + length, (Math.floor(at / this.#stretchLength) + 1) * this.#stretchLength)
      parts.push(await this.read(piece, at, end - at))
      at = end
    }
    return concat(parts)
  }

  #forgetCached(piece: number): void {
    const first = this.#firstStretch(piece)
    const next = this.#firstStretch(piece + 1)
    for (let stretch = first; stretch < next; stretch++) this.#cache.forget(this.#cacheId, stretch)
  }

  #noteWhole(piece: number): void {
    if (this.#placement.usesPartFile && this.#placement.shared.rankOf(piece) >= 0) this.#wholeShared.add(piece)
  }

  *#itemsOf(pieces: Iterable<number> | 'all'): Generator<CheckItem> {
    if (pieces !== 'all') {
      for (const piece of pieces) yield this.#itemOf(piece)
      return
    }
    for (let piece = 0; piece < this.#geometry.pieceCount; piece++) yield this.#itemOf(piece)
  }

  #itemOf(piece: number): CheckItem {
    const spans = this.#placement.place(piece, 0, this.#geometry.pieceSize(piece))
    return { piece, spans, expected: this.#expected(piece) }
  }

  async #allStamps(): Promise<readonly (FileStamp | undefined)[]> {
    const present = await this.#disk.stamps(this.#files)
    if (present[this.#placement.partFile]) this.#hasPartFile = true
    return present
  }

  /** After a crash the bytes may have left the part file for a file before anybody wrote that down. */
  async #adoptMoved(): Promise<void> {
    const { inPartFile, partFile, usesPartFile } = this.#placement
    if (!usesPartFile) return
    const present = await this.#allStamps()
    if (present[partFile]) return
    for (const file of inPartFile.keys()) if (present[file]) inPartFile[file] = 0
  }

  /** Copies what the part file has of a file, and makes it durable before the part file is left. */
  async #bringBack(file: number, have: Bitfield): Promise<void> {
    const range = this.#placement.rangeOf(file)
    if (!range) return
    const ends = new Set([range.first, range.last])
    for (const piece of ends) {
      if (!have.has(piece) && !this.#wholeShared.has(piece)) continue
      const places = this.#placement.twoPlaces(piece, file)
      if (places) await this.#disk.copy(this.#files, places.part, places.own)
    }
    await this.#disk.sync(this.#files, [file])
    this.#placement.inPartFile[file] = 0
  }

  #isData(file: number): boolean {
    return file === this.#placement.partFile ? this.#placement.usesPartFile : this.#placement.isReal(file)
  }

  #expected(piece: number): Uint8Array {
    this.#requireDigests()
    return this.#metainfo.pieceHashes.subarray(piece * DIGEST, (piece + 1) * DIGEST)
  }

  #requireDigests(): void {
    if (this.#metainfo.pieceHashes.length < this.#geometry.pieceCount * DIGEST) {
      throw new EngineError('UNSUPPORTED', 'input', 'Torrents of version 2 only cannot be checked or downloaded')
    }
  }
}
