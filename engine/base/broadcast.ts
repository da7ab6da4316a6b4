/** Tells whoever listens that something changed. If the program breaks when nobody listens, it should have been a call. */
export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>()

  listen(listener: (value: T) => void): Disposable {
    // A wrapper per subscription: the same function may listen twice and leave once.
    const entry = (value: T) => listener(value)
    this.#listeners.add(entry)
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) }
  }

  tell(value: T): void {
    for (const listener of this.#listeners) listener(value)
  }
}
