import { SimClock } from '#engine/io/sim/sim-clock.ts'
import { simIo, type SimIo } from '#engine/io/sim/sim-io.ts'
import { SimNetwork, type HostOptions } from '#engine/io/sim/sim-network.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { nodeHashes } from './hashes.ts'
import { makeTorrent, SimPeer, type TestFile } from './sim-torrent.ts'
import type { TorrentSpec } from '#engine/torrent/types.ts'

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

/** A swarm in virtual time. The same seed gives the same run; a failure should print it. */
export class SimSwarm {
  readonly seed: number
  readonly clock: SimClock
  readonly network: SimNetwork
  readonly random: SimRandom
  readonly peers: SimPeer[] = []
  readonly torrent: ReturnType<typeof makeTorrent>
  #nextHost = 1
  #nextSeed: number

  constructor(
    seed: number,
    options: {
      files?: readonly TestFile[]
      size?: number
      pieceLength?: number
      isPrivate?: boolean
      webSeeds?: readonly string[]
    } = {},
  ) {
    this.seed = seed
    this.#nextSeed = seed * 1000
    this.clock = new SimClock(settle)
    this.random = new SimRandom(seed)
    this.network = new SimNetwork(this.clock, this.random)
    const files = options.files ?? [{ path: [], bytes: this.random.bytes(options.size ?? 1_000_000) }]
    this.torrent = makeTorrent('payload', files, {
      ...(options.pieceLength ? { pieceLength: options.pieceLength } : {}),
      ...(options.isPrivate ? { isPrivate: true } : {}),
      ...(options.webSeeds ? { webSeeds: options.webSeeds } : {}),
    })
  }

  io(options: Omit<HostOptions, 'address'> = {}, more: { slotBudget?: number } = {}): SimIo {
    const host = this.network.host({ address: `10.0.${this.#nextHost >> 8}.${this.#nextHost++ & 255}`, ...options })
    return simIo(this.network, this.clock, nodeHashes, host, { seed: ++this.#nextSeed, ...more })
  }

  /** A peer with all the data. */
  async seeder(options: Omit<HostOptions, 'address'> = {}, spec: Partial<TorrentSpec> = {}): Promise<SimPeer> {
    const io = this.io(options)
    this.#putPayload(io)
    return this.add(io, { skipCheck: true, ...spec })
  }

  /** A peer without data; it knows everybody who was there before it. */
  leech(
    options: Omit<HostOptions, 'address'> = {},
    spec: Partial<TorrentSpec> = {},
    more: { slotBudget?: number } = {},
  ): Promise<SimPeer> {
    return this.add(this.io(options, more), spec)
  }

  async add(io: SimIo, spec: Partial<TorrentSpec>): Promise<SimPeer> {
    const peer = await SimPeer.start(io, {
      metainfo: this.torrent.metainfo,
      peers: this.peers.map(other => other.endpoint),
      ...spec,
    })
    this.peers.push(peer)
    return peer
  }

  #putPayload(io: SimIo): void {
    const { files } = this.torrent.metainfo
    for (let file = 0; file < files.count; file++) {
      const at = files.offsets[file]!
      io.volume.write(`/data/${files.path(file)}`, 0, this.torrent.payload.slice(at, at + files.lengths[file]!))
    }
  }

  /** @returns virtual seconds until it held; throws, naming the seed, when it did not */
  async until(predicate: () => boolean, limitSeconds: number): Promise<number> {
    const start = this.clock.now()
    if (!(await this.clock.until(predicate, limitSeconds * 1000))) {
      const states = this.peers.map(
        peer =>
          `${peer.endpoint.address} ${peer.torrent.row().status} ${peer.torrent.stats(this.clock.now()).join(' ')} ${peer.io.logged.slice(-3).join(' | ')}`,
      )
      throw new Error(`not within ${limitSeconds} s (seed ${this.seed})\n${states.join('\n')}`)
    }
    return (this.clock.now() - start) / 1000
  }

  everybodyHasAll(): boolean {
    return this.peers.every(peer => peer.torrent.isComplete)
  }

  /** Whether what lies on this peer's disk is the payload, byte for byte. */
  isIdentical(peer: SimPeer): boolean {
    const { files } = this.torrent.metainfo
    for (let file = 0; file < files.count; file++) {
      const at = files.offsets[file]!
      const bytes = peer.fileBytes(files.path(file))
      if (!bytes || bytes.length !== files.lengths[file]!) return false
      for (let index = 0; index < bytes.length; index++)
        if (bytes[index] !== this.torrent.payload[at + index]) return false
    }
    return true
  }
}
