/** So many at once and no more. The limit may change while some are out. */
export class Budget {
  readonly #limit: () => number
  #taken = 0

  constructor(limit: () => number) {
    this.#limit = limit
  }

  get taken(): number {
    return this.#taken
  }

  acquire(): boolean {
    if (this.#taken >= this.#limit()) return false
    this.#taken++
    return true
  }

  release(): void {
    this.#taken--
  }
}
