import type { Bitfield } from '#engine/base/bitfield.ts'
import type { Worker } from './active-piece.ts'
import type { BlockList } from './block-list.ts'
import type { PieceBook } from './piece-book.ts'
import type { StartedPieces } from './started-pieces.ts'

/** Blocks in flight to one peer up to which it is given doubles: enough to bridge a round trip, few enough to waste. */
const DOUBLES_MAX = 16
/**
 * A requester that delivered nothing while the crew delivered this many blocks (8 MiB), or four times all that is under
 * way, is holding a piece up. The second counts in fast swarms, where 8 MiB pass while a process waits for its turn.
 */
const SLOW_AFTER = 512
const SLOW_TURNS = 4

/** After a vain search for slow requesters, so many blocks pass before the next. */
const PAUSE = 64

/**
 * When nothing is left for a peer that nobody was asked for, blocks that others were asked for: those of whoever has
 * not delivered for the longest time first, so that one slow peer cannot hold up the end.
 */
export class Endgame {
  readonly #pieces = new Int32Array(DOUBLES_MAX)
  readonly #blocks = new Int32Array(DOUBLES_MAX)
  readonly #ranks = new Float64Array(DOUBLES_MAX)
  #found = 0
  #pausedUntil = 0

  /**
   * @param isEnd every block that is wanted and missing is asked for. Otherwise there is work for others, and only
   *   requesters that hold a piece, and its memory, up are helped
   * @returns how many were put into `out`, still to be marked as requested
   */
  find(
    worker: Worker,
    field: Bitfield,
    started: StartedPieces,
    book: PieceBook,
    isEnd: boolean,
    count: number,
    out: BlockList,
  ): number {
    const { delivered } = started
    const most = Math.min(count, DOUBLES_MAX - worker.outstanding)
    if (most <= 0 || (!isEnd && delivered < this.#pausedUntil)) return 0
    this.#found = 0
    const slowAfter = Math.max(SLOW_AFTER, started.outstanding * SLOW_TURNS)
    for (const active of started.all()) {
      if (active.doublable === 0 || !field.has(active.piece) || !book.isWanted(active.piece)) continue
      for (let block = 0; block < active.blockCount; block++) {
        if (!active.canDouble(block) || active.isRequester(block, worker.peer)) continue
        const deliveredAt = started.worker(active.ownerOf(block))!.deliveredAt
        if (!isEnd && delivered - deliveredAt < slowAfter) continue
        // Fewest requesters before longest silence: a third request is worth less than a second.
        this.#offer(active.piece, block, active.requesterCount(block) * 2 ** 40 + deliveredAt, most)
      }
    }
    if (this.#found === 0 && !isEnd) this.#pausedUntil = delivered + PAUSE
    for (let i = 0; i < this.#found; i++) out.push(this.#pieces[i]!, this.#blocks[i]!)
    return this.#found
  }

  /** Keeps the lowest ranks, sorted; the earlier of equals stays ahead. */
  #offer(piece: number, block: number, rank: number, most: number): void {
    if (this.#found === most && rank >= this.#ranks[most - 1]!) return
    let at = this.#found < most ? this.#found++ : most - 1
    for (; at > 0 && this.#ranks[at - 1]! > rank; at--) {
      this.#ranks[at] = this.#ranks[at - 1]!
      this.#pieces[at] = this.#pieces[at - 1]!
      this.#blocks[at] = this.#blocks[at - 1]!
    }
    this.#ranks[at] = rank
    this.#pieces[at] = piece
    this.#blocks[at] = block
  }
}
