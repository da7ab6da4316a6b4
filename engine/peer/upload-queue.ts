import { LIMITS } from '#engine/base/limits.ts'

/** Blocks that one peer asked for, in its order: a ring of [piece, begin, length], nothing allocated per request. */
export class UploadQueue {
  #ring = new Int32Array(64 * 3)
  #head = 0
  #count = 0

  get length(): number {
    return this.#count
  }
  get piece(): number {
    return this.#ring[this.#head * 3]!
  }
  get begin(): number {
    return this.#ring[this.#head * 3 + 1]!
  }
  get blockLength(): number {
    return this.#ring[this.#head * 3 + 2]!
  }

  /** @returns false when the peer asked for more than it may (BEP 10 `reqq`): the caller rejects or drops the request */
  push(piece: number, begin: number, length: number): boolean {
    if (this.#count >= LIMITS.wire.requestsFromPeer) return false
    if (this.#count * 3 === this.#ring.length) this.#grow()
    const at = ((this.#head + this.#count) % (this.#ring.length / 3)) * 3
    this.#ring[at] = piece
    this.#ring[at + 1] = begin
    this.#ring[at + 2] = length
    this.#count++
    return true
  }

  shift(): void {
    this.#head = (this.#head + 1) % (this.#ring.length / 3)
    this.#count--
  }

  /** @returns whether it was there */
  cancel(piece: number, begin: number, length: number): boolean {
    const capacity = this.#ring.length / 3
    for (let nth = 0; nth < this.#count; nth++) {
      const at = ((this.#head + nth) % capacity) * 3
      if (this.#ring[at] !== piece || this.#ring[at + 1] !== begin || this.#ring[at + 2] !== length) continue
      for (let rest = nth; rest + 1 < this.#count; rest++) {
        const to = ((this.#head + rest) % capacity) * 3
        const from = ((this.#head + rest + 1) % capacity) * 3
        this.#ring.copyWithin(to, from, from + 3)
      }
      this.#count--
      return true
    }
    return false
  }

  clear(): void {
    this.#count = 0
  }

  #grow(): void {
    const capacity = this.#ring.length / 3
    const bigger = new Int32Array(this.#ring.length * 2)
    for (let nth = 0; nth < this.#count; nth++) {
      const at = ((this.#head + nth) % capacity) * 3
      bigger.set(this.#ring.subarray(at, at + 3), nth * 3)
    }
    this.#ring = bigger
    this.#head = 0
  }
}
