import { type Endpoint, endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Dns } from '#engine/io/dns.ts'
import type { Log } from '#engine/io/log.ts'
import type { Random } from '#engine/io/random.ts'
import type { Udp, UdpSocket } from '#engine/io/udp.ts'
import { answerTo, type AnswersHost, type Asked } from './answers.ts'
import { resolveNodes } from './bootstrap.ts'
import { DhtFamily } from './family.ts'
import { FloodGuard } from './flood-guard.ts'
import type { Family } from './krpc.ts'
import type { NodeId } from './node-id.ts'
import { PeerStore } from './peer-store.ts'
import { type DhtState, encodeDhtState, parseDhtState } from './state.ts'
import { Tokens } from './tokens.ts'
import { Watches, type WatchOptions } from './watches.ts'

export interface DhtIo {
  readonly clock: Clock
  readonly random: Random
  readonly udp: Udp
  readonly dns: Dns
  readonly hashes: Hashes
  readonly log: Log
}

export interface DhtHost {
  /** Peers of a watched infohash, of either family; the same one may come again in a later search. */
  onPeers(infoHash: Uint8Array, peers: readonly Endpoint[]): void
  /** What `stats` and `encodeState` say has changed. At most once per tick. */
  onChange(): void
}

export interface DhtOptions {
  /** UDP, the same for both families; 0 is any free one. */
  readonly port: number
  /** One address only, which decides the family; all of ours when absent. */
  readonly host?: string | undefined
  /** `host:port` texts, asked when nobody else answers. */
  readonly bootstrap: readonly string[]
  /** What `encodeState` gave earlier. */
  readonly state: Uint8Array | null
  /** Asks but does not answer (BEP 43): for who cannot be reached. */
  readonly readOnly: boolean
  readonly families: readonly Family[]
  /** Whether loopback and private addresses may be nodes and peers: for tests and for networks of one's own. */
  readonly allowLocal: boolean
  /** Whether peers reach us at the UDP port (uTP): announces then say so (BEP 5, `implied_port`). */
  readonly impliesPort?: boolean
}

const EXPIRE_MS = 60_000

/** Our node in the Mainline DHT (BEP 5, 32, 33, 42, 43). Runs by `tick(now)` and by what the network delivers. */
export class Dht {
  readonly #io: DhtIo
  readonly #host: DhtHost
  readonly #options: DhtOptions
  readonly #saved: DhtState
  readonly #families: readonly DhtFamily[]
  readonly #sockets = new Map<Family, UdpSocket>()
  readonly #flood = new FloodGuard()
  readonly #peers = new PeerStore()
  readonly #watches: Watches
  readonly #answers: AnswersHost
  readonly #closing = new AbortController()
  #isReadOnly: boolean
  #hasChanged = false
  #expireAt = 0

  constructor(io: DhtIo, host: DhtHost, options: DhtOptions) {
    this.#io = io
    this.#host = host
    this.#options = options
    this.#isReadOnly = options.readOnly
    this.#saved = parseDhtState(options.state ?? new Uint8Array(0))
    const bound = options.host === undefined ? undefined : endpoint(options.host, 1)
    const families = options.families.filter(family => !bound || bound.family === family)
    this.#families = families.map(family => this.#family(family, families))
    this.#watches = new Watches({
      families: this.#families,
      random: io.random,
      impliesPort: options.impliesPort ?? false,
      announced: (infoHash, family) =>
        this.#peers.sample(infoHash, family, LIMITS.dht.values, false, io.clock.now(), io.random),
      onPeers: (infoHash, peers) => host.onPeers(infoHash, peers),
    })
    this.#answers = {
      hashes: io.hashes,
      random: io.random,
      tokens: new Tokens(io.hashes, io.random, io.clock.now()),
      peers: this.#peers,
      nodesNear: (family, target, most) => this.#of(family)?.goodNodes(target, most) ?? [],
    }
  }

  /**
   * Opens a socket per family. One family alone will do, where the computer has no other.
   * @throws EngineError PORT_IN_USE (network) when none could be opened
   */
  async start(): Promise<void> {
    let { port } = this.#options
    let problem: EngineError | undefined
    for (const { family } of this.#families) {
      try {
        const at = { family, port, ...(this.#options.host === undefined ? {} : { host: this.#options.host }) }
        const socket = await this.#io.udp.bind(at, (bytes, from) => this.#receive(bytes, from))
        if (this.#closing.signal.aborted) return socket.close()
        this.#sockets.set(family, socket)
        port = socket.port
      } catch (thrown) {
        problem = toEngineError(thrown)
        this.#io.log.write('info', 'dht', `no DHT over IPv${family}: ${problem.message}`)
      }
    }
    if (this.#sockets.size === 0 && problem) throw problem
  }

  /** Ends at once and for good; a new one begins with `encodeState`. */
  stop(): void {
    this.#closing.abort()
    for (const family of this.#families) family.close()
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
  }

  /**
   * Looks for peers of a torrent about every 15 minutes, sooner while it is hungry, until disposed.
   * Then no packet speaks of it any more.
   */
  watch(infoHash: Uint8Array, options: WatchOptions): Disposable {
    return this.#watches.add(infoHash, options)
  }

  /** A node that somebody told of: `nodes` of a torrent, a `port` message, the user. Asked soon, a few a second. */
  addNode(node: Endpoint): void {
    this.#of(node.family)?.addNode({ id: undefined, endpoint: node })
  }

  /** @param now as `clock.now()`; several times a second keeps searches quick */
  tick(now: number): void {
    if (this.#closing.signal.aborted || this.#sockets.size === 0) return
    // In this order: what a watch begins is sent by its family at once.
    this.#watches.tick(now)
    for (const family of this.#families) if (this.#sockets.has(family.family)) family.tick(now)
    if (now >= this.#expireAt) {
      this.#expireAt = now + EXPIRE_MS
      this.#peers.expire(now)
    }
    if (!this.#hasChanged) return
    this.#hasChanged = false
    this.#host.onChange()
  }

  /** Ids and nodes, for the next start. */
  encodeState(): Uint8Array {
    return encodeDhtState({
      4: this.#of(4)?.state ?? this.#saved[4],
      6: this.#of(6)?.state ?? this.#saved[6],
    })
  }

  /** A vote for what our address is: a majority of voters changes our id to one that fits it (BEP 42). */
  noteExternalAddress(address: string, from: string): void {
    for (const family of this.#families) family.noteAddress(address, from, this.#io.clock.now())
  }

  /** BEP 43. */
  setReadOnly(isReadOnly: boolean): void {
    this.#isReadOnly = isReadOnly
  }

  /** `lookups`: searches under way. `port`: 0 while closed. */
  get stats(): { nodes4: number; nodes6: number; port: number; lookups: number } {
    const [socket] = this.#sockets.values()
    return {
      nodes4: this.#of(4)?.count ?? 0,
      nodes6: this.#of(6)?.count ?? 0,
      port: socket?.port ?? 0,
      lookups: this.#families.reduce((sum, family) => sum + family.searches, 0),
    }
  }

  /** About how many have and want a watched torrent (BEP 33); `undefined` while nobody has told. */
  scrape(infoHash: Uint8Array): { seeds: number; leeches: number } | undefined {
    return this.#watches.scrape(infoHash)
  }

  #of(family: Family): DhtFamily | undefined {
    return this.#families.find(one => one.family === family)
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    this.#of(from.family)?.receive(bytes, from, this.#io.clock.now())
  }

  #answer(asked: Asked, from: Endpoint, size: number, own: NodeId): Uint8Array | undefined {
    const now = this.#io.clock.now()
    // The budget is looked at before work is done, and paid when the length is known.
    if (this.#isReadOnly || !this.#flood.admits(from, now) || !this.#flood.hasBudget(now)) return undefined
    const answer = answerTo(asked, from, size, own, this.#answers, now)
    return answer && this.#flood.pay(answer.length, now) ? answer : undefined
  }

  #family(family: Family, families: readonly Family[]): DhtFamily {
    const { clock, random, dns } = this.#io
    const { allowLocal, bootstrap } = this.#options
    return new DhtFamily(family, this.#saved[family], {
      clock,
      random,
      allowLocal,
      families,
      isReadOnly: () => this.#isReadOnly,
      send: (bytes, to) => this.#sockets.get(family)?.send(bytes, to),
      answer: (asked, from, size, own) => this.#answer(asked, from, size, own),
      pay: bytes => this.#flood.pay(bytes, clock.now()),
      doors: of => resolveNodes(bootstrap, of, { dns, allowLocal }, this.#closing.signal),
      onStrangers: contacts => {
        for (const contact of contacts) this.#of(contact.endpoint.family)?.addNode(contact)
      },
      onChange: () => void (this.#hasChanged = true),
    })
  }
}
