import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Dns } from '#engine/io/dns.ts'
import type { Http } from '#engine/io/http.ts'
import type { Log } from '#engine/io/log.ts'
import type { Random } from '#engine/io/random.ts'
import type { Udp } from '#engine/io/udp.ts'
import type { Announce, AnnounceResult, Failure, LocalPermission, ScrapeResult } from './announce.ts'
import { failedResult } from './failure-text.ts'
import { Gate, type Priority } from './gate.ts'
import { announceHttp, type HttpTrackerIo, scrapeHttp } from './http-tracker.ts'
import { maskText } from './mask.ts'
import type { TrackerUrl } from './tracker-url.ts'
import { UdpTrackers } from './udp-tracker.ts'

/** Ten starts a second at one host: 5,000 torrents need eight minutes, well inside the usual interval. */
const STARTS_PER_SECOND = 10
const GOODBYES_PER_SECOND = 50
const PATIENCE_MS = 5_000
/** So many IPv6 failures in a row at trackers whose IPv4 side answers, and IPv6 is left alone for a while. */
const IPV6_FAILURES = 3
const IPV6_PAUSE_MS = 30 * 60_000
const MOST_HOSTS_REMEMBERED = 1_000

export interface TrackerIo {
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly udp: Udp
  readonly dns: Dns
  readonly log: Log
}

/** One tracker reached by one family. */
export interface TrackerRoute {
  readonly tracker: TrackerUrl
  readonly family: 4 | 6
  readonly permission: LocalPermission
  readonly priority: Priority
}

/** What all torrents of a session share to reach trackers: sockets, connection ids, and restraint. */
export class TrackerService {
  readonly #io: TrackerIo
  readonly #http: HttpTrackerIo
  readonly #udp: UdpTrackers
  readonly #gate: Gate
  readonly #ipv4Hosts = new Set<string>()
  #ipv6Failures = 0
  #ipv6PausedUntil = -Infinity

  constructor(io: TrackerIo, options: { userAgent: string }) {
    this.#io = io
    this.#http = { http: io.http, userAgent: options.userAgent, wall: () => io.clock.wall() }
    this.#udp = new UdpTrackers(io)
    this.#gate = new Gate(io.clock, {
      atOnce: LIMITS.tracker.announcesAtOnce,
      atOncePerHost: LIMITS.tracker.announcesAtOnce / 2,
      gapMs: 1000 / STARTS_PER_SECOND,
      goodbyeGapMs: 1000 / GOODBYES_PER_SECOND,
      patienceMs: PATIENCE_MS,
    })
  }

  close(): void {
    this.#gate.close()
    this.#udp.close()
  }

  /** IPv6 may work on the network we are in by now. */
  networkChanged(): void {
    this.#ipv6Failures = 0
    this.#ipv6PausedUntil = -Infinity
  }

  /** Families by which a tracker can be reached from here, IPv4 first, at least one; or why it cannot. */
  async families(
    tracker: TrackerUrl,
    signal: AbortSignal,
  ): Promise<readonly (4 | 6)[] | Failure | { kind: 'aborted' }> {
    try {
      const addresses = await this.#io.dns.resolve(tracker.host, signal)
      const has = (family: 4 | 6) => addresses.some(one => one.family === family)
      if (has(4)) return has(6) && this.#io.clock.now() >= this.#ipv6PausedUntil ? [4, 6] : [4]
      if (has(6)) return [6]
      throw new EngineError('DNS_FAILED', 'network', `${tracker.host} has no address`)
    } catch (thrown) {
      return failedResult(tracker, thrown, signal)
    }
  }

  /**
   * Announces when it is its turn. Never throws.
   * @param make called when the turn has come, which may be minutes later: counters must be those of that moment
   */
  async announce(route: TrackerRoute, make: () => Announce, signal: AbortSignal): Promise<AnnounceResult> {
    const { tracker, family, permission } = route
    const ticket = await this.#enter(route, signal)
    if (!ticket) return { kind: 'aborted' }
    try {
      const result =
        tracker.scheme === 'udp'
          ? await this.#udp.announce(tracker, family, permission, make(), signal)
          : await announceHttp(this.#http, tracker, family, permission, make(), signal)
      this.#note(route, result)
      return result
    } finally {
      ticket[Symbol.dispose]()
    }
  }

  /** Scrapes when it is its turn (BEP 48). Never throws. @param hashes at most `MOST_HASHES_PER_SCRAPE` */
  async scrape(route: TrackerRoute, hashes: readonly Uint8Array[], signal: AbortSignal): Promise<ScrapeResult> {
    const { tracker, family, permission } = route
    const ticket = await this.#enter(route, signal)
    if (!ticket) return { kind: 'aborted' }
    try {
      return tracker.scheme === 'udp'
        ? await this.#udp.scrape(tracker, family, permission, hashes, signal)
        : await scrapeHttp(this.#http, tracker, family, permission, hashes, signal)
    } finally {
      ticket[Symbol.dispose]()
    }
  }

  async #enter(route: TrackerRoute, signal: AbortSignal): Promise<Disposable | undefined> {
    try {
      return await this.#gate.enter(route.tracker.host, route.priority, signal)
    } catch {
      return undefined // aborted while waiting
    }
  }

  #note(route: TrackerRoute, result: AnnounceResult): void {
    if (result.kind === 'aborted') return
    if (result.kind !== 'answer') {
      const what = result.kind === 'refused' ? `${route.tracker.host} refused a torrent: ${result.text}` : result.text
      const isBug = result.kind === 'failed' && result.code === 'INTERNAL'
      this.#io.log.write(isBug ? 'error' : 'info', 'tracker', maskText(what))
    }
    this.#noteFamily(route, result.kind !== 'failed')
  }

  /** A tracker that is down says nothing about IPv6; one that answers by IPv4 only does. */
  #noteFamily({ family, tracker }: TrackerRoute, isAnswered: boolean): void {
    if (family === 4) {
      if (!isAnswered) return
      if (this.#ipv4Hosts.size >= MOST_HOSTS_REMEMBERED) this.#ipv4Hosts.clear()
      this.#ipv4Hosts.add(tracker.host)
    } else if (isAnswered) {
      this.#ipv6Failures = 0
    } else if (this.#ipv4Hosts.has(tracker.host) && ++this.#ipv6Failures >= IPV6_FAILURES) {
      this.#ipv6PausedUntil = this.#io.clock.now() + IPV6_PAUSE_MS
    }
  }
}
