import { toHex } from '#engine/base/ids.ts'
import { NO_FILE, type FileSpan } from '#engine/io/piece-disk.ts'
import type { FileTable, Metainfo } from '#engine/metainfo/types.ts'
import type { FileSpans } from '#engine/pieces/file-spans.ts'
import type { Geometry } from '#engine/pieces/geometry.ts'
import { SharedPieces, type PieceRange } from './shared-pieces.ts'

/**
 * Where each byte of a torrent lies on disk: in its file, in the part file, or nowhere (padding, links).
 * The part file holds what shared pieces have of files that were skipped before they existed.
 */
export class Placement {
  /** Index of the part file in the set: the one after the torrent's own. */
  readonly partFile: number
  /** 1: this file's bytes in shared pieces live in the part file. */
  readonly inPartFile: Uint8Array
  readonly #metainfo: Metainfo
  readonly #geometry: Geometry
  readonly #spans: FileSpans
  /** Made when a file is skipped: most torrents never need it. */
  #shared: SharedPieces | undefined

  constructor(metainfo: Metainfo, geometry: Geometry, spans: FileSpans, inPartFile: Uint8Array | null) {
    const { count } = metainfo.files
    this.#metainfo = metainfo
    this.#geometry = geometry
    this.#spans = spans
    this.partFile = count
    this.inPartFile = new Uint8Array(count)
    if (inPartFile?.length === count) this.inPartFile.set(inPartFile)
  }

  get shared(): SharedPieces {
    this.#shared ??= new SharedPieces(this.#ranges())
    return this.#shared
  }
  get usesPartFile(): boolean {
    return this.inPartFile.includes(1)
  }

  /** Whether a file of the torrent is one on disk: padding and links are not. */
  isReal(file: number): boolean {
    const { padding, symlink } = this.#files.attributes(file)
    return !padding && !symlink
  }

  rangeOf(file: number): PieceRange {
    return this.isReal(file) ? this.#spans.piecesOf(file) : undefined
  }

  /** Relative paths and lengths for the set of files, the part file last. */
  layout(): { paths: string[]; lengths: Float64Array } {
    const { count, lengths } = this.#files
    const all = new Float64Array(count + 1)
    all.set(lengths)
    // Not known before it is needed, and never more than this.
    all[count] = this.#geometry.pieceCount * this.#geometry.pieceLength
    const paths = Array.from({ length: count }, (_, file) => this.#files.path(file))
    paths.push(`.freshet-${toHex(this.#identity).slice(0, 16)}.parts`)
    return { paths, lengths: all }
  }

  /** In order, covering exactly; only for a part of one piece. */
  place(piece: number, begin: number, length: number): FileSpan[] {
    const placed: FileSpan[] = []
    const rank = this.usesPartFile ? this.shared.rankOf(piece) : -1
    let at = begin
    for (const span of this.#spans.spansOf(piece, begin, length)) {
      placed.push(this.#placeSpan(span, rank, at))
      at += span.length
    }
    return placed
  }

  /** Where bytes of one file in a shared piece lie in the file, and where in the part file. */
  twoPlaces(piece: number, file: number): { own: FileSpan; part: FileSpan } | undefined {
    const rank = this.shared.rankOf(piece)
    let at = 0
    for (const span of this.#spans.spansOf(piece, 0, this.#geometry.pieceSize(piece))) {
      if (span.file === file && rank >= 0) {
        const own = { file, offset: span.offset, length: span.length }
        return { own, part: this.#inPart(rank, at, span.length) }
      }
      at += span.length
    }
    return undefined
  }

  #placeSpan(
    span: { file: number; offset: number; length: number; padding: boolean },
    rank: number,
    at: number,
  ): FileSpan {
    const { file, offset, length } = span
    if (span.padding || !this.isReal(file)) return { file: NO_FILE, offset: 0, length }
    if (rank >= 0 && this.inPartFile[file] === 1) return this.#inPart(rank, at, length)
    return { file, offset, length }
  }

  #inPart(rank: number, at: number, length: number): FileSpan {
    return { file: this.partFile, offset: rank * this.#geometry.pieceLength + at, length }
  }

  get #files(): FileTable {
    return this.#metainfo.files
  }
  get #identity(): Uint8Array {
    return this.#metainfo.infoHashV1 ?? this.#metainfo.infoHashV2 ?? new Uint8Array(0)
  }

  *#ranges(): Generator<PieceRange> {
    for (let file = 0; file < this.#files.count; file++) yield this.rangeOf(file)
  }
}
