import type { Endpoint } from '#engine/base/endpoint.ts'
import { toEngineError } from '#engine/base/errors.ts'
import { sameBytes, toHex, type PeerId } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Log } from '#engine/io/log.ts'
import type { Tcp, TcpHandler, TcpListener, TcpSocket } from '#engine/io/tcp.ts'
import type { IncomingPeer } from '#engine/torrent/types.ts'
import { encodeHandshake, reservedBytes, type Handshake } from '#engine/wire/handshake.ts'
import { Caller, type CallerHost } from './caller.ts'

/** Busy port: so many following ones are tried before any free one is taken. */
const NEIGHBOURS = 10
/** Connections whose handshake is not read yet; the oldest makes room. */
const MAX_HALF_READ = 100

export interface ListenHost extends CallerHost {
  readonly tcp: Tcp
  readonly log: Log
  readonly peerId: PeerId
  /** Whether we run a DHT node (BEP 5). */
  readonly hasNode: () => boolean
  /** Whether a torrent with this infohash (hex) is running. */
  readonly wants: (infoHash: string) => boolean
  /** Takes over a connection on which both handshakes have passed, or says no. */
  readonly adopt: (infoHash: string, peer: IncomingPeer) => boolean
}

export interface ListenPlan {
  readonly port: number
  /** Take this port or fail; 0 is any free one. */
  readonly isFixed: boolean
  /** One address only; all of both families when absent. */
  readonly host?: string | undefined
}

/** Answers the door: accepts, reads who is wanted, and hands the connection over. Half-read ones are its own. */
export class Listener {
  readonly #host: ListenHost
  readonly #listeners: TcpListener[] = []
  readonly #halfRead = new Set<Caller>()
  /** Connections by address and torrent. */
  readonly #taken = new Map<string, number>()
  readonly #ownAddresses = new Set(['127.0.0.1', '::1'])
  #port = 0
  #problem = ''
  #incoming = 0

  constructor(host: ListenHost) {
    this.#host = host
  }

  /** 0 while not listening. */
  get port(): number {
    return this.#port
  }
  /** Why not listening, or why on another port; '' when all is as wished. */
  get problem(): string {
    return this.#problem
  }
  /** Connections of strangers with a good handshake since the start. */
  get incoming(): number {
    return this.#incoming
  }

  isOurself(endpoint: Endpoint): boolean {
    return endpoint.port === this.#port && this.#ownAddresses.has(endpoint.address)
  }

  /** @throws EngineError PORT_IN_USE when the port is fixed and busy */
  async open(plan: ListenPlan): Promise<void> {
    this.close()
    this.#problem = ''
    const ports = plan.isFixed ? [plan.port] : portsToTry(plan.port)
    for (const port of ports) {
      const first = await this.#tryListen(plan.host ?? '0.0.0.0', port, plan.isFixed)
      if (!first) continue
      this.#listeners.push(first)
      this.#port = first.port
      // The same number for both families: it is one port that we tell trackers and peers.
      const second = plan.host === undefined && (await this.#tryListen('::', first.port, false))
      if (second) this.#listeners.push(second)
      if (!plan.isFixed && first.port !== plan.port) {
        this.#problem = `Port ${plan.port} is used by another program. Listening on ${first.port} instead.`
      }
      return
    }
    this.#problem = `No port could be opened, so nobody can connect to us. Other programs or the system refused them all.`
  }

  close(): void {
    this.#port = 0
    for (const listener of this.#listeners.splice(0)) listener.close()
    for (const caller of this.#halfRead) this.#drop(caller)
  }

  async #tryListen(host: string, port: number, isFixed: boolean): Promise<TcpListener | undefined> {
    try {
      return await this.#host.tcp.listen({ host, port }, socket => this.#accept(socket))
    } catch (thrown) {
      const error = toEngineError(thrown)
      if (isFixed) throw error
      this.#host.log.write('info', 'listen', `${host} port ${port}: ${error.message}`)
      return undefined
    }
  }

  #accept(socket: TcpSocket): void {
    if (this.#port === 0) return socket.close()
    this.#ownAddresses.add(socket.local.address)
    const { address } = socket.remote
    const waiting = [...this.#halfRead].filter(caller => caller.address === address).length
    if (!isLoopback(address) && waiting >= LIMITS.peers.perAddress) return socket.close()
    if (this.#halfRead.size >= MAX_HALF_READ) {
      const [oldest] = this.#halfRead
      if (oldest) this.#drop(oldest)
    }
    const caller: Caller = new Caller(socket, this.#host, {
      onHandshake: (from, handshake, rest) => this.#handOver(from, handshake, rest),
      onEnd: (from, error) => {
        this.#halfRead.delete(from)
        if (error?.blame === 'peer') this.#host.log.write('debug', 'listen', `${from.address}: ${error.message}`)
      },
    })
    this.#halfRead.add(caller)
  }

  #handOver(caller: Caller, handshake: Handshake, rest: Uint8Array): void {
    this.#halfRead.delete(caller)
    const { address, socket } = caller
    const infoHash = toHex(handshake.infoHash)
    if (sameBytes(handshake.peerId, this.#host.peerId)) return this.#refuse(socket, 'ourself')
    if (!this.#host.wants(infoHash)) return this.#refuse(socket, `no such torrent is running: ${infoHash}`)
    const key = `${address} ${infoHash}`
    const taken = this.#taken.get(key) ?? 0
    if (!isLoopback(address) && taken >= LIMITS.peers.perAddress) return this.#refuse(socket, 'too many of one address')
    this.#incoming++
    this.#taken.set(key, taken + 1)
    const watched = new WatchedSocket(socket, () => {
      const left = (this.#taken.get(key) ?? 1) - 1
      if (left > 0) this.#taken.set(key, left)
      else this.#taken.delete(key)
    })
    const reserved = reservedBytes({ extensions: true, fast: true, dht: this.#host.hasNode(), v2: false })
    watched.writeMany([encodeHandshake({ infoHash: handshake.infoHash, peerId: this.#host.peerId, reserved })])
    if (!this.#host.adopt(infoHash, { socket: watched, ...handshake, rest, isEncrypted: caller.isEncrypted }))
      watched.close()
  }

  #refuse(socket: TcpSocket, why: string): void {
    this.#host.log.write('debug', 'listen', `${socket.remote.address}: ${why}`)
    socket.close()
  }

  #drop(caller: Caller): void {
    this.#halfRead.delete(caller)
    caller.drop()
  }
}

function portsToTry(wished: number): number[] {
  const ports = Array.from({ length: NEIGHBOURS + 1 }, (_, step) => wished + step).filter(port => port <= 65535)
  return [...ports, 0]
}

const isLoopback = (address: string) => address.startsWith('127.') || address === '::1'

/** The socket as it is, and word of its end whoever owns it then. */
class WatchedSocket implements TcpSocket {
  readonly #inner: TcpSocket
  readonly #onEnd: () => void
  #isOver = false

  constructor(inner: TcpSocket, onEnd: () => void) {
    this.#inner = inner
    this.#onEnd = onEnd
  }

  get remote(): Endpoint {
    return this.#inner.remote
  }
  get local(): Endpoint {
    return this.#inner.local
  }
  get unsent(): number {
    return this.#inner.unsent
  }
  attach(handler: TcpHandler): void {
    this.#inner.attach({
      onData: bytes => handler.onData(bytes),
      onDrain: () => handler.onDrain(),
      onClose: error => {
        this.#end()
        handler.onClose(error)
      },
    })
  }
  writeMany(chunks: readonly Uint8Array[]): void {
    this.#inner.writeMany(chunks)
  }
  pause(): void {
    this.#inner.pause()
  }
  resume(): void {
    this.#inner.resume()
  }
  close(): void {
    this.#end()
    this.#inner.close()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd()
  }
}
