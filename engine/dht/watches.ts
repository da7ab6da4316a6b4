import { type Endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { sameBytes } from '#engine/base/ids.ts'
import type { Random } from '#engine/io/random.ts'
import { credible } from './address-groups.ts'
import type { DhtFamily } from './family.ts'
import { ScrapeFilter } from './scrape-filter.ts'
import type { Search } from './searches.ts'

export interface WatchOptions {
  /** The TCP port that peers reach us at; 0 while there is none. */
  readonly port: () => number
  /** Whether to tell others of us, too. */
  readonly announce: boolean
  /** Whether more peers would help. */
  readonly isHungry: () => boolean
  /** Whether we have all of it (BEP 33): then only those who do not are looked for. */
  readonly isSeed?: () => boolean
}

export interface WatchesHost {
  readonly families: readonly DhtFamily[]
  readonly random: Random
  /** Whether our UDP port is where peers reach us: then a NAT that changes it does no harm (BEP 5, `implied_port`). */
  readonly impliesPort: boolean
  /** Peers that others announced to us. */
  announced(infoHash: Uint8Array, family: 4 | 6): readonly Endpoint[]
  onPeers(infoHash: Uint8Array, peers: readonly Endpoint[]): void
}

interface Counts {
  readonly seeds: number
  readonly leeches: number
}

/** A watch in one family. */
interface Leg {
  readonly family: DhtFamily
  search: Search | undefined
  /** When the last one ended. */
  endedAt: number
  /** 0 to 1: this time's share of the jitter. */
  jitter: number
  searches: number
  /** Searches in a row by a hungry torrent that somebody answered. */
  hungrySearches: number
  counts: Counts | undefined
}

interface Watch {
  readonly infoHash: Uint8Array
  readonly options: WatchOptions
  readonly legs: Leg[]
}

const INTERVAL_MS = 15 * 60_000
/** While hungry, doubled each time up to the interval. */
const HUNGRY_MS = 60_000
/** Either way, so that what started together does not come back together. */
const JITTER = 0.15
const MOST_AT_ONCE = 4
const MOST_PEERS = 1_000
const LOOK_MS = 250
const NEVER = Number.MIN_SAFE_INTEGER

/** Torrents that look for peers again and again, a few searches at a time; the hungry go first. */
export class Watches {
  readonly #host: WatchesHost
  readonly #watches = new Set<Watch>()
  #lookAt = 0

  constructor(host: WatchesHost) {
    this.#host = host
  }

  add(infoHash: Uint8Array, options: WatchOptions): Disposable {
    const watch: Watch = { infoHash: infoHash.slice(), options, legs: [] } // kept beyond the call
    this.#watches.add(watch)
    return {
      [Symbol.dispose]: () => {
        this.#watches.delete(watch)
        for (const leg of watch.legs) leg.search?.[Symbol.dispose]()
      },
    }
  }

  tick(now: number): void {
    if (now < this.#lookAt) return
    this.#lookAt = now + LOOK_MS
    for (const family of this.#host.families) if (family.isReady) this.#startDue(family, now)
  }

  /** What the last searches found, about; `undefined` while no node has told. */
  scrape(infoHash: Uint8Array): Counts | undefined {
    let largest: Counts | undefined
    for (const watch of this.#watches) {
      if (!sameBytes(watch.infoHash, infoHash)) continue
      // Most peers are in both families: the sum would count them twice.
      for (const { counts } of watch.legs) if (counts && total(counts) >= total(largest)) largest = counts
    }
    return largest
  }

  #startDue(family: DhtFamily, now: number): void {
    let running = 0
    const due: { watch: Watch; leg: Leg; isHungry: boolean }[] = []
    for (const watch of this.#watches) {
      const leg = legOf(watch, family)
      if (leg.search) {
        running++
        continue
      }
      const isHungry = watch.options.isHungry()
      if (!isHungry) leg.hungrySearches = 0
      if (now >= dueAt(leg, isHungry)) due.push({ watch, leg, isHungry })
    }
    due.sort((a, b) => Number(b.isHungry) - Number(a.isHungry) || a.leg.endedAt - b.leg.endedAt)
    for (const { watch, leg, isHungry } of due.slice(0, Math.max(0, MOST_AT_ONCE - running))) {
      this.#start(watch, leg, isHungry)
    }
  }

  #start(watch: Watch, leg: Leg, isHungry: boolean): void {
    const { infoHash, options } = watch
    const { family } = leg
    const told = new Set<string>()
    const tell = (peers: readonly Endpoint[]) => this.#tell(infoHash, peers, told)
    const seeds = new ScrapeFilter()
    const leeches = new ScrapeFilter()
    let hasFilters = false
    // BEP 33: filters take the room of peers, so who needs peers asks for filters only now and then.
    const isScrape = !isHungry || leg.searches % 3 === 1
    const isSeed = options.isSeed?.() ?? false
    leg.searches++
    leg.jitter = this.#host.random.next()
    let hasAnswer = false
    leg.search = family.search(
      { method: 'get_peers', infoHash, want: [], noSeeds: isSeed, isScrape },
      {
        onReply: (reply, from) => {
          hasAnswer = true
          tell(credible(reply.values, from, peer => peer))
          if (reply.seeds) seeds.unite(reply.seeds)
          if (reply.leeches) leeches.unite(reply.leeches)
          hasFilters ||= reply.seeds !== undefined || reply.leeches !== undefined
        },
        onEnd: (findings, now) => {
          leg.search = undefined
          leg.endedAt = now
          // Silence is a dead line, and no reason to come back later and later.
          if (isHungry && hasAnswer) leg.hungrySearches++
          if (hasFilters) leg.counts = { seeds: rounded(seeds), leeches: rounded(leeches) }
          const port = options.port()
          if (!options.announce || port < 1) return
          family.announce(findings, { infoHash, port, isPortImplied: this.#host.impliesPort, isSeed })
        },
      },
    )
    tell(this.#host.announced(infoHash, family.family))
  }

  #tell(infoHash: Uint8Array, peers: readonly Endpoint[], told: Set<string>): void {
    const fresh: Endpoint[] = []
    for (const peer of peers) {
      const key = endpointKey(peer)
      if (told.size >= MOST_PEERS || told.has(key)) continue
      told.add(key)
      fresh.push(peer)
    }
    if (fresh.length > 0) this.#host.onPeers(infoHash, fresh)
  }
}

function legOf(watch: Watch, family: DhtFamily): Leg {
  const known = watch.legs.find(leg => leg.family === family)
  if (known) return known
  const leg: Leg = {
    family,
    search: undefined,
    endedAt: NEVER,
    jitter: 0,
    searches: 0,
    hungrySearches: 0,
    counts: undefined,
  }
  watch.legs.push(leg)
  return leg
}

function dueAt(leg: Leg, isHungry: boolean): number {
  const hungryMs = HUNGRY_MS * 2 ** Math.max(0, leg.hungrySearches - 1)
  const intervalMs = isHungry ? Math.min(hungryMs, INTERVAL_MS) : INTERVAL_MS
  return leg.endedAt + intervalMs * (1 - JITTER + 2 * JITTER * leg.jitter)
}

const total = (counts: Counts | undefined) => (counts ? counts.seeds + counts.leeches : 0)
const rounded = (filter: ScrapeFilter) => Math.round(filter.estimate())
