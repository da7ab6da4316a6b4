/** A real tracker on loopback, HTTP and UDP (BEP 3, 15, 23, 48): remembers peers, hands them out, and keeps a trace. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encode } from '#engine/bencode/encode.ts'
import { concat, latin1, readU16, readU32, utf8, writeU32 } from '#engine/base/bytes.ts'
import { compactEndpoint, type Endpoint, endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'

/** One announce as it came in. */
export interface TraceEntry {
  readonly via: 'http' | 'udp'
  /** Lower-case hex. */
  readonly infoHash: string
  readonly peerId: string
  readonly address: string
  readonly port: number
  readonly event: '' | 'started' | 'completed' | 'stopped' | 'paused'
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  readonly numWant: number
  /** Parameters as text, one char per byte; for UDP the query of BEP 41's URL data. */
  readonly query: ReadonlyMap<string, string>
  /** HTTP only. */
  readonly userAgent: string
}

export interface TestPeer extends Endpoint {
  readonly left: number
}

export interface TestTracker {
  readonly httpUrl: string
  /** '' when started without UDP. */
  readonly udpUrl: string
  readonly port: number
  /** Every announce in order. */
  readonly announces: readonly TraceEntry[]
  /** Who is in a swarm at present. */
  swarm(infoHashHex: string): readonly TestPeer[]
  /** Answers every announce with this failure until told `null`. */
  refuse(text: string | null): void
  close(): Promise<void>
}

export interface TestTrackerOptions {
  /** Seconds. */
  readonly interval?: number
  readonly minInterval?: number
  /** On unless false, at the same port number. */
  readonly udp?: boolean
}

const MOST_PEERS = 200
const CONNECTION = fromHex('f4e5e4e7f4ac6b01')!
const UDP_EVENTS = ['', 'completed', 'started', 'stopped'] as const

export async function startTestTracker(options: TestTrackerOptions = {}): Promise<TestTracker> {
  // A port that is free for TCP may be taken for UDP.
  for (let tries = 0; ; tries++) {
    const tracker = new Tracker(options)
    try {
      await tracker.listen()
      return tracker
    } catch (error) {
      await tracker.close()
      if (tries === 4) throw error
    }
  }
}

class Tracker implements TestTracker {
  readonly announces: TraceEntry[] = []
  port = 0
  readonly #options: TestTrackerOptions
  readonly #http: Server
  readonly #udp: UdpSocket | undefined
  readonly #swarms = new Map<string, Map<string, TestPeer>>()
  readonly #completed = new Map<string, number>()
  #refusal: string | null = null

  constructor(options: TestTrackerOptions) {
    this.#options = options
    this.#http = createServer((request, response) => this.#onRequest(request, response))
    if (options.udp === false) return
    this.#udp = createSocket('udp4')
    this.#udp.on('message', (packet, from) => this.#onPacket(packet, from.address, from.port))
  }

  get httpUrl(): string {
    return `http://127.0.0.1:${this.port}/announce`
  }
  get udpUrl(): string {
    return this.#udp ? `udp://127.0.0.1:${this.port}/announce` : ''
  }

  swarm(infoHashHex: string): readonly TestPeer[] {
    return [...(this.#swarms.get(infoHashHex)?.values() ?? [])]
  }

  refuse(text: string | null): void {
    this.#refusal = text
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(0, '127.0.0.1', resolve)
    })
    this.port = (this.#http.address() as AddressInfo).port
    const udp = this.#udp
    if (!udp) return
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject)
      udp.bind(this.port, '127.0.0.1', resolve)
    })
  }

  async close(): Promise<void> {
    if (this.#udp) await new Promise<void>(resolve => void this.#udp?.close(resolve))
    this.#http.closeAllConnections()
    await new Promise<void>(resolve => void this.#http.close(() => resolve()))
  }

  /** Takes an announce in. @returns the others, as many as wanted */
  #announce(entry: TraceEntry): Endpoint[] {
    this.announces.push(entry)
    let swarm = this.#swarms.get(entry.infoHash)
    if (!swarm) this.#swarms.set(entry.infoHash, (swarm = new Map()))
    const peer = endpoint(entry.address, entry.port)
    if (!peer) return []
    const key = endpointKey(peer)
    if (entry.event === 'stopped') swarm.delete(key)
    else swarm.set(key, { ...peer, left: entry.left })
    if (entry.event === 'completed') {
      this.#completed.set(entry.infoHash, (this.#completed.get(entry.infoHash) ?? 0) + 1)
    }
    const others = Array.from(swarm, ([at, other]) => (at === key ? [] : [other])).flat()
    return others.slice(0, Math.min(entry.numWant, MOST_PEERS))
  }

  #counts(infoHash: string): { seeds: number; leeches: number; completed: number } {
    const all = this.swarm(infoHash)
    const seeds = all.filter(peer => peer.left === 0).length
    return { seeds, leeches: all.length - seeds, completed: this.#completed.get(infoHash) ?? 0 }
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    const [path = '', search = ''] = (request.url ?? '').split('?')
    const query = parseQuery(search)
    const isScrape = path.endsWith('/scrape')
    if (!isScrape && !path.endsWith('/announce')) response.writeHead(404).end()
    else
      response
        .writeHead(200, { 'content-type': 'text/plain' })
        .end(isScrape ? this.#scrape(search) : this.#answer(query, request))
  }

  #scrape(search: string): Uint8Array {
    const hashes = search.split('&').flatMap(part => {
      const one = parseQuery(part).get('info_hash')
      return one === undefined ? [] : [one]
    })
    const files = hashes.map(hash => {
      const { seeds, leeches, completed } = this.#counts(toHex(bytesOf(hash)))
      return [
        hash,
        new Map([
          ['complete', seeds],
          ['incomplete', leeches],
          ['downloaded', completed],
        ]),
      ] as const
    })
    return encode(new Map([['files', new Map(files)]]))
  }

  #answer(query: ReadonlyMap<string, string>, request: IncomingMessage): Uint8Array {
    const infoHash = toHex(bytesOf(query.get('info_hash') ?? ''))
    const event = query.get('event') ?? ''
    const peers = this.#announce({
      via: 'http',
      infoHash,
      peerId: toHex(bytesOf(query.get('peer_id') ?? '')),
      address: endpoint(request.socket.remoteAddress ?? '', 1)?.address ?? '',
      port: Number(query.get('port')),
      event: event as TraceEntry['event'],
      uploaded: Number(query.get('uploaded')),
      downloaded: Number(query.get('downloaded')),
      left: Number(query.get('left')),
      numWant: Number(query.get('numwant') ?? 50),
      query,
      userAgent: request.headers['user-agent'] ?? '',
    })
    if (this.#refusal !== null) return encode(new Map([['failure reason', utf8(this.#refusal)]]))
    const { seeds, leeches, completed } = this.#counts(infoHash)
    const { interval = 1800, minInterval } = this.#options
    return encode(
      new Map<string, number | Uint8Array>([
        ['interval', interval],
        ...(minInterval === undefined ? [] : [['min interval', minInterval] as const]),
        ['complete', seeds],
        ['incomplete', leeches],
        ['downloaded', completed],
        ['peers', concat(peers.filter(peer => peer.family === 4).map(compactEndpoint))],
        ['peers6', concat(peers.filter(peer => peer.family === 6).map(compactEndpoint))],
      ]),
    )
  }

  #onPacket(packet: Uint8Array, address: string, port: number): void {
    if (packet.length < 16) return
    const action = readU32(packet, 8)
    const isConnect = action === 0 && readU32(packet, 0) === 0x417 && readU32(packet, 4) === 0x27101980
    const isConnected = toHex(packet.subarray(0, 8)) === toHex(CONNECTION)
    if (isConnect) this.#reply(packet, 0, CONNECTION, address, port)
    else if (!isConnected) this.#reply(packet, 3, utf8('unknown connection id'), address, port)
    else if (action === 2) this.#reply(packet, 2, this.#udpScrape(packet), address, port)
    else if (action === 1 && packet.length >= 98) {
      const body = this.#udpAnnounce(packet, address)
      if (this.#refusal === null) this.#reply(packet, 1, body, address, port)
      else this.#reply(packet, 3, utf8(this.#refusal), address, port)
    }
  }

  #udpAnnounce(packet: Uint8Array, address: string): Uint8Array {
    const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
    const infoHash = toHex(packet.subarray(16, 36))
    const peers = this.#announce({
      via: 'udp',
      infoHash,
      peerId: toHex(packet.subarray(36, 56)),
      address,
      port: readU16(packet, 96),
      event: UDP_EVENTS[readU32(packet, 80)] ?? '',
      downloaded: Number(view.getBigUint64(56)),
      left: Number(view.getBigUint64(64)),
      uploaded: Number(view.getBigUint64(72)),
      numWant: view.getInt32(92) < 0 ? 50 : view.getInt32(92),
      query: parseQuery(urlData(packet.subarray(98)).split('?')[1] ?? ''),
      userAgent: '',
    })
    const { seeds, leeches } = this.#counts(infoHash)
    return concat([u32s(this.#options.interval ?? 1800, leeches, seeds), ...peers.map(compactEndpoint)])
  }

  #udpScrape(packet: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = []
    for (let at = 16; at + 20 <= packet.length; at += 20) {
      const { seeds, leeches, completed } = this.#counts(toHex(packet.subarray(at, at + 20)))
      parts.push(u32s(seeds, completed, leeches))
    }
    return concat(parts)
  }

  #reply(request: Uint8Array, action: number, body: Uint8Array, address: string, port: number): void {
    this.#udp?.send(concat([u32s(action, readU32(request, 12)), body]), port, address)
  }
}

function u32s(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  values.forEach((value, at) => writeU32(bytes, 4 * at, value))
  return bytes
}

/** Values with one char per byte: escapes of a hash are bytes, not UTF-8. */
function parseQuery(search: string): Map<string, string> {
  const pairs = search.split('&').filter(part => part !== '')
  return new Map(
    pairs.map(part => {
      const [name = '', ...rest] = part.split('=')
      return [
        name,
        rest.join('=').replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
      ]
    }),
  )
}

const bytesOf = (text: string) => Uint8Array.from(text, char => char.charCodeAt(0))

/** Path and query out of the options of BEP 41. */
function urlData(options: Uint8Array): string {
  let text = ''
  for (let at = 0; at < options.length && options[at] !== 0; at += options[at] === 1 ? 1 : 2 + (options[at + 1] ?? 0)) {
    if (options[at] === 2) text += latin1(options.subarray(at + 2, at + 2 + (options[at + 1] ?? 0)))
  }
  return text
}
