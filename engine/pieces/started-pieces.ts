import { ActivePiece } from './active-piece.ts'
import type { Worker } from './active-piece.ts'
import type { BlockList } from './block-list.ts'
import type { Geometry } from './geometry.ts'
import type { PieceBook } from './piece-book.ts'
import { PIECE_STATE } from './piece-state.ts'

const { MISSING, ACTIVE } = PIECE_STATE

export interface PickerHost {
  /** Memory for this run of this piece (run 0 of a normal piece is all of it). false = no room: picking stops for now. */
  openRun(piece: number, run: number): boolean
  /** Memory back. Told once for each run that was opened: when it was given up, failed or verified. */
  closeRun(piece: number, run: number): void
}

/** The pieces that are active or being verified, their memory, and the peers that work on them. */
export class StartedPieces {
  /** Active pieces with free blocks that are wanted. */
  readonly unfilled: ActivePiece[] = []
  /** Requests under way, doubles counted. */
  outstanding = 0
  /** Blocks that the whole crew has delivered so far. */
  delivered = 0
  /** Bytes that have arrived and are not verified. */
  pendingBytes = 0
  /** Whether the last run that was asked for got memory. */
  hasRoom = true
  readonly #geometry: Geometry
  readonly #host: PickerHost
  readonly #book: PieceBook
  readonly #paddingBlocks: (piece: number) => readonly number[]
  readonly #workers = new Map<number, Worker>()
  /** Oldest first. */
  readonly #actives = new Map<number, ActivePiece>()

  constructor(
    geometry: Geometry,
    host: PickerHost,
    book: PieceBook,
    paddingBlocks: (piece: number) => readonly number[],
  ) {
    this.#geometry = geometry
    this.#host = host
    this.#book = book
    this.#paddingBlocks = paddingBlocks
  }

  get(piece: number): ActivePiece | undefined {
    return this.#actives.get(piece)
  }
  /** Oldest first. Pieces may end while this is walked. */
  all(): IterableIterator<ActivePiece> {
    return this.#actives.values()
  }
  /** `undefined` for a peer that was never asked. */
  worker(peer: number): Worker | undefined {
    return this.#workers.get(peer)
  }

  workerOf(peer: number): Worker {
    let worker = this.#workers.get(peer)
    if (!worker) {
      // A newcomer counts as having delivered: nobody is slow before it had a chance.
      worker = { peer, outstanding: 0, deliveredAt: this.delivered, pieces: [] }
      this.#workers.set(peer, worker)
    }
    return worker
  }

  /** A missing piece becomes active, if there is memory for its first run. */
  begin(piece: number): ActivePiece | undefined {
    const active = new ActivePiece(piece, this.#geometry, this.#paddingBlocks(piece))
    const run = active.runOf(Math.max(0, active.nextFree()))
    if (!this.#open(active, run)) return undefined
    this.#actives.set(piece, active)
    this.#book.move(piece, ACTIVE)
    this.list(active)
    return active
  }

  /** Asks this peer for the next free blocks, as far as there is memory for their runs. @returns how many */
  take(active: ActivePiece, worker: Worker, count: number, out: BlockList): number {
    let taken = 0
    while (taken < count) {
      const block = active.nextFree()
      if (block < 0 || !this.#open(active, active.runOf(block))) break
      this.request(active, block, worker)
      out.push(active.piece, block)
      taken++
    }
    this.list(active)
    return taken
  }

  request(active: ActivePiece, block: number, worker: Worker): void {
    active.request(block, worker)
    this.outstanding++
  }

  /** @param others filled with those who were asked for the same block */
  arrive(active: ActivePiece, worker: Worker, block: number, others: number[]): void {
    const size = this.#geometry.blockSize(active.piece, block)
    active.arrive(block, worker, size, others)
    for (const other of others) this.#workers.get(other)!.outstanding--
    this.outstanding -= 1 + others.length
    worker.deliveredAt = ++this.delivered
    this.pendingBytes += size
    this.#book.noteChange(active.piece)
  }

  lose(active: ActivePiece, worker: Worker, block: number): void {
    if (!active.lose(block, worker)) return
    this.outstanding--
    this.list(active)
    this.dropIfDone(active)
  }

  peerGone(peer: number): void {
    const worker = this.#workers.get(peer)
    if (!worker) return
    this.#workers.delete(peer)
    this.outstanding -= worker.outstanding
    for (const active of worker.pieces) {
      for (let block = 0; block < active.blockCount && worker.outstanding > 0; block++) active.lose(block, worker)
      active.workers.splice(active.workers.indexOf(worker), 1)
      this.list(active)
    }
    for (const active of worker.pieces) this.dropIfDone(active)
  }

  /** Keeps the list of pieces that have blocks to give true for this one. */
  list(active: ActivePiece): void {
    const list = this.unfilled
    const belongs = active.free > 0 && this.#book.priorityOf(active.piece) > 0 && this.#actives.has(active.piece)
    if (belongs === active.listedAt >= 0) return
    if (belongs) {
      active.listedAt = list.length
      list.push(active)
      return
    }
    const last = list.pop()!
    if (last !== active) {
      list[active.listedAt] = last
      last.listedAt = active.listedAt
    }
    active.listedAt = -1
  }

  /** Ends a piece that holds memory for nothing; of a large one, the runs at its end that do. */
  dropIfDone(active: ActivePiece): void {
    if (active.outstanding > 0 || this.#book.stateOf(active.piece) !== ACTIVE) return
    if (active.arrivedBytes === 0 || this.#book.priorityOf(active.piece) === 0) {
      this.end(active, MISSING)
      return
    }
    for (let run = active.runCount - 1; run > 0; run--) {
      if (!active.isRunOpen(run)) continue
      if (!active.isRunUntouched(run)) break
      active.closeRun(run)
      this.#host.closeRun(active.piece, run)
    }
  }

  /** Takes a piece out, with its requests and its memory. */
  end(active: ActivePiece, to: number): void {
    const { piece } = active
    this.#actives.delete(piece)
    this.list(active)
    this.outstanding -= active.outstanding
    this.pendingBytes -= active.arrivedBytes
    for (const worker of active.workers) {
      for (let block = 0; block < active.blockCount && active.outstanding > 0; block++) active.lose(block, worker)
      worker.pieces.splice(worker.pieces.indexOf(active), 1)
    }
    for (let run = 0; run < active.runCount; run++) if (active.isRunOpen(run)) this.#host.closeRun(piece, run)
    this.#book.move(piece, to)
  }

  #open(active: ActivePiece, run: number): boolean {
    if (active.isRunOpen(run)) return true
    this.hasRoom = this.#host.openRun(active.piece, run)
    if (this.hasRoom) active.openRun(run)
    return this.hasRoom
  }
}
