import { BLOCK_LENGTH } from './geometry.ts'
import type { Geometry } from './geometry.ts'

const NOBODY = 0xffff
/** How many peers a block may be asked of at once, near the end. */
const REQUESTERS_MAX = 3

// A block's state is the number of peers that it is asked of, up to REQUESTERS_MAX, or ARRIVED.
const FREE = 0
const ARRIVED = REQUESTERS_MAX + 1

/** What one peer is asked for, and how lately it delivered. */
export interface Worker {
  readonly peer: number
  /** Blocks asked of it that have neither come nor been given up. */
  outstanding: number
  /** Number of blocks that the whole crew had delivered when this peer last did. */
  deliveredAt: number
  /** Started pieces with blocks asked of it, now or before. */
  readonly pieces: ActivePiece[]
}

/** A started piece: blocks asked (of whom), arrived (from whom). Flat typed arrays. */
export class ActivePiece {
  readonly piece: number
  readonly blockCount: number
  readonly #blocksPerRun: number
  readonly #states: Uint8Array
  /** First requester of a block; once it arrived, its sender. */
  readonly #owners: Uint16Array
  /** Requesters beyond the first, two places per block; made near the end only. */
  #others: Uint16Array | undefined
  /** Blocks of each run that have not arrived. */
  readonly #runLeft: Uint16Array
  readonly #runOpen: Uint8Array
  /** No free block lies before this one. */
  #firstFree = 0
  /** Blocks that nobody is asked for. */
  free: number
  arrived = 0
  arrivedBytes = 0
  /** Requests under way, doubles counted. */
  outstanding = 0
  /** Requested blocks with room for one more requester. */
  doublable = 0
  /** Runs that will fill: those that are not all padding. */
  runsToFill = 0
  /** Place in the picker's list of pieces with free blocks; -1 when it has none. */
  listedAt = -1
  readonly workers: Worker[] = []

  /** @param padding blocks that nobody is asked for, because they are zeros */
  constructor(piece: number, geometry: Geometry, padding: readonly number[]) {
    this.piece = piece
    this.blockCount = geometry.blockCount(piece)
    this.#blocksPerRun = geometry.blocksPerRun
    this.#states = new Uint8Array(this.blockCount)
    this.#owners = new Uint16Array(this.blockCount).fill(NOBODY)
    const runs = geometry.runCount(piece)
    this.#runLeft = new Uint16Array(runs)
    this.#runOpen = new Uint8Array(runs)
    for (let run = 0; run < runs; run++) {
      this.#runLeft[run] = Math.ceil(geometry.runSize(piece, run) / BLOCK_LENGTH)
    }
    for (const block of padding) {
      this.#states[block] = ARRIVED
      this.#runLeft[this.runOf(block)]!--
    }
    this.free = this.blockCount - padding.length
    this.arrived = padding.length
    for (const left of this.#runLeft) if (left > 0) this.runsToFill++
  }

  get isComplete(): boolean {
    return this.arrived === this.blockCount
  }

  /** Nothing came and nothing is under way: giving it up loses nothing. */
  get isIdle(): boolean {
    return this.outstanding === 0 && this.arrivedBytes === 0
  }

  runOf(block: number): number {
    return Math.floor(block / this.#blocksPerRun)
  }
  isRunOpen(run: number): boolean {
    return this.#runOpen[run] === 1
  }
  openRun(run: number): void {
    this.#runOpen[run] = 1
  }
  closeRun(run: number): void {
    this.#runOpen[run] = 0
  }
  get runCount(): number {
    return this.#runOpen.length
  }
  isRunComplete(run: number): boolean {
    return this.#runLeft[run] === 0
  }

  /** No block of this run came or is asked for. */
  isRunUntouched(run: number): boolean {
    const end = Math.min(this.blockCount, (run + 1) * this.#blocksPerRun)
    for (let block = run * this.#blocksPerRun; block < end; block++) {
      const state = this.#states[block]!
      if (state !== FREE && !(state === ARRIVED && this.#owners[block] === NOBODY)) return false
    }
    return true
  }

  isArrived(block: number): boolean {
    return this.#states[block] === ARRIVED
  }
  isRequested(block: number): boolean {
    const state = this.#states[block]!
    return state !== FREE && state !== ARRIVED
  }
  canDouble(block: number): boolean {
    const state = this.#states[block]!
    return state !== FREE && state < REQUESTERS_MAX
  }
  requesterCount(block: number): number {
    return this.isRequested(block) ? this.#states[block]! : 0
  }

  /** First requester or sender; NOBODY when there is none. */
  ownerOf(block: number): number {
    return this.#owners[block]!
  }

  isRequester(block: number, peer: number): boolean {
    const count = this.requesterCount(block)
    if (count === 0) return false
    if (this.#owners[block] === peer) return true
    for (let nth = 1; nth < count; nth++) if (this.#others![block * 2 + nth - 1] === peer) return true
    return false
  }

  /** The first block that nobody is asked for, or -1. */
  nextFree(): number {
    if (this.free === 0) return -1
    while (this.#states[this.#firstFree] !== FREE) this.#firstFree++
    return this.#firstFree
  }

  request(block: number, worker: Worker): void {
    const count = this.#states[block]!
    if (count === FREE) {
      this.free--
      this.doublable++
      this.#owners[block] = worker.peer
    } else {
      this.#others ??= new Uint16Array(this.blockCount * 2).fill(NOBODY)
      this.#others[block * 2 + count - 1] = worker.peer
      if (count + 1 === REQUESTERS_MAX) this.doublable--
    }
    this.#states[block] = count + 1
    this.outstanding++
    worker.outstanding++
    if (this.workers.includes(worker)) return
    this.workers.push(worker)
    worker.pieces.push(this)
  }

  /** Takes this requester off the block. @returns whether it was one */
  lose(block: number, worker: Worker): boolean {
    if (!this.isRequester(block, worker.peer)) return false
    const count = this.#states[block]!
    if (count === REQUESTERS_MAX) this.doublable++
    if (count > 1) this.#dropRequester(block, worker.peer, count)
    else {
      this.#owners[block] = NOBODY
      this.free++
      this.doublable--
      this.#firstFree = Math.min(this.#firstFree, block)
    }
    this.#states[block] = count - 1
    this.outstanding--
    worker.outstanding--
    return true
  }

  /** The others who were asked for this block are put into `others`. */
  arrive(block: number, worker: Worker, size: number, others: number[]): void {
    const count = this.#states[block]!
    if (count < REQUESTERS_MAX) this.doublable--
    for (let nth = 0; nth < count; nth++) {
      const peer = nth === 0 ? this.#owners[block]! : this.#others![block * 2 + nth - 1]!
      if (peer !== worker.peer) others.push(peer)
    }
    if (count > 1) this.#others!.fill(NOBODY, block * 2, block * 2 + 2)
    this.#owners[block] = worker.peer
    this.#states[block] = ARRIVED
    this.#runLeft[this.runOf(block)]!--
    this.outstanding -= count
    worker.outstanding--
    this.arrived++
    this.arrivedBytes += size
  }

  /** Distinct senders of what has arrived. */
  senders(): number[] {
    const senders = new Set<number>()
    for (let block = 0; block < this.blockCount; block++) {
      if (this.#states[block] === ARRIVED && this.#owners[block] !== NOBODY) senders.add(this.#owners[block]!)
    }
    return [...senders]
  }

  senderOf(block: number): number {
    return this.#states[block] === ARRIVED && this.#owners[block] !== NOBODY ? this.#owners[block]! : -1
  }

  /** Keeps the remaining requesters in the first places. */
  #dropRequester(block: number, peer: number, count: number): void {
    const others = this.#others!
    const last = block * 2 + count - 2
    if (this.#owners[block] === peer) this.#owners[block] = others[last]!
    else if (others[block * 2] === peer) others[block * 2] = others[last]!
    others[last] = NOBODY
  }
}
