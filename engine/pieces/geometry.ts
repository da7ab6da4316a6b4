import { LIMITS } from '#engine/base/limits.ts'

/** Bytes. BEP 3: implementations use 2^14 and close connections that request more. */
export const BLOCK_LENGTH = LIMITS.wire.blockBytes

/** Pieces up to this many bytes sit whole in memory; longer ones pass through it run by run. */
const WHOLE_PIECE_MAX = 4 * 1024 * 1024
const RUN_LENGTH = 1024 * 1024

/**
 * The only arithmetic on bytes, blocks, runs and pieces.
 * A piece is cut into blocks of 16 KiB (units of request) and into runs (units of memory); all but the last are full.
 */
export class Geometry {
  readonly pieceCount: number
  /** Bytes of every piece but the last. */
  readonly pieceLength: number
  /** Bytes of the torrent's byte space, padding included. */
  readonly spaceLength: number
  /** Bytes of one slot: a whole piece up to 4 MiB, else 1 MiB. */
  readonly runLength: number
  /** Blocks of every piece but the last. */
  readonly blocksPerPiece: number
  readonly blocksPerRun: number

  private constructor(pieceLength: number, pieceCount: number, spaceLength: number) {
    this.pieceLength = pieceLength
    this.pieceCount = pieceCount
    this.spaceLength = spaceLength
    this.runLength = pieceLength <= WHOLE_PIECE_MAX ? pieceLength : RUN_LENGTH
    this.blocksPerPiece = Math.ceil(pieceLength / BLOCK_LENGTH)
    this.blocksPerRun = Math.ceil(this.runLength / BLOCK_LENGTH)
  }

  static of(m: { readonly pieceLength: number; readonly pieceCount: number; readonly spaceLength: number }): Geometry {
    return new Geometry(m.pieceLength, m.pieceCount, m.spaceLength)
  }

  /** Bytes. Products go beyond 2^32: numbers hold them exactly, 32-bit operators would not. */
  pieceSize(piece: number): number {
    return piece === this.pieceCount - 1 ? this.spaceLength - piece * this.pieceLength : this.pieceLength
  }

  blockCount(piece: number): number {
    return piece === this.pieceCount - 1 ? Math.ceil(this.pieceSize(piece) / BLOCK_LENGTH) : this.blocksPerPiece
  }

  blockSize(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceSize(piece) - block * BLOCK_LENGTH)
  }

  runCount(piece: number): number {
    return Math.ceil(this.pieceSize(piece) / this.runLength)
  }

  runSize(piece: number, run: number): number {
    return Math.min(this.runLength, this.pieceSize(piece) - run * this.runLength)
  }

  isPiece(index: number): boolean {
    return index >= 0 && index < this.pieceCount
  }

  /** `begin` and `length` are a stranger's u32s. Numbers do not wrap at 2^32, so the sum is exact. */
  isInside(piece: number, begin: number, length: number): boolean {
    return this.isPiece(piece) && length > 0 && begin + length <= this.pieceSize(piece)
  }
}
