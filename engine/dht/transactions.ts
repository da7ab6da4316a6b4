import { type Endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'
import type { Random } from '#engine/io/random.ts'
import type { Reply } from './krpc.ts'
import type { NodeId } from './node-id.ts'

/** Whoever asked. Exactly one of `onReply` and `onLost` is called; `onSlow` at most once, before it. */
export interface Waiter {
  onReply(reply: Reply): void
  /** No answer within the time that answers take here; it may still come. */
  onSlow(): void
  /** No answer, or none that counts. */
  onLost(): void
}

export interface Pending {
  readonly to: Endpoint
  /** Who should answer; `undefined` where only the address is known. */
  readonly id: NodeId | undefined
  readonly waiter: Waiter
  readonly sentAt: number
  readonly slowAt: number
  isSlow: boolean
}

/** Longer than any working path takes; what comes later is nobody's. */
const LOST_MS = 6_000
const SLOW_MIN_MS = 250
const SLOW_MAX_MS = 2_000
const SLOW_AT_FIRST_MS = 1_000
const MOST_PENDING = 512
/** Two would do; four leave no chance to who guesses. */
const TRANSACTION_BYTES = 4

/** Our questions under way, and how long answers take. */
export class Transactions {
  readonly #random: Random
  readonly #pending = new Map<string, Pending>()
  #meanMs = Number.NaN
  #deviationMs = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Whether there should be no more of them for now. */
  get isFull(): boolean {
    return this.#pending.size >= MOST_PENDING
  }

  /** @returns the id to send */
  open(to: Endpoint, id: NodeId | undefined, waiter: Waiter, now: number): Uint8Array {
    let transaction = this.#random.bytes(TRANSACTION_BYTES)
    while (this.#pending.has(toHex(transaction))) transaction = this.#random.bytes(TRANSACTION_BYTES)
    this.#pending.set(toHex(transaction), { to, id, waiter, sentAt: now, slowAt: now + this.patienceMs, isSlow: false })
    return transaction
  }

  /** Ends the one that `from` answers. Anybody can send packets: id and address must both fit. */
  take(transaction: Uint8Array, from: Endpoint, now: number): Pending | undefined {
    const key = toHex(transaction)
    const pending = this.#pending.get(key)
    if (!pending || endpointKey(pending.to) !== endpointKey(from)) return undefined
    this.#pending.delete(key)
    this.#measure(now - pending.sentAt)
    return pending
  }

  /** @returns those that nobody will answer any more */
  tick(now: number): Pending[] {
    const lost: Pending[] = []
    for (const [key, pending] of this.#pending) {
      if (now >= pending.sentAt + LOST_MS) {
        this.#pending.delete(key)
        lost.push(pending)
      } else if (now >= pending.slowAt && !pending.isSlow) {
        pending.isSlow = true
        pending.waiter.onSlow()
      }
    }
    return lost
  }

  /** How long to wait before asking somebody else as well: mean and four deviations of what it took, as TCP does. */
  get patienceMs(): number {
    if (Number.isNaN(this.#meanMs)) return SLOW_AT_FIRST_MS
    return Math.min(SLOW_MAX_MS, Math.max(SLOW_MIN_MS, this.#meanMs + 4 * this.#deviationMs))
  }

  #measure(tookMs: number): void {
    if (Number.isNaN(this.#meanMs)) {
      this.#meanMs = tookMs
      this.#deviationMs = tookMs / 2
      return
    }
    this.#deviationMs += (Math.abs(tookMs - this.#meanMs) - this.#deviationMs) / 4
    this.#meanMs += (tookMs - this.#meanMs) / 8
  }
}
