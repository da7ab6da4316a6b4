import type { FilePriority } from '#engine/api/model.ts'
import { Bitfield } from '#engine/base/bitfield.ts'
import type { Io } from '#engine/io/io.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import { FileSpans } from '#engine/pieces/file-spans.ts'
import { Geometry } from '#engine/pieces/geometry.ts'
import { Picker, type PickerHost } from '#engine/pieces/picker.ts'
import { piecePriorities } from '#engine/pieces/priorities.ts'
import type { ReadCache } from '#engine/storage/read-cache.ts'
import { TorrentStore } from '#engine/storage/store.ts'
import type { TorrentResume } from './types.ts'

/** Blocks' memory belongs to whoever moves blocks; while nobody does, nothing can be picked. */
const NO_ROOM: PickerHost = { openRun: () => false, closeRun: () => {} }

/** What exists once metadata is known, whether or not the torrent runs: its shape, its pieces, its files on disk. */
export class Content {
  readonly metainfo: Metainfo
  readonly geometry: Geometry
  readonly spans: FileSpans
  readonly picker: Picker
  readonly store: TorrentStore
  /** One `FilePriority` per file. */
  readonly priorities: Uint8Array
  /** Bytes of the files that are not skipped, padding left out. */
  wantedSize = 0
  /** Bytes of the pieces that are not skipped: what progress is measured by. */
  wantedSpace = 0
  /** Whoever holds the slots of started pieces. */
  slotOwner: PickerHost = NO_ROOM
  /** Verified and written, not yet synced: the journal may not claim them. */
  unclaimed: number[] = []

  constructor(
    metainfo: Metainfo,
    options: {
      readonly io: Io
      readonly readCache: ReadCache
      readonly savePath: string
      readonly resume: TorrentResume | null
      readonly sequential: boolean
    },
  ) {
    const { resume } = options
    this.metainfo = metainfo
    this.geometry = Geometry.of(metainfo)
    this.spans = new FileSpans(metainfo.files, this.geometry)
    this.priorities = new Uint8Array(metainfo.files.count).fill(2)
    if (resume?.priorities?.length === metainfo.files.count) this.priorities.set(resume.priorities)
    this.picker = new Picker(
      this.geometry,
      {
        openRun: (piece, run) => this.slotOwner.openRun(piece, run),
        closeRun: (piece, run) => this.slotOwner.closeRun(piece, run),
      },
      { random: () => options.io.random.next(), paddingBlocks: piece => this.spans.paddingBlocks(piece) },
    )
    const have = resume?.have
    if (have?.length === (this.geometry.pieceCount + 7) >>> 3) {
      this.picker.restore(Bitfield.parse(have, this.geometry.pieceCount))
    }
    this.picker.setSequential(options.sequential)
    this.store = new TorrentStore({
      disk: options.io.disk,
      metainfo,
      geometry: this.geometry,
      spans: this.spans,
      savePath: options.savePath,
      // A root that held verified data and is gone is a drive that is away, not a torrent at 0 %.
      mayCreateRoot: this.picker.have.isEmpty,
      inPartFile: resume?.inPartFile ?? null,
      readCache: options.readCache,
    })
    this.applyPriorities()
  }

  get isComplete(): boolean {
    return this.picker.isComplete
  }
  /** Every byte of the torrent, skipped files included. */
  get isWhole(): boolean {
    return this.picker.have.isFull
  }

  skipped(): boolean[] {
    return Array.from(this.priorities, priority => priority === 0)
  }

  setPriorities(files: readonly number[], priority: FilePriority): void {
    for (const file of files) if (file < this.priorities.length) this.priorities[file] = priority
    this.applyPriorities()
  }

  /** Skips all other files. */
  selectOnly(files: readonly number[]): void {
    const isWanted = new Set(files)
    this.setPriorities(
      Array.from(this.priorities.keys()).filter(file => !isWanted.has(file)),
      0,
    )
  }

  applyPriorities(): void {
    const perPiece = piecePriorities(this.spans, this.geometry, this.priorities)
    this.picker.setPriorities(perPiece)
    this.wantedSpace = 0
    for (let piece = 0; piece < perPiece.length; piece++) {
      if (perPiece[piece] !== 0) this.wantedSpace += this.geometry.pieceSize(piece)
    }
    const { files } = this.metainfo
    this.wantedSize = 0
    for (let file = 0; file < files.count; file++) {
      if (this.priorities[file] !== 0 && !files.attributes(file).padding) this.wantedSize += files.lengths[file]!
    }
  }

  /** Verified bytes of one file. */
  doneOf(file: number): number {
    const { files } = this.metainfo
    const pieces = this.spans.piecesOf(file)
    if (!pieces) return 0
    const { pieceLength } = this.geometry
    const start = files.offsets[file]!
    const end = start + files.lengths[file]!
    const have = this.picker.have
    if (have.isFull) return end - start
    let done = 0
    for (let piece = pieces.first; piece <= pieces.last; piece++) {
      if (have.has(piece)) done += Math.min(end, (piece + 1) * pieceLength) - Math.max(start, piece * pieceLength)
    }
    return done
  }

  /** Bytes of the torrent not verified, skipped files counted: what trackers are told as `left`. */
  bytesMissing(): number {
    const { pieceCount, pieceLength } = this.geometry
    const { have } = this.picker
    if (have.isFull) return 0
    let missing = (pieceCount - have.count) * pieceLength
    if (!have.has(pieceCount - 1)) missing -= pieceLength - this.geometry.pieceSize(pieceCount - 1)
    return missing
  }
}
