import { PIECE, PIECE_ARRIVED_SHIFT, PIECE_FAILED_BIT, PIECE_STATE_MASK } from '#engine/api/model.ts'

/** How pieces become cells. One cell per piece while they fit; else every cell is a run of `perCell` pieces. */
export interface PieceLayout {
  readonly pieceCount: number
  /** Pieces per cell; the last cell may hold fewer. */
  readonly perCell: number
  readonly cells: number
  readonly columns: number
  readonly rows: number
  /** CSS pixels from one cell to the next, the gap of 1 px included. */
  readonly pitch: number
}

const LARGEST_PITCH = 14
const SMALLEST_PITCH = 4

/**
 * The largest cells (4 to 14 px) that show every piece in `width` × `height` CSS pixels; when not even the smallest
 * do, equal runs of pieces per cell.
 */
export function layOutPieces(pieceCount: number, width: number, height: number): PieceLayout | undefined {
  if (pieceCount < 1 || width < SMALLEST_PITCH || height < SMALLEST_PITCH) return undefined
  for (let pitch = LARGEST_PITCH; pitch > SMALLEST_PITCH; pitch--) {
    const columns = Math.floor(width / pitch)
    if (columns * Math.floor(height / pitch) >= pieceCount) return layout(pieceCount, 1, columns, pitch)
  }
  const columns = Math.floor(width / SMALLEST_PITCH)
  const room = columns * Math.floor(height / SMALLEST_PITCH)
  return layout(pieceCount, Math.max(1, Math.ceil(pieceCount / room)), columns, SMALLEST_PITCH)
}

function layout(pieceCount: number, perCell: number, columns: number, pitch: number): PieceLayout {
  const cells = Math.ceil(pieceCount / perCell)
  return { pieceCount, perCell, cells, columns, rows: Math.ceil(cells / columns), pitch }
}

export const cellOf = (layout: PieceLayout, piece: number) => Math.floor(piece / layout.perCell)
export const firstPieceOf = (layout: PieceLayout, cell: number) => cell * layout.perCell
export const lastPieceOf = (layout: PieceLayout, cell: number) =>
  Math.min(layout.pieceCount, (cell + 1) * layout.perCell) - 1

/** What a cell looks like. Numbers, because there may be a hundred thousand of them. */
export const LOOK = {
  have: 0,
  heat: 1, // missing; level 1..5 says how many have it
  none: 2, // missing, and nobody connected has it
  outline: 3, // missing, availability unknown
  requested: 4,
  arriving: 5, // level 1..15
  verifying: 6,
  again: 7, // failed its hash, being fetched again
  skipped: 8,
  partly: 9, // a run of which a part is here: level 1..15
} as const

/** Look in the low byte, level in the next: one number per cell, compared to find what is dirty. */
export const lookOf = (packed: number) => packed & 0xff
export const levelOf = (packed: number) => packed >> 8
const pack = (look: number, level = 0) => look | (level << 8)

/** 1 copy is the rarest heat; 30 and more the most common (the legend's two ends). */
export function heatOf(copies: number): number {
  if (copies <= 1) return 1
  if (copies <= 3) return 2
  if (copies <= 8) return 3
  return copies < 30 ? 4 : 5
}

/**
 * The look of pieces `first..last`, the worst news first: a run with a piece nobody has must show it, however many of
 * its pieces are here.
 */
export function lookOfRun(
  states: Uint8Array,
  availability: Uint8Array | undefined,
  first: number,
  last: number,
): number {
  let have = 0
  let skipped = 0
  let arriving = 0
  let arrived = 0
  let verifying = 0
  let again = false
  let rarest = 256
  for (let piece = first; piece <= last; piece++) {
    const value = states[piece]!
    switch (value & PIECE_STATE_MASK) {
      case PIECE.HAVE:
        have++
        continue
      case PIECE.SKIPPED:
        skipped++
        continue
      case PIECE.VERIFYING:
        verifying++
        break
      case PIECE.ACTIVE:
        arriving++
        arrived += value >> PIECE_ARRIVED_SHIFT
        break
      default:
        rarest = Math.min(rarest, availability?.[piece] ?? 255)
    }
    if ((value & PIECE_FAILED_BIT) !== 0) again = true
  }
  const count = last - first + 1
  if (again) return pack(LOOK.again)
  if (rarest === 0 && availability) return pack(LOOK.none)
  if (arriving > 0) return arrived === 0 ? pack(LOOK.requested) : pack(LOOK.arriving, Math.ceil(arrived / arriving))
  if (verifying > 0) return pack(LOOK.verifying)
  if (have === count) return pack(LOOK.have)
  if (skipped === count) return pack(LOOK.skipped)
  if (have > 0)
    return have + skipped === count ? pack(LOOK.have) : pack(LOOK.partly, Math.max(1, Math.floor((have * 15) / count)))
  return availability ? pack(LOOK.heat, heatOf(rarest)) : pack(LOOK.outline)
}

export interface PieceCounts {
  readonly have: number
  readonly arriving: number
  readonly requested: number
  readonly verifying: number
  readonly missing: number
  readonly none: number
  readonly again: number
  readonly skipped: number
  /** Mean copies of the missing pieces; undefined when nothing is missing or nobody told. */
  readonly copies: number | undefined
}

/** For legend and summary: every piece is counted once. */
export function countPieces(states: Uint8Array, availability: Uint8Array | undefined): PieceCounts {
  let have = 0
  let arriving = 0
  let requested = 0
  let verifying = 0
  let missing = 0
  let none = 0
  let again = 0
  let skipped = 0
  let copies = 0
  for (let piece = 0; piece < states.length; piece++) {
    const value = states[piece]!
    const state = value & PIECE_STATE_MASK
    if (state === PIECE.HAVE) have++
    else if (state === PIECE.SKIPPED) skipped++
    else if ((value & PIECE_FAILED_BIT) !== 0) again++
    else if (state === PIECE.VERIFYING) verifying++
    else if (state === PIECE.ACTIVE && value >> PIECE_ARRIVED_SHIFT === 0) requested++
    else if (state === PIECE.ACTIVE) arriving++
    else {
      missing++
      const of = availability?.[piece] ?? 0
      copies += of
      if (availability && of === 0) none++
    }
  }
  return {
    have,
    arriving,
    requested,
    verifying,
    missing,
    none,
    again,
    skipped,
    copies: availability && missing > 0 ? copies / missing : undefined,
  }
}
