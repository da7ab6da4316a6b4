import type { Clock } from '#engine/io/clock.ts'
import type { Random } from '#engine/io/random.ts'
import { sameBytes, toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Failure, SwarmCounts } from './announce.ts'
import { Route } from './route.ts'
import { retryAt } from './schedule.ts'
import type { Ranked } from './tiers.ts'
import type { TrackerUrl } from './tracker-url.ts'

/** One tracker as people see it. Times are milliseconds since 1970. */
export interface TrackerStatus {
  readonly tier: number
  /** Passkeys masked. */
  readonly url: string
  readonly host: string
  readonly state: 'waiting' | 'announcing' | 'working' | 'failed' | 'refused'
  /** null when none is planned. */
  readonly nextAt: number | null
  /** "Announce now" is refused before this; null = allowed. */
  readonly allowedAt: number | null
  readonly lastAt: number | null
  /** The tracker's own words, or what went wrong on the way to it. */
  readonly message: string
  readonly seeds: number | null
  readonly leeches: number | null
  readonly completed: number | null
  /** Addresses in the last answer. */
  readonly peersReceived: number | null
}

/** Bytes at the time of the first `started`: what is told to a tracker counts from there. */
export interface Baseline {
  readonly uploaded: number
  readonly downloaded: number
  readonly corrupt: number
  readonly redundant: number
}

/** One tracker of one torrent. */
export class TrackerEntry implements Ranked {
  readonly tracker: TrackerUrl
  tier: number
  isByUser: boolean
  /** Edited away while an answer was under way. */
  isRemoved = false
  isResolving = false
  /** Undefined until it is first used in this run. */
  baseline: Baseline | undefined
  /** Hex hashes whose `completed` it has not taken yet. */
  readonly owesCompleted = new Set<string>()
  scrapedAt = -Infinity
  readonly #routes: Route[] = []
  #lookupFailures = 0
  #lookupMessage = ''
  #lookupLastAt = -Infinity
  #lookupAt = -Infinity

  constructor(tracker: TrackerUrl, tier: number, isByUser: boolean) {
    this.tracker = tracker
    this.tier = tier
    this.isByUser = isByUser
  }

  get routes(): readonly Route[] {
    return this.#routes
  }
  get used(): Route[] {
    return this.#routes.filter(route => route.isUsed)
  }
  get isBusy(): boolean {
    return this.isResolving || this.#routes.some(route => route.isUsed && route.isBusy)
  }
  get isWorking(): boolean {
    return this.#lookupFailures === 0 && this.#routes.some(route => route.isUsed && route.isWorking)
  }
  /** One family that fails is no failure while the other works or is still being tried. */
  get isFailing(): boolean {
    if (this.#lookupFailures > 0) return true
    const used = this.used
    return used.length > 0 && used.every(route => route.failures > 0)
  }
  get isRefused(): boolean {
    return this.isFailing && this.used.some(route => route.isRefused)
  }

  dueAt(): number {
    if (this.isResolving) return Infinity
    if (this.#lookupFailures > 0) return this.#lookupAt
    const used = this.used
    if (used.length === 0) return this.#lookupAt
    return used.reduce((least, route) => (route.isBusy ? least : Math.min(least, route.nextAt)), Infinity)
  }

  /** A new run: every swarm is announced as `started` again, but trackers that failed are not asked any earlier. */
  begin(): void {
    this.baseline = undefined
    this.owesCompleted.clear()
    for (const route of this.#routes) if (route.failures === 0) route.nextAt = -Infinity
  }

  /** The run is over: what was under way has been given up. */
  rest(): void {
    this.isResolving = false
    for (const route of this.#routes) {
      route.isKnown = false
      route.isBusy = false
      route.isSent = false
      route.isUrgent = false
    }
  }

  /** The families that reach the tracker and the swarms to announce: makes routes for new ones, rests the others. */
  settleLookup(swarms: readonly Uint8Array[], families: readonly (4 | 6)[]): void {
    this.#lookupFailures = 0
    this.#lookupAt = -Infinity
    for (const route of this.#routes) route.isUsed = false
    for (const swarm of swarms) {
      for (const family of families) {
        let route = this.#routes.find(one => one.family === family && sameBytes(one.swarm, swarm))
        if (!route) this.#routes.push((route = new Route(swarm, family)))
        route.isUsed = true
      }
    }
  }

  settleLookupFailure(failure: Failure, now: number, random: Random): void {
    this.#lookupFailures++
    this.#lookupMessage = failure.text
    this.#lookupLastAt = now
    this.#lookupAt = retryAt(now, this.#lookupFailures, 'failed', undefined, random)
  }

  /** Somebody asks for an announce as soon as is decent. @returns whether any is due */
  hurry(now: number): boolean {
    if (this.#lookupFailures > 0) {
      if (this.isResolving || now < this.#lookupLastAt + LIMITS.tracker.retryOnClickMs) return false
      this.#lookupAt = now
      return true
    }
    let isAny = false
    for (const route of this.used) {
      if (route.isBusy || now < route.allowedAt) continue
      route.nextAt = now
      route.isUrgent = true
      isAny = true
    }
    return isAny
  }

  /** We may be somewhere else: one announce at `at`, or as soon as the tracker allows. */
  advance(at: number): void {
    this.#lookupAt = Math.min(this.#lookupAt, at)
    for (const route of this.used) {
      // A refusal has nothing to do with where we are.
      if (route.isRefused || route.nextAt === Infinity) continue
      const earliest = Math.max(at, route.heldUntil, (route.lastAt ?? -Infinity) + LIMITS.tracker.intervalMinMs)
      route.nextAt = Math.min(route.nextAt, earliest)
    }
  }

  routesOf(swarm: Uint8Array): Route[] {
    return this.#routes.filter(route => sameBytes(route.swarm, swarm))
  }

  /** Makes the `completed` of every swarm due, one route each: it is a count, and two families would count twice. */
  completed(swarms: readonly Uint8Array[], now: number): void {
    if (!this.baseline) return
    for (const swarm of swarms) {
      this.owesCompleted.add(toHex(swarm))
      this.completedDue(swarm, now)
    }
  }

  completedDue(swarm: Uint8Array, now: number): void {
    if (!this.owesCompleted.has(toHex(swarm))) return
    const carriers = this.used.filter(route => route.isKnown && route.failures === 0 && sameBytes(route.swarm, swarm))
    // Whoever is busy makes it due again when it is back.
    const carrier = carriers.find(route => route.family === 4) ?? carriers[0]
    if (carrier) carrier.nextAt = Math.min(carrier.nextAt, now)
  }

  counts(): SwarmCounts {
    return {
      seeds: most(this.#routes, 'seeds'),
      leeches: most(this.#routes, 'leeches'),
      completed: most(this.#routes, 'completed'),
    }
  }

  /** The tracker's words or what went wrong: the most telling of its routes. */
  message(): string {
    if (this.#lookupFailures > 0) return this.#lookupMessage
    const used = this.used
    const telling = this.isFailing
      ? (used.find(route => route.isRefused) ?? used[0])
      : used.find(route => route.isWorking && route.message !== '')
    return telling?.message ?? ''
  }

  /** @param isInUse false: no announce is planned */
  row(clock: Clock, isInUse: boolean): TrackerStatus {
    const now = clock.now()
    const toWall = (at: number) => Math.round(clock.wall() + at - now)
    const used = this.used
    const lastAt = used.reduce((latest, route) => Math.max(latest, route.lastAt ?? -Infinity), this.#lookupLastAt)
    const nextAt = Math.max(now, this.dueAt())
    const allowedAt = used.reduce((least, route) => Math.min(least, route.allowedAt), Infinity)
    const received = used.filter(route => route.peersReceived !== null)
    return {
      tier: this.tier,
      url: this.tracker.masked,
      host: this.tracker.host,
      state: this.#state(),
      nextAt: isInUse && nextAt !== Infinity ? toWall(nextAt) : null,
      allowedAt: allowedAt > now && allowedAt !== Infinity ? toWall(allowedAt) : null,
      lastAt: lastAt === -Infinity ? null : toWall(lastAt),
      message: this.message(),
      ...this.counts(),
      peersReceived:
        received.length === 0 ? null : received.reduce((sum, route) => sum + (route.peersReceived ?? 0), 0),
    }
  }

  #state(): TrackerStatus['state'] {
    const used = this.used
    // IPv6 may take its time to fail; what IPv4 says is shown meanwhile.
    const telling = used.some(route => route.family === 4) ? used.filter(route => route.family === 4) : used
    if (this.isResolving || telling.some(route => route.isBusy)) return 'announcing'
    if (this.isFailing) return this.isRefused ? 'refused' : 'failed'
    return this.isWorking ? 'working' : 'waiting'
  }
}

function most(routes: readonly Route[], count: keyof SwarmCounts): number | null {
  let best: number | null = null
  for (const { counts } of routes) if (counts[count] !== null && counts[count] > (best ?? -1)) best = counts[count]
  return best
}
