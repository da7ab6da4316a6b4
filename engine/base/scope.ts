/** Owns things until disposed: the shape of DisposableStack, for every runtime we support. */
export class Scope implements Disposable {
  #items: Disposable[] = []

  use<T extends Disposable>(item: T): T {
    this.#items.push(item)
    return item
  }

  defer(end: () => void): void {
    this.#items.push({ [Symbol.dispose]: end })
  }

  /** Hands everything to a new owner; this scope then has nothing left to dispose of. */
  move(): Scope {
    const heir = new Scope()
    heir.#items = this.#items
    this.#items = []
    return heir
  }

  /** Last in, first out: what was built on top goes first. One that throws does not keep the others. */
  [Symbol.dispose](): void {
    try {
      while (this.#items.length > 0) this.#items.pop()![Symbol.dispose]()
    } finally {
      if (this.#items.length > 0) this[Symbol.dispose]()
    }
  }
}
