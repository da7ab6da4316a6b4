import type { FileTable } from '#engine/metainfo/types.ts'
import { BLOCK_LENGTH } from './geometry.ts'
import type { Geometry } from './geometry.ts'

/** A run of bytes in one file, or in padding, which is zeros and is never written. */
export interface Span {
  /** -1 for a gap between the files of a v2-only torrent. */
  readonly file: number
  readonly offset: number
  readonly length: number
  readonly padding: boolean
}

/** Which bytes of a piece are where in the files, and back. */
export class FileSpans {
  readonly fileCount: number
  readonly #files: FileTable
  readonly #geometry: Geometry
  readonly #padding: Uint8Array
  /** Whether any byte of the torrent's space is padding or a gap. */
  readonly #hasPadding: boolean

  constructor(files: FileTable, geometry: Geometry) {
    this.#files = files
    this.#geometry = geometry
    this.fileCount = files.count
    this.#padding = new Uint8Array(files.count)
    let real = 0
    for (let file = 0; file < files.count; file++) {
      if (files.attributes(file).padding) this.#padding[file] = 1
      else real += files.lengths[file]!
    }
    this.#hasPadding = real < geometry.spaceLength
  }

  isPadding(file: number): boolean {
    return this.#padding[file] === 1
  }

  /** In order, and covering exactly `length` bytes, padding and gaps included. */
  spansOf(piece: number, begin: number, length: number): Span[] {
    const { offsets, lengths, count } = this.#files
    const spans: Span[] = []
    let at = piece * this.#geometry.pieceLength + begin
    const end = at + length
    let file = this.#lastStartingBy(at)
    while (at < end) {
      while (file < count && offsets[file]! + lengths[file]! <= at) file++
      const start = file < count ? offsets[file]! : end
      if (start > at) {
        const size = Math.min(start, end) - at
        spans.push({ file: -1, offset: 0, length: size, padding: true })
        at += size
        continue
      }
      const size = Math.min(start + lengths[file]!, end) - at
      spans.push({ file, offset: at - start, length: size, padding: this.isPadding(file) })
      at += size
    }
    return spans
  }

  /** First and last piece with bytes of this file; `undefined` for an empty one. */
  piecesOf(file: number): { first: number; last: number } | undefined {
    const length = this.#files.lengths[file]!
    if (length === 0) return undefined
    const offset = this.#files.offsets[file]!
    const { pieceLength } = this.#geometry
    return { first: Math.floor(offset / pieceLength), last: Math.floor((offset + length - 1) / pieceLength) }
  }

  /** Files with bytes in this piece, in order; padding left out. */
  filesOf(piece: number): number[] {
    const files: number[] = []
    for (const span of this.spansOf(piece, 0, this.#geometry.pieceSize(piece))) if (!span.padding) files.push(span.file)
    return files
  }

  /** Blocks of this piece that lie wholly in padding: they need not be asked for, they are zeros. */
  paddingBlocks(piece: number): number[] {
    if (!this.#hasPadding) return []
    const size = this.#geometry.pieceSize(piece)
    const blocks: number[] = []
    let at = 0
    let paddingFrom = 0 // where the padding that reaches up to `at` began
    for (const span of this.spansOf(piece, 0, size)) {
      if (!span.padding) {
        at += span.length
        paddingFrom = at
        continue
      }
      const previous = at
      at += span.length
      for (let block = Math.ceil(paddingFrom / BLOCK_LENGTH); ; block++) {
        const end = Math.min((block + 1) * BLOCK_LENGTH, size)
        if (block * BLOCK_LENGTH >= size || end > at) break
        // A block that an earlier stretch of padding completed has been listed already.
        if (end > previous) blocks.push(block)
      }
    }
    return blocks
  }

  /** The last file whose offset is `at` or less; empty files may share an offset with the one that has the bytes. */
  #lastStartingBy(at: number): number {
    const { offsets, count } = this.#files
    let low = 0
    let high = count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (offsets[middle]! <= at) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }
}
