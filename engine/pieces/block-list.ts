/** Blocks as [piece, block] pairs in one flat array, which the caller reuses. */
export class BlockList {
  #pairs = new Int32Array(64)
  #length = 0

  /** Pairs. */
  get length(): number {
    return this.#length
  }

  piece(i: number): number {
    return this.#pairs[i * 2]!
  }

  block(i: number): number {
    return this.#pairs[i * 2 + 1]!
  }

  push(piece: number, block: number): void {
    if (this.#length * 2 === this.#pairs.length) {
      const larger = new Int32Array(this.#pairs.length * 2)
      larger.set(this.#pairs)
      this.#pairs = larger
    }
    this.#pairs[this.#length * 2] = piece
    this.#pairs[this.#length * 2 + 1] = block
    this.#length++
  }

  clear(): void {
    this.#length = 0
  }
}
