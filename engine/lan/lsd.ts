import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { toEngineError } from '#engine/base/errors.ts'
import { toHex, type InfoHash } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Lan, LanInterface } from '#engine/io/lan.ts'
import type { Log } from '#engine/io/log.ts'
import type { Random } from '#engine/io/random.ts'
import type { Udp, UdpSocket } from '#engine/io/udp.ts'
import { encodeLsd, LSD_GROUPS, parseLsd } from './lsd-packet.ts'
import { isOnLink } from './on-link.ts'

/** BEP 14: a torrent is announced every five minutes, and known ones share at most a packet a minute. */
const AGAIN_MS = 5 * 60_000
const PACKET_MS = 60_000
/** Torrents that were just added need not wait for that. */
const FRESH_PACKET_MS = 1_000
const LOOK_AT_NETWORKS_MS = 60_000
/** The group is for a site, which may have more than one network. */
const TTL = 4

export interface LsdIo {
  readonly udp: Udp
  readonly lan: Lan
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface LsdHost {
  /** Somebody on our own network says that it takes part in a torrent that was added. */
  onPeer(infoHash: InfoHash, peer: Endpoint): void
}

export interface LsdOptions {
  /** Where we listen for peers; read when it is told, 0 while nowhere. */
  readonly port: () => number
  /** Networks to use; all but this computer's own when absent. */
  readonly allow?: (network: LanInterface) => boolean
}

/**
 * Local Service Discovery (BEP 14) on every network of this computer, both families. Driven by `tick`; a private torrent
 * is never added to it.
 */
export class Lsd {
  readonly #io: LsdIo
  readonly #host: LsdHost
  readonly #port: () => number
  readonly #allow: (network: LanInterface) => boolean
  readonly #cookie: string
  /** By network; `undefined` while opening. */
  readonly #sockets = new Map<string, { family: 4 | 6; socket: UdpSocket | undefined }>()
  #networks: readonly LanInterface[] = []
  /** Not announced yet, and announced at a time; both in the order in which their turn comes. */
  readonly #fresh = new Map<string, InfoHash>()
  readonly #told = new Map<string, { infoHash: InfoHash; at: number }>()
  readonly #heardAt = new Map<string, number>()
  #isRunning = false
  #lookedAt = -Infinity
  #sentAt = -Infinity

  constructor(io: LsdIo, host: LsdHost, options: LsdOptions) {
    this.#io = io
    this.#host = host
    this.#port = options.port
    this.#allow = options.allow ?? (network => !network.internal)
    this.#cookie = toHex(io.random.bytes(8))
  }

  /** Announces go out with the next ticks. */
  start(): void {
    this.#isRunning = true
    this.#lookedAt = -Infinity
  }

  /** Closes everything and keeps the torrents, which are told anew after a start. */
  stop(): void {
    this.#isRunning = false
    for (const { socket } of this.#sockets.values()) socket?.close()
    this.#sockets.clear()
    for (const [key, { infoHash }] of this.#told) this.#fresh.set(key, infoHash)
    this.#told.clear()
  }

  add(infoHash: InfoHash): void {
    const key = toHex(infoHash)
    if (!this.#told.has(key)) this.#fresh.set(key, infoHash)
  }

  remove(infoHash: InfoHash): void {
    const key = toHex(infoHash)
    this.#fresh.delete(key)
    this.#told.delete(key)
    this.#heardAt.delete(key)
  }

  /** Call about once a second. */
  tick(now: number): void {
    if (!this.#isRunning) return
    if (now - this.#lookedAt >= LOOK_AT_NETWORKS_MS) {
      this.#lookedAt = now
      this.#openSockets()
    }
    this.#announce(now)
  }

  #announce(now: number): void {
    const port = this.#port()
    const open = [...this.#sockets.values()].filter(({ socket }) => socket !== undefined)
    if (port === 0 || open.length === 0) return
    const due = this.#due(now)
    if (due.length === 0) return
    for (const infoHash of due) {
      const key = toHex(infoHash)
      this.#fresh.delete(key)
      this.#told.delete(key)
      this.#told.set(key, { infoHash, at: now })
    }
    this.#sentAt = now
    for (const { family, socket } of open) {
      socket?.send(encodeLsd({ port, infoHashes: due, cookie: this.#cookie }, family), LSD_GROUPS[family])
    }
  }

  #due(now: number): InfoHash[] {
    if (now - this.#sentAt < FRESH_PACKET_MS) return []
    const due = [...this.#fresh.values()].slice(0, LIMITS.lan.lsdHashes)
    if (due.length === 0 && now - this.#sentAt < PACKET_MS) return []
    // Room that is left is for those that were told longest ago.
    for (const { infoHash, at } of this.#told.values()) {
      if (due.length >= LIMITS.lan.lsdHashes || now - at < AGAIN_MS) break
      due.push(infoHash)
    }
    return due
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    const announce = parseLsd(bytes)
    if (!this.#isRunning || !announce || announce.cookie === this.#cookie || !isOnLink(from.address, this.#networks))
      return
    const peer = endpoint(from.address, announce.port)
    const now = this.#io.clock.now()
    for (const given of announce.infoHashes) {
      const key = toHex(given)
      const infoHash = this.#told.get(key)?.infoHash ?? this.#fresh.get(key)
      if (!infoHash || !peer || now - (this.#heardAt.get(key) ?? -Infinity) < LIMITS.lan.lsdPerTorrentMs) continue
      this.#heardAt.set(key, now)
      this.#host.onPeer(infoHash, peer)
    }
  }

  /** One socket per network, because packets leave by one only; all on the port of the group. */
  #openSockets(): void {
    this.#networks = this.#io.lan.interfaces().filter(this.#allow)
    // An IPv6 network has several addresses and is entered by its zone, which Windows tells with the link-local one only.
    const byZone = this.#networks.toSorted((a, b) => a.scope - b.scope)
    const wanted = new Map(byZone.map(one => [one.family === 4 ? one.address : `6 ${one.name}`, one]))
    for (const [key, { socket }] of this.#sockets) {
      if (wanted.has(key)) continue
      socket?.close()
      this.#sockets.delete(key)
    }
    for (const [key, network] of wanted) if (!this.#sockets.has(key)) void this.#open(key, network)
  }

  async #open(key: string, via: LanInterface): Promise<void> {
    const { family } = via
    const { address: group, port } = LSD_GROUPS[family]
    const entry: { family: 4 | 6; socket: UdpSocket | undefined } = { family, socket: undefined }
    this.#sockets.set(key, entry)
    try {
      const multicast = { group, via, ttl: TTL, loopback: true }
      const socket = await this.#io.udp.bind({ family, port, multicast }, (bytes, from) => this.#receive(bytes, from))
      // Stopped, or the network went, while it was opening.
      if (this.#sockets.get(key) === entry) entry.socket = socket
      else socket.close()
    } catch (thrown) {
      // Tried again when the networks are looked at next.
      if (this.#sockets.get(key) === entry) this.#sockets.delete(key)
      this.#io.log.write('debug', 'lsd', `${via.name} ${via.address}: ${toEngineError(thrown).message}`)
    }
  }
}
