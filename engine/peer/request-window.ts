import { LIMITS } from '#engine/base/limits.ts'

const START = 8
/** ms of queue that we aim to keep at the peer on top of the round trip: it never runs dry between our refills. */
const QUEUE_MS = 250
const LEAST = 4
/** Refusals in a row, with no block between them, after which a peer counts as one that gives nothing. */
const REJECTS_MOST = 64
/** ms after which an old best latency no longer describes the path. */
const LATENCY_MEMORY_MS = 30_000

/**
 * How many blocks to have in flight with one peer: finds the rate by slow start, then keeps rate × (latency + queue time).
 * Latency is that of one probe block at a time; its minimum is the path, anything above it is queue that we made.
 */
export class RequestWindow {
  inFlight = 0
  /** Blocks that this peer's share of the memory holds: however fast it is, others need some as well. */
  share = Infinity
  #size = START
  #most: number = LIMITS.wire.requestsToPeer
  #slowStart = true
  #snubbed = false
  #blocksSinceTick = 0
  /** Blocks per ms, smoothed. */
  #rate = 0
  #tickAt = Number.NaN
  #probeSentAt = Number.NaN
  /** Blocks that must arrive before the probe does: peers answer in order. */
  #blocksBeforeProbe = 0
  #latency = Infinity
  #latencyAt = 0
  #lastBlockAt = 0
  #rejectsInARow = 0

  get size(): number {
    return this.#size
  }
  get isSnubbed(): boolean {
    return this.#snubbed
  }

  /** `reqq` of the extended handshake (BEP 10): more than that the peer would drop. */
  setMost(reqq: number): void {
    this.#most = Math.max(1, Math.min(LIMITS.wire.requestsToPeer, reqq))
    this.#size = Math.min(this.#size, this.#most)
  }

  /** How many blocks to ask for; 0 until a quarter of the window is free, so that requests leave in batches. */
  room(): number {
    const size = Math.min(this.#size, this.share)
    const free = size - this.inFlight
    return free >= Math.max(1, size >> 2) ? free : 0
  }

  sent(count: number, now: number): void {
    if (this.inFlight === 0) this.#lastBlockAt = now
    this.inFlight += count
    if (Number.isNaN(this.#probeSentAt)) {
      this.#probeSentAt = now
      this.#blocksBeforeProbe = this.inFlight - count
    }
  }

  /** An answer to a request of ours; bytes of it may have been useless. */
  arrived(now: number): void {
    if (this.inFlight > 0) this.inFlight--
    this.#lastBlockAt = now
    this.#blocksSinceTick++
    this.#rejectsInARow = 0
    if (this.#snubbed) {
      this.#snubbed = false
      this.#size = START
      this.#slowStart = true
    }
    if (this.#slowStart && this.#size < this.#most) this.#size++
    if (!Number.isNaN(this.#probeSentAt) && this.#blocksBeforeProbe-- <= 0) {
      const latency = Math.max(0.05, now - this.#probeSentAt)
      if (latency <= this.#latency || now - this.#latencyAt > LATENCY_MEMORY_MS) {
        this.#latency = latency
        this.#latencyAt = now
      }
      this.#probeSentAt = Number.NaN
    }
  }

  /** Refused by the peer. @returns whether it refuses everything, and is snubbed for it like one that is silent */
  rejected(): boolean {
    this.lost(1)
    if (++this.#rejectsInARow < REJECTS_MOST) return false
    this.#rejectsInARow = 0
    this.snub()
    return true
  }

  /** Cancelled or given up: it will not come. */
  lost(count: number): void {
    this.inFlight = Math.max(0, this.inFlight - count)
  }

  /** Choked: everything in flight is void. */
  reset(): void {
    this.inFlight = 0
    this.#probeSentAt = Number.NaN
  }

  /** Nothing came for too long: one request at a time until it does. The caller gives the blocks to others. */
  snub(): void {
    this.#snubbed = true
    this.#size = 1
    this.#slowStart = false
    this.reset()
  }

  /** ms since the last block, while some are owed; 0 otherwise. */
  waitingMs(now: number): number {
    return this.inFlight > 0 ? now - this.#lastBlockAt : 0
  }

  tick(now: number): void {
    const elapsed = now - this.#tickAt
    this.#tickAt = now
    if (!(elapsed > 0)) return
    const rate = this.#blocksSinceTick / elapsed
    this.#blocksSinceTick = 0
    const before = this.#rate
    this.#rate = before === 0 ? rate : before * 0.7 + rate * 0.3
    if (this.#snubbed || this.#latency === Infinity) return
    const target = this.#rate * (this.#latency + QUEUE_MS)
    // Slow start ends when a window of more brings no more: the path, or the peer, is full.
    if (this.#slowStart && target < this.#size * 0.8 && rate > 0) this.#slowStart = false
    if (!this.#slowStart) this.#size = Math.round(Math.max(LEAST, Math.min(this.#most, target)))
  }
}
