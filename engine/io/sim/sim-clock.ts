import type { Clock } from '../clock.ts'

interface Timer {
  readonly at: number
  readonly order: number
  fn: (() => void) | undefined
}

/**
 * Virtual time. Nothing happens until it is told to advance; then timers run in order of time, and of birth at one
 * instant, so that the same seed gives the same run.
 */
export class SimClock implements Clock {
  readonly #heap: Timer[] = []
  #now = 0
  #order = 0
  readonly #epoch: number
  readonly #settle: () => Promise<void>

  /** @param settle waits until everything that is ready to run has run: the test's own event loop, e.g. `setImmediate` */
  constructor(settle: () => Promise<void>, epoch = 1_700_000_000_000) {
    this.#settle = settle
    this.#epoch = epoch
  }

  now(): number {
    return this.#now
  }
  wall(): number {
    return this.#epoch + this.#now
  }
  get pending(): number {
    return this.#heap.reduce((sum, timer) => sum + (timer.fn ? 1 : 0), 0)
  }

  after(delayMs: number, fn: () => void): Disposable {
    const timer: Timer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, fn }
    this.#push(timer)
    return { [Symbol.dispose]: () => (timer.fn = undefined) }
  }

  /** Runs until `predicate` holds or `limitMs` have passed. @returns whether it held */
  async until(predicate: () => boolean, limitMs: number): Promise<boolean> {
    const end = this.#now + limitMs
    await this.#settle()
    while (!predicate()) {
      const next = this.#peek()
      if (!next || next.at > end) {
        this.#now = end
        await this.#settle()
        return predicate()
      }
      this.#now = Math.max(this.#now, next.at)
      // Everything due at one instant runs before what it woke up.
      for (let due = this.#peek(); due && due.at <= this.#now; due = this.#peek()) {
        this.#pop()
        due.fn?.()
      }
      await this.#settle()
    }
    return true
  }

  async advance(ms: number): Promise<void> {
    await this.until(() => false, ms)
  }

  #isBefore(a: Timer, b: Timer): boolean {
    return a.at < b.at || (a.at === b.at && a.order < b.order)
  }

  #peek(): Timer | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.fn === undefined) this.#pop()
    return this.#heap[0]
  }

  #push(timer: Timer): void {
    const heap = this.#heap
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isBefore(timer, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = timer
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = at * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && this.#isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!this.#isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}
