/** The receiving half that every transport shares: holds messages until somebody listens, ends once, then is silent. */
export class Inbox<In> {
  #listener: ((message: In) => void) | undefined
  #waiting: In[] = []
  #closeListener: (() => void) | undefined
  #isEnded = false

  get isEnded(): boolean {
    return this.#isEnded
  }

  receive(message: In): void {
    if (this.#isEnded) return
    if (this.#listener) this.#listener(message)
    else this.#waiting.push(message)
  }

  onMessage(listener: (message: In) => void): void {
    this.#listener = listener
    const waiting = this.#waiting
    this.#waiting = []
    for (const message of waiting) this.receive(message)
  }

  onClose(listener: () => void): void {
    this.#closeListener = listener
    if (this.#isEnded) listener()
  }

  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#waiting = []
    this.#closeListener?.()
  }
}
