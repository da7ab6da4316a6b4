import type { Endpoint } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { hostOf } from './address-groups.ts'

/** The rate is an average over this time: a client that starts with many torrents asks for all of them at once. */
const WINDOW_MS = 4_000
const REMEMBERED = 4_096

interface Source {
  since: number
  packets: number
  blockedUntil: number
}

/** Which queries are answered at all: no source may keep us busy, and nobody can aim us at somebody else. */
export class FloodGuard {
  readonly #sources = new Map<string, Source>()
  #tokens: number = LIMITS.dht.answerBytesPerSecond
  #at = 0

  /** Counts a query. @returns whether its source is still welcome */
  admits(from: Endpoint, now: number): boolean {
    const source = this.#source(hostOf(from), now)
    if (now < source.blockedUntil) return false
    if (now - source.since >= WINDOW_MS) {
      source.since = now
      source.packets = 0
    }
    source.packets++
    if (source.packets <= (LIMITS.dht.packetsPerSecond * WINDOW_MS) / 1000) return true
    source.blockedUntil = now + LIMITS.dht.blockMs
    return false
  }

  /** Whether an answer of a few bytes could still be sent. Asked before work is done. */
  hasBudget(now: number): boolean {
    return this.#refilled(now) > 0
  }

  /** Pays for `bytes` sent to whom nobody vouches for. @returns whether there was enough; then they may be sent */
  pay(bytes: number, now: number): boolean {
    if (this.#refilled(now) < bytes) return false
    this.#tokens -= bytes
    return true
  }

  #refilled(now: number): number {
    const rate = LIMITS.dht.answerBytesPerSecond
    this.#tokens = Math.min(rate, this.#tokens + (Math.max(0, now - this.#at) * rate) / 1000)
    this.#at = now
    return this.#tokens
  }

  #source(host: string, now: number): Source {
    const known = this.#sources.get(host)
    if (known) return known
    const [oldest] = this.#sources.keys()
    if (oldest !== undefined && this.#sources.size >= REMEMBERED) this.#sources.delete(oldest)
    const source = { since: now, packets: 0, blockedUntil: 0 }
    this.#sources.set(host, source)
    return source
  }
}
