import { BlockList } from './block-list.ts'
import type { ActivePiece, Worker } from './active-piece.ts'

/** Blocks in flight to one peer up to which it is given doubles: enough to bridge a round trip, few enough to waste. */
const DOUBLES_MAX = 16
/** A requester that delivered nothing while the crew delivered so many blocks (8 MiB) is holding a piece up. */
const SLOW_AFTER = 512

/**
 * When nothing is left that nobody was asked for, blocks that others were asked for: those of whoever has not
 * delivered for the longest time first, so that one slow peer cannot hold up the end.
 */
export class Endgame {
  readonly #pieces = new Int32Array(DOUBLES_MAX)
  readonly #blocks = new Int32Array(DOUBLES_MAX)
  readonly #ranks = new Float64Array(DOUBLES_MAX)
  #found = 0

  /**
   * @param delivered blocks that the whole crew has delivered so far
   * @param onlySlow only blocks of requesters that hold us up: for when memory, not the torrent, is exhausted
   * @returns how many were put into `out`, still to be marked as requested
   */
  find(
    worker: Worker,
    actives: Iterable<ActivePiece>,
    theyHave: (piece: number) => boolean,
    workers: ReadonlyMap<number, Worker>,
    delivered: number,
    onlySlow: boolean,
    count: number,
    out: BlockList,
  ): number {
    const most = Math.min(count, DOUBLES_MAX - worker.outstanding)
    if (most <= 0) return 0
    this.#found = 0
    for (const active of actives) {
      if (active.doublable === 0 || !theyHave(active.piece)) continue
      for (let block = 0; block < active.blockCount; block++) {
        if (!active.canDouble(block) || active.isRequester(block, worker.peer)) continue
        const deliveredAt = workers.get(active.ownerOf(block))?.deliveredAt ?? 0
        if (onlySlow && delivered - deliveredAt < SLOW_AFTER) continue
        // Fewest requesters before longest silence: a third request is worth less than a second.
        this.#offer(active.piece, block, active.requesterCount(block) * 2 ** 40 + deliveredAt, most)
      }
    }
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
