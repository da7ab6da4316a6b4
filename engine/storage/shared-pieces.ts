/** All that is asked of a file: which pieces have bytes of it, `undefined` when none has or none is ever written. */
export type PieceRange = { readonly first: number; readonly last: number } | undefined

/**
 * Pieces with bytes of more than one file, in order. Their rank is where the part file keeps them: at
 * rank * pieceLength, whoever is skipped, so that the layout never has to be remembered.
 */
export class SharedPieces {
  /** Ascending. */
  readonly pieces: Int32Array

  /** @param ranges of each file that has bytes on disk, in torrent order */
  constructor(ranges: Iterable<PieceRange>) {
    const shared: number[] = []
    let lastOfPrevious = -1
    for (const range of ranges) {
      if (!range) continue
      if (range.first === lastOfPrevious && shared.at(-1) !== range.first) shared.push(range.first)
      lastOfPrevious = range.last
    }
    this.pieces = Int32Array.from(shared)
  }

  get count(): number {
    return this.pieces.length
  }

  /** -1 for a piece of one file. */
  rankOf(piece: number): number {
    let low = 0
    let high = this.pieces.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      const found = this.pieces[middle]!
      if (found === piece) return middle
      if (found < piece) low = middle + 1
      else high = middle - 1
    }
    return -1
  }
}
