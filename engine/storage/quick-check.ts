import { Bitfield } from '#engine/base/bitfield.ts'
import type { Placement } from './placement.ts'
import type { PieceRange } from './shared-pieces.ts'

/** Size and mtime of a file, as it was when its bytes were last known to be good. */
export interface FileStamp {
  readonly size: number
  readonly mtimeMs: number
}

export interface QuickCheck {
  /** Claimed pieces, all of whose files are as they were left. */
  readonly trusted: Bitfield
  /** Claimed pieces with bytes in a file that is not: to be hashed. Ascending. */
  readonly doubtful: number[]
}

/** A bitfield from the journal; one of another length claims nothing. */
export function claimed(have: Uint8Array, pieceCount: number): Bitfield {
  const field = new Bitfield(pieceCount)
  if (have.length !== field.bytes.length) return field
  for (let piece = 0; piece < pieceCount; piece++) {
    if ((have[piece >>> 3]! & (0x80 >>> (piece & 7))) !== 0) field.set(piece)
  }
  return field
}

export const isSameStamp = (a: FileStamp | undefined, b: FileStamp | undefined): boolean =>
  a !== undefined && b !== undefined && a.size === b.size && a.mtimeMs === b.mtimeMs

/**
 * Divides what is claimed by whether the files still look as they did; nothing is read.
 * @param suspects pieces with bytes in files that changed, as ranges
 */
export function divideClaims(claims: Bitfield, suspects: Iterable<PieceRange>): QuickCheck {
  const trusted = claims.clone()
  const doubtful: number[] = []
  for (const range of suspects) {
    if (!range) continue
    for (let piece = range.first; piece <= range.last; piece++) if (trusted.clear(piece)) doubtful.push(piece)
  }
  return { trusted, doubtful: doubtful.sort((a, b) => a - b) }
}

/** Ranges of pieces with bytes in files that do not look as they did. */
export function* suspectsOf(
  placement: Placement,
  saved: readonly (FileStamp | undefined)[],
  present: readonly (FileStamp | undefined)[],
): Generator<PieceRange> {
  const { inPartFile, partFile } = placement
  for (const file of inPartFile.keys()) {
    const range = placement.rangeOf(file)
    if (!range) continue
    const isChanged = !isSameStamp(saved[file], present[file])
    if (inPartFile[file] === 0) {
      if (isChanged) yield range
      continue
    }
    // Its ends may lie in the part file, the rest in a file of its own.
    for (const end of new Set([range.first, range.last])) {
      const isShared = placement.shared.rankOf(end) >= 0
      if (isShared ? !present[partFile] : isChanged) yield { first: end, last: end }
    }
    if (isChanged) yield { first: range.first + 1, last: range.last - 1 }
  }
}
