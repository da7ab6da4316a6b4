import { endpointKey, type Endpoint } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { encodePex, type PexPeer } from './ut-pex.ts'

/** How soon to look again when there was nothing to tell. */
const LOOK_MS = 5_000

/** What one peer has been told of the others (BEP 11), and what to tell it next. */
export class PexFeed {
  readonly #told = new Map<string, Endpoint>()
  #notBefore = -Infinity

  /** Whether `next` would look at all. */
  isDue(now: number): boolean {
    return now >= this.#notBefore
  }

  /**
   * The next message, or `undefined` while it is too early or nothing has changed. The first may leave at once; what
   * does not fit goes with later ones.
   * @param now ms
   * @param connected peers with whom a handshake has passed and that can be dialled at their endpoint; dropped ones are not here
   * @param listener where the peer itself can be dialled: it needs not to be told
   */
  next(now: number, connected: Iterable<PexPeer>, listener: Endpoint | undefined): Uint8Array | undefined {
    if (!this.isDue(now)) return undefined
    const self = listener && endpointKey(listener)
    const present = new Set<string>()
    const added: PexPeer[] = []
    for (const peer of connected) {
      const key = endpointKey(peer.endpoint)
      if (key === self || present.has(key)) continue
      present.add(key)
      if (added.length < LIMITS.pex.added && !this.#told.has(key)) added.push(peer)
    }
    const dropped: Endpoint[] = []
    for (const [key, endpoint] of this.#told) {
      if (dropped.length >= LIMITS.pex.dropped) break
      if (!present.has(key)) dropped.push(endpoint)
    }
    if (added.length + dropped.length === 0) {
      this.#notBefore = now + LOOK_MS
      return undefined
    }
    this.#notBefore = now + LIMITS.pex.intervalMs
    for (const { endpoint } of added) this.#told.set(endpointKey(endpoint), endpoint)
    for (const endpoint of dropped) this.#told.delete(endpointKey(endpoint))
    return encodePex({ added, dropped })
  }
}
