import { endpointKey, type Endpoint } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'

export type CandidateSource = 'tracker' | 'dht' | 'pex' | 'lsd' | 'incoming' | 'manual' | 'resume'

/** An address we might dial, and how that went so far. */
export interface Candidate {
  readonly endpoint: Endpoint
  readonly source: CandidateSource
  /** Dials in a row that led to nothing. */
  failures: number
  /** `clock.now()` before which it is left alone. */
  notBefore: number
  /** Handshakes passed with it at least once. */
  hasWorked: boolean
  /** Dialling or connected. */
  inUse: boolean
}

/** ms: a first failure is often a full or busy peer; later ones are mostly dead addresses. */
const backoffMs = (failures: number): number => Math.min(30_000 * 2 ** (failures - 1), 30 * 60_000)
const RETRY_AFTER_CLOSE_MS = 10_000
/** Two seeds have nothing to say to each other for as long as both are. */
const RETRY_SEED_MS = 30 * 60_000
const FAILURES_TO_FORGET = 6

/** Known addresses of one swarm. Bounded; bans outlive the address. */
export class Candidates {
  readonly #known = new Map<string, Candidate>()
  /** Banned addresses without port: a poisoner comes back from another port. */
  readonly #banned = new Map<string, string>()
  /** Due candidates in the order in which they are tried; refilled by `#rebuild`. */
  #order: Candidate[] = []
  #rebuildAt = 0

  get size(): number {
    return this.#known.size
  }

  /** @returns whether it was new. Addresses that users named are tried first and displace others when full. */
  offer(endpoint: Endpoint, source: CandidateSource): boolean {
    if (this.#banned.has(endpoint.address)) return false
    const key = endpointKey(endpoint)
    const known = this.#known.get(key)
    if (known) {
      // A tracker that names a peer again saw it alive: what failed long ago deserves another try.
      if (source === 'tracker' || source === 'manual') known.failures = Math.min(known.failures, 1)
      return false
    }
    if (this.#known.size >= LIMITS.peers.knownPerTorrent && !this.#makeRoom()) return false
    this.#known.set(key, { endpoint, source, failures: 0, notBefore: 0, hasWorked: false, inUse: false })
    this.#rebuildAt = 0
    return true
  }

  /** The best candidate that is due, marked as in use; `undefined` when nobody is. */
  next(now: number, random: () => number): Candidate | undefined {
    if (this.#order.length === 0) {
      if (now < this.#rebuildAt) return undefined
      this.#rebuild(now, random)
    }
    while (this.#order.length > 0) {
      const candidate = this.#order.pop()!
      if (candidate.inUse || candidate.notBefore > now || this.#banned.has(candidate.endpoint.address)) continue
      candidate.inUse = true
      return candidate
    }
    return undefined
  }

  /** A dial or handshake that led to nothing. */
  failed(candidate: Candidate, now: number): void {
    candidate.inUse = false
    candidate.failures++
    candidate.notBefore = now + backoffMs(candidate.failures)
    if (candidate.failures >= FAILURES_TO_FORGET && candidate.source !== 'manual') {
      this.#known.delete(endpointKey(candidate.endpoint))
    }
  }

  /** A connection that worked and ended. @param isUseless it is a seed, and so are we */
  closed(candidate: Candidate, now: number, isUseless = false): void {
    candidate.inUse = false
    candidate.failures = 0
    candidate.notBefore = now + (isUseless ? RETRY_SEED_MS : RETRY_AFTER_CLOSE_MS)
    this.#rebuildAt = Math.min(this.#rebuildAt, candidate.notBefore)
  }

  /** Everybody but the banned: whoever named them has no say any more. Those in use end by themselves. */
  clear(): void {
    this.#known.clear()
    this.#order = []
  }

  /** Never dialled again: ourselves. */
  forget(endpoint: Endpoint): void {
    this.#known.delete(endpointKey(endpoint))
  }

  ban(address: string, reason: string): void {
    if (this.#banned.size >= LIMITS.peers.knownPerTorrent) this.#banned.delete(this.#banned.keys().next().value ?? '')
    this.#banned.set(address, reason)
    for (const [key, candidate] of this.#known) if (candidate.endpoint.address === address) this.#known.delete(key)
  }

  isBanned(address: string): boolean {
    return this.#banned.has(address)
  }

  /** Forgets all back-off: the network came back, or the user said "now". */
  retryAll(): void {
    for (const candidate of this.#known.values()) candidate.notBefore = 0
    this.#rebuildAt = 0
  }

  /** Addresses that worked, for the next start. */
  worked(most: number): string[] {
    const keys: string[] = []
    for (const [key, candidate] of this.#known) {
      if (keys.length >= most) break
      if (candidate.hasWorked) keys.push(key)
    }
    return keys
  }

  #rebuild(now: number, random: () => number): void {
    const due: { candidate: Candidate; rank: number }[] = []
    let soonest = now + 5_000
    for (const candidate of this.#known.values()) {
      if (candidate.inUse) continue
      if (candidate.notBefore > now) {
        soonest = Math.min(soonest, candidate.notBefore)
        continue
      }
      // Popped from the end: users' own addresses first, then those that failed least, in random order.
      due.push({ candidate, rank: (candidate.source === 'manual' ? -10 : candidate.failures) + random() })
    }
    due.sort((a, b) => b.rank - a.rank)
    this.#order = due.map(one => one.candidate)
    this.#rebuildAt = soonest
  }

  #makeRoom(): boolean {
    for (const [key, candidate] of this.#known) {
      if (!candidate.inUse && candidate.failures > 0 && candidate.source !== 'manual') return this.#known.delete(key)
    }
    return false
  }
}
