/**
 * A token bucket with a parent: what a child spends, its parent spends too, so that session, torrent and peer limits
 * hold at once. Time is an argument. A rate of 0 means no limit.
 */
export class Throttle {
  readonly #parent: Throttle | undefined
  #rate = 0
  #tokens = 0
  #at = Number.NaN

  constructor(parent?: Throttle) {
    this.#parent = parent
  }

  /** Bytes per second; 0 is no limit. */
  get rate(): number {
    return this.#rate
  }

  setRate(rate: number, now: number): void {
    this.#refill(now)
    this.#rate = rate
    // Old savings must not burst through a new, lower limit.
    this.#tokens = Math.min(this.#tokens, this.#burst())
  }

  /** Whether this bucket or one above it has a limit. */
  get isLimited(): boolean {
    return this.#rate > 0 || (this.#parent?.isLimited ?? false)
  }

  /** Bytes that may be spent at `now`; Infinity without a limit, 0 or less while in debt. */
  allowance(now: number): number {
    const above = this.#parent ? this.#parent.allowance(now) : Infinity
    if (this.#rate === 0) return above
    this.#refill(now)
    return Math.min(above, this.#tokens)
  }

  /** Spends what was granted or has happened already; debt is allowed and paid back by waiting. */
  spend(bytes: number): void {
    if (this.#rate > 0) this.#tokens -= bytes
    this.#parent?.spend(bytes)
  }

  /** A fifth of a second's worth, but always room for two blocks: less would stall a slow limit. */
  #burst(): number {
    return Math.max(this.#rate / 5, 32 * 1024)
  }

  #refill(now: number): void {
    if (this.#rate > 0 && !Number.isNaN(this.#at)) {
      this.#tokens = Math.min(this.#burst(), this.#tokens + (Math.max(0, now - this.#at) * this.#rate) / 1000)
    }
    this.#at = now
  }
}
