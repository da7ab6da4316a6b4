import type { TorrentId } from '#engine/api/ids.ts'
import type { FinderRow } from '#engine/api/model.ts'
import type { Settings } from '#engine/api/settings.ts'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { toEngineError } from '#engine/base/errors.ts'
import { fromHex, infoHash, toHex, type InfoHash } from '#engine/base/ids.ts'
import { BOOTSTRAP_NODES } from '#engine/dht/bootstrap.ts'
import { Dht } from '#engine/dht/dht.ts'
import type { Io } from '#engine/io/io.ts'
import { Lsd } from '#engine/lan/lsd.ts'
import type { Registry } from './registry.ts'
import type { TorrentLike } from './torrent-like.ts'

const LOOK_MS = 1_000
const SAVE_MS = 10 * 60_000
const STATE_BYTES = 256 * 1024
/** Connected peers below which a download looks for more as soon as it may. */
const HUNGRY_BELOW = 10
/** Nodes that a torrent names, of which so many are asked. */
const NODES_OF_TORRENT = 10

export interface DiscoveryParts {
  readonly io: Io
  readonly torrents: Registry
  readonly settings: () => Settings
  /** TCP port that peers reach us at; DHT uses the same number. */
  readonly listenPort: () => number
  readonly listenHost: string | undefined
  readonly stateFile: string
  /** `host:port` texts of nodes that the user named; then nobody else's doors are knocked at. */
  readonly dhtNodes: readonly string[]
}

/** Finds peers of running public torrents without trackers: in the DHT (BEP 5) and on the local network (BEP 14). */
export class Discovery {
  readonly #parts: DiscoveryParts
  readonly #lsd: Lsd
  readonly #watches = new Map<TorrentId, { readonly infoHash: InfoHash; readonly dht: Disposable | undefined }>()
  #dht: Dht | undefined
  #dhtPort = 0
  #isLsdOn = false
  #lookAt = 0
  #saveAt = Infinity
  #changing: Promise<void> = Promise.resolve()
  #isEnded = false

  constructor(parts: DiscoveryParts) {
    this.#parts = parts
    this.#lsd = new Lsd(
      parts.io,
      { onPeer: (hash, peer) => this.#found(hash, [peer], 'lsd') },
      { port: parts.listenPort },
    )
  }

  /** Nodes in the table; null while the DHT is off. */
  get dhtNodes(): number | null {
    if (!this.#dht) return null
    const { nodes4, nodes6 } = this.#dht.stats
    return nodes4 + nodes6
  }

  get nodePort(): number {
    return this.#dht?.stats.port ?? 0
  }

  /** Starts and stops what the settings and the port ask for. */
  reconfigure(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#apply())
    return this.#changing
  }

  async #apply(): Promise<void> {
    const { settings, listenPort } = this.#parts
    const { dht, lsd } = settings()
    const wantsDht = dht && listenPort() > 0 && !this.#isEnded
    if (this.#dht && (!wantsDht || this.#dhtPort !== listenPort())) await this.#stopDht()
    if (!this.#dht && wantsDht) await this.#startDht(listenPort())
    // Bound to one address, we are not there for the networks around.
    const wantsLsd = lsd && this.#parts.listenHost === undefined && !this.#isEnded
    if (wantsLsd !== this.#isLsdOn) {
      this.#isLsdOn = wantsLsd
      if (wantsLsd) this.#lsd.start()
      else this.#lsd.stop()
    }
    // Each watch belongs to what was on when it began.
    this.#unwatchAll()
    this.#lookAt = 0
  }

  async #startDht(port: number): Promise<void> {
    const { io, dhtNodes, stateFile, listenHost } = this.#parts
    const state = await io.files.read(stateFile, STATE_BYTES).catch(() => null)
    const dht = new Dht(
      io,
      { onPeers: (hash, peers) => this.#found(hash, peers, 'dht'), onChange: () => {} },
      {
        port,
        ...(listenHost === undefined ? {} : { host: listenHost }),
        bootstrap: dhtNodes.length > 0 ? dhtNodes : BOOTSTRAP_NODES,
        state,
        readOnly: false,
        families: [4, 6],
        // Nodes of one's own network are only believed when the user named some.
        allowLocal: dhtNodes.length > 0,
      },
    )
    try {
      await dht.start()
    } catch (thrown) {
      io.log.write('warn', 'dht', `off: ${toEngineError(thrown).message}`)
      dht.stop()
      return
    }
    this.#dht = dht
    this.#dhtPort = port
    this.#saveAt = io.clock.now() + SAVE_MS
  }

  async #stopDht(): Promise<void> {
    const dht = this.#dht
    if (!dht) return
    this.#unwatchAll()
    this.#dht = undefined
    await this.#save(dht)
    dht.stop()
  }

  async #save(dht: Dht): Promise<void> {
    const { io, stateFile } = this.#parts
    await io.files.writeAtomic(stateFile, dht.encodeState()).catch((thrown: unknown) => {
      io.log.write('warn', 'dht', `the node table could not be saved: ${toEngineError(thrown).message}`)
    })
  }

  tick(now: number): void {
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_MS
      this.look()
    }
    this.#dht?.tick(now)
    this.#lsd.tick(now)
    if (this.#dht && now >= this.#saveAt) {
      this.#saveAt = now + SAVE_MS
      void this.#save(this.#dht)
    }
  }

  /** Watches exactly the running public torrents. At once after metadata came: it may have said "private" (BEP 27). */
  look(): void {
    for (const [id, watch] of this.#watches) {
      const torrent = this.#parts.torrents.get(id)
      if (!torrent || !isPublic(torrent)) this.#unwatch(id, watch)
    }
    for (const torrent of this.#parts.torrents) {
      if (isPublic(torrent) && !this.#watches.has(torrent.id)) this.#watch(torrent)
    }
  }

  #watch(torrent: TorrentLike): void {
    // A v2 infohash is cut to 20 bytes where the wire wants 20 (BEP 52).
    const bytes = fromHex(torrent.id.slice(0, 40))
    if (bytes?.length !== 20) return
    const hash = infoHash(bytes)
    const dht = this.#dht?.watch(hash, {
      port: this.#parts.listenPort,
      announce: true,
      isHungry: () => !torrent.isComplete && connected(torrent, this.#parts.io.clock.now()) < HUNGRY_BELOW,
      isSeed: () => torrent.isComplete,
    })
    this.#watches.set(torrent.id, { infoHash: hash, dht })
    if (this.#isLsdOn) this.#lsd.add(hash)
    void this.#askNodesOf(torrent)
  }

  #unwatch(id: TorrentId, watch: { readonly infoHash: InfoHash; readonly dht: Disposable | undefined }): void {
    this.#watches.delete(id)
    watch.dht?.[Symbol.dispose]()
    this.#lsd.remove(watch.infoHash)
  }

  #unwatchAll(): void {
    for (const [id, watch] of this.#watches) this.#unwatch(id, watch)
  }

  /** A .torrent without trackers names nodes instead (BEP 5). */
  async #askNodesOf(torrent: TorrentLike): Promise<void> {
    const { io } = this.#parts
    const never = new AbortController().signal
    for (const { host, port } of torrent.metainfo?.nodes.slice(0, NODES_OF_TORRENT) ?? []) {
      const addresses = await io.dns.resolve(host, never).catch(() => [])
      for (const { address } of addresses) {
        const node = endpoint(address, port)
        if (node) this.#dht?.addNode(node)
      }
    }
  }

  /** A peer said where its node listens (BEP 5, `port`). */
  onNode(node: Endpoint): void {
    this.#dht?.addNode(node)
  }

  /** One vote for what our address is: node ids depend on it (BEP 42). */
  onExternalAddress(address: string, from: string): void {
    this.#dht?.noteExternalAddress(address, from)
  }

  #found(hash: Uint8Array, peers: readonly Endpoint[], source: 'dht' | 'lsd'): void {
    const torrent = this.#parts.torrents.byInfoHash(toHex(hash))
    if (torrent && isPublic(torrent)) torrent.addPeers(peers, source)
  }

  /** What the trackers tab shows beside trackers. */
  rowsOf(torrent: TorrentLike, now: number): readonly FinderRow[] {
    const { dht, lsd, pex } = this.#parts.settings()
    const peers = torrent.peerRows(now)
    const row = (kind: FinderRow['kind'], isOn: boolean): FinderRow => ({
      kind,
      state: torrent.metainfo?.private ? 'private' : !isOn ? 'off' : torrent.isActive ? 'on' : 'resting',
      peers: peers.filter(peer => peer.source === kind).length,
      nodes: kind === 'dht' ? this.dhtNodes : null,
    })
    return [row('dht', dht && this.#dht !== undefined), row('pex', pex), row('lsd', lsd)]
  }

  async end(): Promise<void> {
    this.#isEnded = true
    await this.reconfigure()
    this.#unwatchAll()
  }
}

const isPublic = (torrent: TorrentLike): boolean => torrent.isActive && torrent.metainfo?.private !== true

function connected(torrent: TorrentLike, now: number): number {
  const stats = torrent.stats(now)
  return stats[5] + stats[7]
}
