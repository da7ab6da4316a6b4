import { type Endpoint, endpointKey } from '#engine/base/endpoint.ts'
import type { Candidate } from './lookup.ts'

const MOST = 100
/** Between two; packets of forged origin must not make us knock on many doors. */
const GAP_MS = 200
const MOST_AT_ONCE = 5

/** Nodes that somebody told of, or that asked us: to be asked whether they are there, a few a second. */
export class Strangers {
  readonly #waiting = new Map<string, Candidate>()
  #nextAt = 0

  get hasRoom(): boolean {
    return this.#waiting.size < MOST
  }
  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** Somebody told of it; the one that waits longest makes room. */
  add(node: Candidate): void {
    this.#waiting.set(endpointKey(node.endpoint), node)
    const [oldest] = this.#waiting.keys()
    if (oldest !== undefined && this.#waiting.size > MOST) this.#waiting.delete(oldest)
  }

  /** Who may be asked at `now`, if any; he does not wait any more. */
  next(now: number): Candidate | undefined {
    const [first] = this.#waiting
    if (!first || now < this.#nextAt) return undefined
    this.#waiting.delete(first[0])
    this.#nextAt = Math.max(this.#nextAt, now - MOST_AT_ONCE * GAP_MS) + GAP_MS
    return first[1]
  }

  takeAll(): Endpoint[] {
    const all = [...this.#waiting.values()].map(node => node.endpoint)
    this.#waiting.clear()
    return all
  }
}
