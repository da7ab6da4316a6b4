/** Lets many pass at once, until somebody needs to be alone: then nobody new passes, and those inside finish first. */
export class Gate {
  #inside = 0
  #closed: Promise<unknown> | undefined
  #whenEmpty: (() => void) | undefined

  async pass<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed
    this.#inside++
    try {
      return await work()
    } finally {
      this.#inside--
      if (this.#inside === 0) this.#whenEmpty?.()
    }
  }

  /** One after the other, and with nobody inside. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closed) await this.#closed
    let open = () => {}
    this.#closed = new Promise<void>(resolve => (open = resolve))
    try {
      if (this.#inside > 0) await new Promise<void>(resolve => (this.#whenEmpty = resolve))
      return await work()
    } finally {
      this.#whenEmpty = undefined
      this.#closed = undefined
      open()
    }
  }
}
