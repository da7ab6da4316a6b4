import { toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Random } from '#engine/io/random.ts'
import type { Announce, AnnounceEvent } from './announce.ts'
import type { AnnouncerHost } from './announcer-host.ts'
import { PRIORITY, type Priority } from './gate.ts'
import { MOST_HASHES_PER_SCRAPE, scrapeHref } from './scrape.ts'
import { inUse, promote, shuffled } from './tiers.ts'
import type { Route } from './route.ts'
import { TrackerEntry, type TrackerStatus } from './tracker-entry.ts'
import type { TrackerRoute, TrackerService } from './tracker-service.ts'
import { trackerUrl } from './tracker-url.ts'

export type { AnnouncerHost, TrackerStatus }

/** Healthy tiers asked at a time for public torrents; private ones keep to one, as BEP 12 has it. */
const PUBLIC_TIERS = 20
/** Tiers asked at a time, failing ones included: a torrent may bring thousands. */
const MOST_TIERS_TRIED = 100
/** After a change of network, announces of all torrents spread over this. */
const SPREAD_MS = 30_000
const SCRAPE_EVERY_MS = 30 * 60_000
const REMOVED_GOODBYE_MS = 10_000

/**
 * One torrent's trackers: which are used (BEP 12), what is announced and when. Driven by `tick`; never throws.
 * What goes out is fixed by the golden traces in `announcer.test.ts`: trackers judge a client by its announces.
 */
export class Announcer {
  readonly #service: TrackerService
  readonly #host: AnnouncerHost
  readonly #clock: Clock
  readonly #random: Random
  #tiers: TrackerEntry[][] = []
  /** From start to stop. */
  #run: AbortController | undefined
  /** Goodbyes under way: a new run waits for them, or they would arrive after its `started`. */
  #leaving = 0
  #nextDue = -Infinity

  constructor(service: TrackerService, host: AnnouncerHost, io: { clock: Clock; random: Random }) {
    this.#service = service
    this.#host = host
    this.#clock = io.clock
    this.#random = io.random
  }

  /**
   * Replaces the trackers. Those that stay keep what is known of them; those that go are told, if they know us.
   * Anything but http, https and udp URLs and everything said twice is left out.
   */
  setTiers(tiers: readonly (readonly string[])[], options: { byUser: boolean }): void {
    const old = new Map(this.#entries().map(entry => [entry.tracker.href, entry]))
    const seen = new Set<string>()
    const next: TrackerEntry[][] = []
    for (const urls of tiers) {
      const tier: TrackerEntry[] = []
      for (const url of urls) {
        const tracker = trackerUrl(url)
        if (!tracker || seen.has(tracker.href) || seen.size === LIMITS.metainfo.trackers) continue
        seen.add(tracker.href)
        const entry = old.get(tracker.href) ?? new TrackerEntry(tracker, next.length, options.byUser)
        entry.tier = next.length
        entry.isByUser = options.byUser
        tier.push(entry)
      }
      // BEP 12 wants a random order once; a tracker that has proved itself stays in front of it.
      const order = shuffled(tier, this.#random)
      if (tier.length > 0) next.push(order.sort((a, b) => Number(b.isWorking) - Number(a.isWorking)))
    }
    this.#tiers = next
    const gone = Array.from(old.values()).filter(entry => !seen.has(entry.tracker.href))
    for (const entry of gone) entry.isRemoved = true
    if (this.#run && gone.length > 0) void this.#sayGoodbye(gone, REMOVED_GOODBYE_MS)
    this.#changed()
  }

  /** `event=started` once per tracker in use. */
  start(_now: number): void {
    if (this.#run) return
    this.#run = new AbortController()
    for (const entry of this.#entries()) entry.begin()
    this.#changed()
  }

  /** The last byte arrived in this session: `event=completed`, once. Never for data that was there. */
  completed(now: number): void {
    if (!this.#run) return
    for (const entry of this.#entries()) entry.completed(this.#host.swarms, now)
    this.#changed()
  }

  /** Cheap when nothing is due. */
  tick(now: number): void {
    const run = this.#run
    if (!run || this.#leaving > 0 || now < this.#nextDue) return
    let nextDue = Infinity
    for (const entry of this.#inUse()) {
      if (entry.dueAt() <= now) void this.#visit(entry, run.signal)
      if (this.#lacksCounts(entry)) {
        if (entry.scrapedAt + SCRAPE_EVERY_MS <= now) void this.#scrape(entry, now, run.signal)
        nextDue = Math.min(nextDue, entry.scrapedAt + SCRAPE_EVERY_MS)
      }
      nextDue = Math.min(nextDue, entry.dueAt())
    }
    this.#nextDue = nextDue
  }

  /** What a click asks for. @returns false while not allowed: under way, or before `min interval` or 30 s have passed */
  announceNow(now: number): boolean {
    if (!this.#run) return false
    const isAny = this.#inUse().reduce((any, entry) => entry.hurry(now) || any, false)
    if (isAny) this.#changed()
    return isAny
  }

  /** Another network, port or address: one announce to each tracker in use, spread out, within what they allow. */
  networkChanged(now: number): void {
    this.#service.networkChanged()
    if (!this.#run) return
    for (const entry of this.#inUse()) entry.advance(now + this.#random.next() * SPREAD_MS)
    this.#changed()
  }

  /**
   * `event=stopped` to trackers that know us, each once; a `completed` that is owed goes before it.
   * Resolves when all have answered or the time is over.
   * @param deadlineMs from now
   */
  async stop(deadlineMs: number): Promise<void> {
    if (!this.#run) return
    this.#run.abort()
    this.#run = undefined
    const goodbye = this.#sayGoodbye(this.#entries(), deadlineMs)
    for (const entry of this.#entries()) entry.rest()
    this.#host.onChange()
    this.#leaving++
    await goodbye
    this.#leaving--
    this.#nextDue = -Infinity
  }

  /** A tracker in use answers without counts and can be asked for them (BEP 48). */
  get wantsScrape(): boolean {
    return this.#run !== undefined && this.#inUse().some(entry => this.#lacksCounts(entry))
  }

  /** In the order of use. */
  rows(): readonly TrackerStatus[] {
    const used = new Set(this.#run ? this.#inUse() : [])
    return this.#entries().map(entry => entry.row(this.#clock, used.has(entry)))
  }

  /** The best known of all trackers; -1 unknown. */
  swarmCounts(): { seeds: number; leeches: number } {
    let seeds = -1
    let leeches = -1
    for (const entry of this.#entries()) {
      const counts = entry.counts()
      seeds = Math.max(seeds, counts.seeds ?? -1)
      leeches = Math.max(leeches, counts.leeches ?? -1)
    }
    return { seeds, leeches }
  }

  /** Only when every tracker of the torrent is failing: the first that refused, else the first. `text` is its message. */
  problem(): { kind: 'refused' | 'unreachable'; host: string; text: string } | undefined {
    const entries = this.#entries()
    if (entries.length === 0 || !entries.every(entry => entry.isFailing)) return undefined
    const refused = entries.find(entry => entry.isRefused)
    const telling = refused ?? entries[0]!
    return { kind: refused ? 'refused' : 'unreachable', host: telling.tracker.host, text: telling.message() }
  }

  /** Host of the tracker in use; null without trackers. */
  get trackerHost(): string | null {
    const entries = this.#entries()
    return (entries.find(entry => entry.isWorking) ?? entries[0])?.tracker.host ?? null
  }

  #entries(): TrackerEntry[] {
    return this.#tiers.flat()
  }

  #inUse(): TrackerEntry[] {
    return inUse(this.#tiers, this.#host.isPrivate ? 1 : PUBLIC_TIERS, MOST_TIERS_TRIED)
  }

  #changed(): void {
    this.#nextDue = -Infinity
    this.#host.onChange()
  }

  /** Finds out how the tracker is reached and announces on every route that is due. */
  async #visit(entry: TrackerEntry, signal: AbortSignal): Promise<void> {
    entry.isResolving = true
    const families = await this.#service.families(entry.tracker, signal)
    if (signal.aborted || entry.isRemoved) return
    entry.isResolving = false
    if ('kind' in families && families.kind === 'aborted') return
    const now = this.#clock.now()
    if ('kind' in families) entry.settleLookupFailure(families, now, this.#random)
    else {
      entry.settleLookup(this.#host.swarms, families)
      for (const route of entry.used)
        if (!route.isBusy && route.nextAt <= now) void this.#announce(entry, route, signal)
    }
    this.#changed()
  }

  async #announce(entry: TrackerEntry, route: Route, signal: AbortSignal): Promise<void> {
    route.isBusy = true
    const sent: { event: AnnounceEvent } = { event: '' }
    const result = await this.#service.announce(
      this.#routeOf(entry, route, this.#priorityOf(entry, route)),
      () => {
        sent.event = this.#eventOf(entry, route)
        route.isSent = true
        return this.#announceOf(entry, route, sent.event)
      },
      signal,
    )
    if (signal.aborted || entry.isRemoved || result.kind === 'aborted') return
    route.isBusy = false
    route.isSent = false
    route.isUrgent = false
    const now = this.#clock.now()
    if (result.kind === 'answer') {
      route.settleAnswer(result.answer, now, this.#random)
      promote(this.#tiers[entry.tier]!, entry)
      if (result.answer.externalAddress) this.#host.onExternalAddress(result.answer.externalAddress)
      if (result.answer.peers.length > 0) this.#host.onPeers(result.answer.peers, entry.tracker.host)
    } else {
      route.settleFailure(result, now, this.#random)
      if (sent.event === 'completed') entry.owesCompleted.add(toHex(route.swarm))
    }
    // Another family may have to carry it, or the download ended while this announce was under way.
    entry.completedDue(route.swarm, now)
    this.#changed()
  }

  /** Counts from a scrape, for a tracker whose announces have none. */
  async #scrape(entry: TrackerEntry, now: number, signal: AbortSignal): Promise<void> {
    entry.scrapedAt = now
    const route = entry.used.find(one => one.isWorking)
    if (!route) return
    const swarms = this.#host.swarms.slice(0, MOST_HASHES_PER_SCRAPE)
    const result = await this.#service.scrape(this.#routeOf(entry, route, PRIORITY.routine), swarms, signal)
    if (signal.aborted || result.kind !== 'counts') return
    swarms.forEach((swarm, at) => {
      const counts = result.counts[at]
      if (counts) for (const one of entry.routesOf(swarm)) one.setCounts(counts)
    })
    this.#host.onChange()
  }

  async #sayGoodbye(entries: readonly TrackerEntry[], deadlineMs: number): Promise<void> {
    const ending = new AbortController()
    const pending: Promise<unknown>[] = []
    for (const entry of entries) {
      for (const route of entry.routes) {
        if (!route.isKnown && !route.isSent) continue
        route.isKnown = false
        route.isSent = false
        // Who leaves when the last byte is here was a download all the same, and some trackers count those.
        const isOwed = entry.owesCompleted.delete(toHex(route.swarm))
        const events: AnnounceEvent[] = isOwed ? ['completed', 'stopped'] : ['stopped']
        // Counters of this moment: a new run would begin at zero.
        const words = events.map(event => ({ ...this.#announceOf(entry, route, event), numWant: 0 }))
        pending.push(this.#sayInTurn(words, this.#routeOf(entry, route, PRIORITY.goodbye), ending.signal))
      }
    }
    if (pending.length === 0) return
    const deadline = this.#clock.after(deadlineMs, () => ending.abort())
    await Promise.all(pending)
    deadline[Symbol.dispose]()
  }

  async #sayInTurn(words: readonly Announce[], to: TrackerRoute, signal: AbortSignal): Promise<void> {
    for (const announce of words) await this.#service.announce(to, () => announce, signal)
  }

  #routeOf(entry: TrackerEntry, route: Route, priority: Priority): TrackerRoute {
    const permission = { byUser: entry.isByUser, allowLocal: this.#host.allowLocal() }
    return { tracker: entry.tracker, family: route.family, permission, priority }
  }

  #priorityOf(entry: TrackerEntry, route: Route): Priority {
    if (route.isUrgent || entry.owesCompleted.size > 0) return PRIORITY.urgent
    if (route.failures > 0) return PRIORITY.retry
    return !route.isKnown && this.#host.counters().left > 0 ? PRIORITY.urgent : PRIORITY.routine
  }

  #eventOf(entry: TrackerEntry, route: Route): AnnounceEvent {
    if (!route.isKnown) return 'started'
    // Taken by the first route that goes; given back if it fails.
    if (entry.owesCompleted.delete(toHex(route.swarm))) return 'completed'
    return this.#host.isPartialSeed() ? 'paused' : ''
  }

  #announceOf(entry: TrackerEntry, route: Route, event: AnnounceEvent): Announce {
    const counters = this.#host.counters()
    entry.baseline ??= { ...counters }
    const { baseline } = entry
    // A goodbye names the port by which the tracker knows us: nobody may listen there any more.
    if (this.#run || route.port === 0) route.port = this.#host.port()
    return {
      infoHash: route.swarm,
      peerId: this.#host.peerId,
      key: this.#host.key,
      // Some trackers refuse port 0; nobody can connect to port 1 either.
      port: route.port || 1,
      uploaded: Math.max(0, counters.uploaded - baseline.uploaded),
      downloaded: Math.max(0, counters.downloaded - baseline.downloaded),
      left: Math.max(0, counters.left),
      corrupt: Math.max(0, counters.corrupt - baseline.corrupt),
      redundant: Math.max(0, counters.redundant - baseline.redundant),
      event,
      numWant: event === 'stopped' ? 0 : this.#host.numWant(),
      trackerId: route.trackerId,
    }
  }

  #lacksCounts(entry: TrackerEntry): boolean {
    return entry.isWorking && entry.used.some(route => route.lacksCounts) && scrapeHref(entry.tracker) !== undefined
  }
}
