import type { Bitfield } from '#engine/base/bitfield.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { ActivePiece, Worker } from './active-piece.ts'
import { Availability } from './availability.ts'
import type { BlockList } from './block-list.ts'
import { Endgame } from './endgame.ts'
import type { Geometry } from './geometry.ts'
import { PieceBook } from './piece-book.ts'
import { PIECE_STATE } from './piece-state.ts'
import type { RarestOrder } from './rarest-order.ts'
import { StartedPieces } from './started-pieces.ts'
import type { PickerHost } from './started-pieces.ts'

export type { PickerHost } from './started-pieces.ts'

const { MISSING, ACTIVE, VERIFYING, HAVE } = PIECE_STATE

/** Until there is something to trade, any piece is better than a rare one, which few can send. */
const RANDOM_FIRST = 4
/** A peer with a window of this share of a piece fills it alone in a few seconds, and may have one of its own. */
const OWN_PIECE_SHARE = 1 / 4

/** One object, reused: read it before the next block. */
export interface Arrival {
  result: 'accepted' | 'duplicate' | 'unrequested'
  runComplete: boolean
  pieceComplete: boolean
}

export interface PickerOptions {
  /** 0 to 1, like every dice of ours. */
  readonly random: () => number
  /** Blocks of a piece that are zeros by definition. They are never asked for, and a run of nothing else is never opened. */
  readonly paddingBlocks: (piece: number) => readonly number[]
}

/**
 * Decides what to ask of whom, and is the one writer of piece state.
 *
 * Within a priority: pieces that this peer works on, started pieces that nobody works on, then a new piece, rarest
 * first, or a share in somebody else's. Near the end, doubles. A peer's number may be given out again once it is gone,
 * but finished blocks keep naming it until their piece is verified or failed: give numbers out in turn.
 */
export class Picker {
  readonly have: Bitfield
  /** Filled by `blockArrived`: others who were asked for that block, and are to be sent `cancel`. */
  readonly toCancel: number[] = []
  readonly #geometry: Geometry
  readonly #book: PieceBook
  readonly #availability: Availability
  readonly #order: RarestOrder
  readonly #endgame = new Endgame()
  readonly #started: StartedPieces
  readonly #arrival: Arrival = { result: 'accepted', runComplete: false, pieceComplete: false }
  #isSequential = false

  constructor(geometry: Geometry, host: PickerHost, options: PickerOptions) {
    this.#geometry = geometry
    this.#availability = new Availability(geometry.pieceCount)
    this.#book = new PieceBook(geometry, this.#availability.copies, options.random)
    this.#order = this.#book.order
    this.have = this.#book.have
    this.#started = new StartedPieces(geometry, host, this.#book, options.paddingBlocks)
  }

  // ---- what we have and want

  /** What was verified in earlier runs, or found by a check: exactly these pieces are had. Not while pieces are active. */
  restore(have: Bitfield): void {
    for (let piece = 0; piece < have.length; piece++) {
      if (have.has(piece) !== this.have.has(piece)) this.#book.move(piece, have.has(piece) ? HAVE : MISSING)
    }
  }

  /** @param perPiece 0 skip, 1 low, 2 normal, 3 high; copied. Started pieces that become skipped end when nothing is under way. */
  setPriorities(perPiece: Uint8Array): void {
    this.#book.setPriorities(perPiece)
    for (const active of this.#started.all()) {
      this.#started.list(active)
      this.#started.dropIfDone(active)
    }
  }

  /** Lowest piece first instead of rarest first, within a priority. */
  setSequential(on: boolean): void {
    this.#isSequential = on
  }

  stateOf(piece: number): number {
    return this.#book.stateOf(piece)
  }
  /** Its priority is above 0 and we do not have it. */
  isWanted(piece: number): boolean {
    return this.#book.isWanted(piece)
  }
  /** 0 is skipped. */
  priorityOf(piece: number): number {
    return this.#book.priorityOf(piece)
  }
  failedBefore(piece: number): boolean {
    return this.#book.failed.has(piece)
  }
  /** 0 to 1. */
  arrivedFraction(piece: number): number {
    if (this.#book.stateOf(piece) === HAVE) return 1
    const active = this.#started.get(piece)
    return active ? active.arrived / active.blockCount : 0
  }
  /** Copies in the crew, seeds included, ourselves not. */
  availability(piece: number): number {
    return this.#availability.of(piece)
  }
  /** Wanted pieces that we do not have. */
  get wantedLeft(): number {
    return this.#book.wantedLeft
  }
  /** Nothing wanted is missing. */
  get isComplete(): boolean {
    return this.#book.wantedLeft === 0
  }
  /** Bytes of the pieces that are wanted and missing, started ones whole. */
  bytesLeft(): number {
    return this.#book.bytesLeft
  }
  /** Bytes that have arrived and are not verified. */
  bytesPending(): number {
    return this.#started.pendingBytes
  }
  get activeCount(): number {
    return this.#book.activeCount
  }
  *activePieces(): Generator<number> {
    for (const { piece } of this.#started.all()) if (this.#book.stateOf(piece) === ACTIVE) yield piece
  }

  /** Pieces whose state or arrived share changed since this was last asked, each once. */
  takeChanged(): number[] {
    return this.#book.takeChanged()
  }

  // ---- the crew

  /** A full field costs nothing: seeds are counted apart. */
  peerJoined(field: Bitfield): void {
    this.#availability.joined(field, this.#order)
  }
  /** @param field what it had in the end */
  peerLeft(field: Bitfield): void {
    this.#availability.left(field, this.#order)
  }
  /** A peer that joined got one more piece. @param field with that piece in it */
  peerHas(piece: number, field: Bitfield): void {
    this.#availability.has(piece, this.#order)
    if (field.isFull) this.#availability.becameSeed(field, this.#order)
  }
  /** A peer that joined has one piece less (BEP 54). @param field with that piece still in it */
  peerLost(piece: number, field: Bitfield): void {
    if (field.isFull) this.#availability.wasSeed(field, this.#order)
    this.#availability.hasNot(piece, this.#order)
  }

  /** How many pieces of this field we want: O(pieces), asked once per bitfield. */
  countWanted(field: Bitfield): number {
    if (field.isFull) return this.#book.wantedLeft
    let count = 0
    const { bytes } = field
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === 0) continue
      for (let bit = 0; bit < 8; bit++) {
        if ((bytes[at]! & (0x80 >>> bit)) !== 0 && this.isWanted(at * 8 + bit)) count++
      }
    }
    return count
  }

  // ---- requests

  /**
   * Appends up to `count` blocks for this peer to `out` and marks them as asked of it.
   * @param peer 0 to 65534
   * @param mayDouble whether blocks that others were asked for may be among them, near the end
   * @returns how many
   */
  pick(peer: number, field: Bitfield, count: number, out: BlockList, mayDouble = true): number {
    const worker = this.#started.workerOf(peer)
    this.#started.hasRoom = true
    let left = count
    for (let priority = 3; priority > 0 && left > 0; priority--) {
      left -= this.#pickOwn(worker, field, priority, left, out)
      while (left > 0) {
        const active = this.#nextFor(worker, field, priority, left)
        if (!active) break
        // Nothing taken means no room for its next run: then it is passed over.
        left -= this.#started.take(active, worker, left, out)
      }
    }
    if (left > 0 && mayDouble) left -= this.#double(worker, field, left, out)
    return count - left
  }

  /** As `pick`, of this piece only: for pieces allowed while choked (BEP 6). The caller knows that the peer has it. */
  pickOf(piece: number, peer: number, count: number, out: BlockList): number {
    if (this.#book.stateOf(piece) === MISSING) this.#started.begin(piece)
    const active = this.#started.get(piece)
    return active && active.listedAt >= 0 ? this.#started.take(active, this.#started.workerOf(peer), count, out) : 0
  }

  blockArrived(peer: number, piece: number, block: number): Arrival {
    const arrival = this.#arrival
    arrival.runComplete = false
    arrival.pieceComplete = false
    this.toCancel.length = 0
    const active = this.#started.get(piece)
    const worker = this.#started.worker(peer)
    if (!active || !worker || !active.isRequester(block, peer)) {
      const isKnown = active ? active.isArrived(block) : this.#book.stateOf(piece) === HAVE
      arrival.result = isKnown ? 'duplicate' : 'unrequested'
      return arrival
    }
    arrival.result = 'accepted'
    this.#started.arrive(active, worker, block, this.toCancel)
    arrival.runComplete = active.isRunComplete(active.runOf(block))
    if (active.isComplete) {
      arrival.pieceComplete = true
      this.#book.move(piece, VERIFYING)
    } else this.#started.dropIfDone(active)
    return arrival
  }

  /** It will not come from this peer: rejected, choked away or too late. */
  blockLost(peer: number, piece: number, block: number): void {
    const active = this.#started.get(piece)
    const worker = this.#started.worker(peer)
    if (active && worker) this.#started.lose(active, worker, block)
  }

  /** Nothing asked of this peer will come. What it delivered stays. */
  peerGone(peer: number): void {
    this.#started.peerGone(peer)
  }

  /** Whether anybody is asked for it and it has not come. */
  isRequested(piece: number, block: number): boolean {
    return this.#started.get(piece)?.isRequested(block) ?? false
  }
  /** How many peers are asked for this block, if `peer` is one of them; else 0. */
  requestersOf(piece: number, block: number, peer: number): number {
    const active = this.#started.get(piece)
    return active?.isRequester(block, peer) ? active.requesterCount(block) : 0
  }
  /** Runs of a started piece for which `runComplete` will be told: those that are not all padding. */
  runsToFill(piece: number): number {
    return this.#started.get(piece)?.runsToFill ?? 0
  }
  /** Distinct peers whose blocks make up the piece, while it is active or verifying. */
  sendersOf(piece: number): number[] {
    return this.#started.get(piece)?.senders() ?? []
  }
  /** -1 when it has not arrived or is padding. */
  senderOf(piece: number, block: number): number {
    return this.#started.get(piece)?.senderOf(block) ?? -1
  }

  // ---- verdicts

  /** Verified and written. */
  verified(piece: number): void {
    const active = this.#started.get(piece)
    if (!active || this.#book.stateOf(piece) !== VERIFYING) {
      throw new EngineError('INTERNAL', 'bug', `piece ${piece} is verified and was not being verified`)
    }
    this.#started.end(active, HAVE)
  }

  /** Its hash is wrong, or its bytes could not be kept: from the beginning. */
  failed(piece: number): void {
    const active = this.#started.get(piece)
    if (!active) return
    this.#book.failed.set(piece)
    this.#started.end(active, MISSING)
  }

  /** Gives an active piece up if nothing arrived and nothing is under way. */
  giveUp(piece: number): void {
    const active = this.#started.get(piece)
    if (active?.isIdle) this.#started.end(active, MISSING)
  }

  /** Forgets all that is not verified: when the torrent stops. */
  abandonActive(): void {
    for (const active of this.#started.all()) this.#started.end(active, MISSING)
  }

  /** What we had is not there: a check found it wrong, or its file changed. */
  lose(piece: number): void {
    if (this.have.has(piece)) this.#book.move(piece, MISSING)
  }

  // ---- choosing

  #pickOwn(worker: Worker, field: Bitfield, priority: number, count: number, out: BlockList): number {
    let taken = 0
    for (const active of worker.pieces) {
      if (taken === count) break
      if (active.listedAt < 0 || this.#book.priorityOf(active.piece) !== priority) continue
      if (!field.has(active.piece)) continue // it took the piece back (BEP 54)
      taken += this.#started.take(active, worker, count - taken, out)
    }
    return taken
  }

  /** The piece to go on with, once this peer's own have no free blocks left. */
  #nextFor(worker: Worker, field: Bitfield, priority: number, count: number): ActivePiece | undefined {
    let orphan: ActivePiece | undefined
    let shared: ActivePiece | undefined
    for (const active of this.#started.unfilled) {
      if (this.#book.priorityOf(active.piece) !== priority || !field.has(active.piece)) continue
      if (!this.#started.hasRoom && !active.isRunOpen(active.runOf(active.nextFree()))) continue
      if (active.outstanding === 0) {
        if (!orphan || active.arrived > orphan.arrived) orphan = active
      } else if (!shared || active.free > shared.free) shared = active
    }
    if (orphan) return orphan
    const isFast = worker.outstanding + count >= this.#geometry.blocksPerPiece * OWN_PIECE_SHARE
    if (shared && (!isFast || !this.#started.hasRoom)) return shared
    return this.#start(field, priority) ?? shared
  }

  #start(field: Bitfield, priority: number): ActivePiece | undefined {
    if (!this.#started.hasRoom) return undefined
    const order = this.#order
    let piece: number
    if (this.#isSequential) piece = order.lowest(priority, field)
    else if (this.have.count + this.#book.activeCount < RANDOM_FIRST) piece = order.anyOf(priority, field)
    else piece = order.rarest(priority, field)
    return piece < 0 ? undefined : this.#started.begin(piece)
  }

  #double(worker: Worker, field: Bitfield, count: number, out: BlockList): number {
    const started = this.#started
    if (started.outstanding === worker.outstanding) return 0
    const isEnd = this.#order.open.isEmpty && started.unfilled.length === 0
    const from = out.length
    const found = this.#endgame.find(worker, field, started, this.#book, isEnd, count, out)
    for (let i = from; i < from + found; i++) started.request(started.get(out.piece(i))!, out.block(i), worker)
    return found
  }
}
