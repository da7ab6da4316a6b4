import type { PeerRow } from '#engine/api/model.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Throttle } from '#engine/base/throttle.ts'
import { spelledPaths } from '#engine/metainfo/metainfo.ts'
import { BLOCK_LENGTH } from '#engine/pieces/geometry.ts'
import { RangePlan } from '#engine/webseed/range-plan.ts'
import { WebSeed, type WebSeedHost } from '#engine/webseed/webseed.ts'
import type { BlockFlow } from './block-flow.ts'
import type { Content } from './content.ts'
import type { TorrentHost } from './types.ts'

/** Numbers of web seeds to the picker begin here; those of peers end before. */
const FIRST_SLOT = 65_000
/** One request holds no more of the memory for blocks under way than this. */
const MEMORY_SHARE = 1 / 16

/** The web seeds of a torrent while it transfers: few of them at a time, in the order of the torrent. */
export class WebSeeds {
  readonly #content: Content
  readonly #seeds: readonly WebSeed[]

  constructor(content: Content, blocks: BlockFlow, host: TorrentHost, down: Throttle) {
    this.#content = content
    const { metainfo, geometry, spans, picker } = content
    const { io } = host
    const seedHost: WebSeedHost = {
      http: io.http,
      geometry,
      spans,
      fileLengths: metainfo.files.lengths,
      picker,
      down,
      userAgent: host.userAgent,
      allowLocal: host.options.allowLocalTrackers,
      requestMost: Math.max(BLOCK_LENGTH, io.disk.stats.slotBudget * MEMORY_SHARE),
      now: () => io.clock.now(),
      wall: () => io.clock.wall(),
      random: () => io.random.next(),
      deliver: (from, piece, begin, bytes) => blocks.deliver(from.slot, piece, begin, bytes),
      log: (level, text) => io.log.write(level, 'webseed', text),
    }
    const urls = metainfo.webSeeds.slice(0, LIMITS.webSeed.perTorrent)
    const spelledPath = urls.length > 0 ? spelledPaths(metainfo.infoBytes) : () => []
    const byName = new Map<string, WebSeed>()
    for (const url of urls) {
      const seed = new WebSeed(FIRST_SLOT + byName.size, url, new RangePlan(url, spans, spelledPath), seedHost)
      if (!byName.has(seed.name)) byName.set(seed.name, seed)
    }
    this.#seeds = [...byName.values()]
  }

  /** Those that send. */
  get answering(): number {
    let count = 0
    for (const seed of this.#seeds) if (seed.isAnswering) count++
    return count
  }

  of(slot: number): WebSeed | undefined {
    return this.#seeds[slot - FIRST_SLOT]
  }

  /** It sent wrong bytes. @returns whether anybody here has that name */
  drop(name: string, reason: string): boolean {
    const seed = this.#seeds.find(one => one.name === name)
    seed?.drop(reason)
    return seed !== undefined
  }

  tick(now: number): void {
    if (this.#content.isComplete) return
    let working = 0
    for (const seed of this.#seeds) if (seed.isWorking) working++
    for (const seed of this.#seeds) {
      const wasWorking = seed.isWorking
      if (!wasWorking && working >= LIMITS.webSeed.atOnce) continue
      seed.tick(now)
      if (!wasWorking && seed.isWorking) working++
    }
  }

  rows(now: number, wall: number): PeerRow[] {
    return this.#seeds.filter(seed => !seed.isGone).map(seed => rowOf(seed, now, wall))
  }

  close(): void {
    for (const seed of this.#seeds) seed.close()
  }
}

const rowOf = (seed: WebSeed, now: number, wall: number): PeerRow => ({
  key: seed.name,
  address: seed.hostname,
  port: seed.port,
  client: seed.hostname,
  source: 'web-seed',
  incoming: false,
  transport: 'web-seed',
  encrypted: seed.isTls,
  progress: seed.field.count / seed.field.length,
  down: seed.meter.rate(now),
  up: 0,
  downloaded: seed.meter.total,
  uploaded: 0,
  amChoking: false,
  amInterested: seed.isWorking,
  peerChoking: false,
  peerInterested: false,
  snubbed: seed.state.kind === 'backing-off',
  optimistic: false,
  requestsOut: seed.requestsOut,
  requestsIn: 0,
  connectedAt: Math.round(wall - (Number.isNaN(seed.connectedAt) ? 0 : now - seed.connectedAt)),
  hashFails: seed.hashFails,
})
