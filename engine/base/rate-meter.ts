const SLOTS = 20
const SLOT_MS = 250

/** Bytes per second over the last five seconds, in a ring of 250 ms slots. No timer: callers bring the time. */
export class RateMeter {
  readonly #ring = new Float64Array(SLOTS)
  #slot = -1
  #firstSlot = -1
  #sum = 0
  total = 0

  add(bytes: number, now: number): void {
    this.#advance(now)
    this.#ring[this.#slot % SLOTS]! += bytes
    this.#sum += bytes
    this.total += bytes
  }

  /** B/s. Young meters divide by their age, so that a fresh transfer does not read as slow. */
  rate(now: number): number {
    if (this.#slot < 0) return 0
    this.#advance(now)
    const slots = Math.min(SLOTS, this.#slot - this.#firstSlot + 1)
    return (this.#sum * 1000) / (Math.max(slots, 4) * SLOT_MS)
  }

  #advance(now: number): void {
    const slot = Math.floor(now / SLOT_MS)
    if (slot === this.#slot) return
    if (this.#slot < 0 || slot - this.#slot >= SLOTS) {
      this.#ring.fill(0)
      this.#sum = 0
      this.#firstSlot = slot
    } else {
      for (let at = this.#slot + 1; at <= slot; at++) {
        this.#sum -= this.#ring[at % SLOTS]!
        this.#ring[at % SLOTS] = 0
      }
    }
    this.#slot = Math.max(slot, this.#slot)
  }
}
