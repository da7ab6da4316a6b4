import { endpointKey, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Dns } from '../dns.ts'
import { guard } from '../guard.ts'
import type { Http } from '../http.ts'
import type { Tcp, TcpListener, TcpSocket } from '../tcp.ts'
import type { Udp, UdpSocket } from '../udp.ts'
import type { SimClock } from './sim-clock.ts'
import { simGet, type SimHandler, type SimWeb } from './sim-http.ts'
import type { SimRandom } from './sim-random.ts'
import { SimSocket } from './sim-tcp.ts'

/** One computer's connection to the simulated world. */
export interface HostOptions {
  readonly address: string
  /** One way, to the middle of the network, ms. */
  readonly latencyMs?: number
  /** B/s; no limit when absent. */
  readonly upRate?: number
  readonly downRate?: number
  /** Share of datagrams lost, and of TCP segments that come a retransmission later. */
  readonly loss?: number
  /** Behind a NAT: nobody can dial it. */
  readonly isNatted?: boolean
}

/** A line with a rate: bytes put on it leave one after the other. */
export class SimLine {
  readonly #rate: number
  #freeAt = 0

  constructor(rate: number | undefined) {
    this.#rate = rate ?? Infinity
  }

  /** @returns when the last of `bytes` has passed */
  pass(bytes: number, from: number): number {
    this.#freeAt = Math.max(this.#freeAt, from) + (bytes / this.#rate) * 1000
    return this.#freeAt
  }
}

export class SimHost {
  readonly address: string
  readonly options: HostOptions
  readonly up: SimLine
  readonly down: SimLine
  isOnline = true
  readonly sockets = new Set<SimSocket>()

  constructor(options: HostOptions) {
    this.address = options.address
    this.options = options
    this.up = new SimLine(options.upRate)
    this.down = new SimLine(options.downRate)
  }
}

/** Hosts, the lines between them, names, and whatever listens. */
export class SimNetwork {
  readonly clock: SimClock
  readonly random: SimRandom
  readonly #hosts = new Map<string, SimHost>()
  readonly #listeners = new Map<string, { host: SimHost; accept: (socket: TcpSocket) => void }>()
  readonly #udp = new Map<string, (bytes: Uint8Array, from: Endpoint) => void>()
  readonly #http = new Map<string, SimHandler>()
  readonly #names = new Map<string, string>()
  #nextPort = 40_000

  /** Sees every datagram that is sent, like a capture on the wire. */
  onPacket: ((bytes: Uint8Array, to: Endpoint) => void) | undefined

  constructor(clock: SimClock, random: SimRandom) {
    this.clock = clock
    this.random = random
  }

  host(options: HostOptions): SimHost {
    const host = new SimHost(options)
    this.#hosts.set(options.address, host)
    return host
  }

  /** `http://name:port/…` is answered by `handler`, at `address`. */
  serve(origin: string, address: string, handler: SimHandler): void {
    this.#http.set(origin, handler)
    this.#names.set(new URL(origin).hostname, address)
  }

  /** Cuts every connection of this host, and all traffic until it is set online again. */
  setOnline(host: SimHost, isOnline: boolean): void {
    host.isOnline = isOnline
    if (isOnline) return
    for (const socket of [...host.sockets]) socket.break(new EngineError('PEER_CLOSED', 'peer', 'the line went dead'))
  }

  latency(a: SimHost, b: SimHost): number {
    return (a.options.latencyMs ?? 1) + (b.options.latencyMs ?? 1)
  }

  isLost(a: SimHost, b: SimHost): boolean {
    const loss = Math.max(a.options.loss ?? 0, b.options.loss ?? 0)
    return loss > 0 && this.random.next() < loss
  }

  tcpOf(host: SimHost): Tcp {
    return {
      dial: (to, options, signal) => this.#dial(host, to, options.timeoutMs, signal),
      listen: async (at, accept) => this.#listen(host, at.port, accept),
    }
  }

  #listen(host: SimHost, port: number, accept: (socket: TcpSocket) => void): TcpListener {
    const actual = port === 0 ? this.#nextPort++ : port
    const key = `${host.address} ${actual}`
    if (this.#listeners.has(key)) throw new EngineError('PORT_IN_USE', 'network', `port ${actual} is in use`)
    this.#listeners.set(key, { host, accept })
    return { port: actual, close: () => void this.#listeners.delete(key) }
  }

  #dial(from: SimHost, to: Endpoint, timeoutMs: number, signal: AbortSignal): Promise<TcpSocket> {
    return new Promise((resolve, reject) => {
      const aborted = () => new EngineError('ABORTED', 'input', 'not needed any more')
      if (signal.aborted) return reject(aborted())
      const target = this.#hosts.get(to.address)
      const onAbort = (): void => settle(() => reject(aborted()))
      const settle = (act: () => void): void => {
        timer[Symbol.dispose]()
        signal.removeEventListener('abort', onAbort)
        act()
      }
      const isReachable = target && from.isOnline && target.isOnline && !target.options.isNatted
      const answersAfter = isReachable ? this.latency(from, target) * 2 : timeoutMs
      const timer = this.clock.after(answersAfter, () =>
        settle(() => {
          const listener = target && this.#listeners.get(`${to.address} ${to.port}`)
          if (!isReachable) reject(new EngineError('CONNECT_TIMEOUT', 'network', `${endpointKey(to)} does not answer`))
          else if (!listener)
            reject(new EngineError('CONNECT_FAILED', 'network', `${endpointKey(to)} refused the connection`))
          else resolve(this.#connect(from, target, to, listener.accept))
        }),
      )
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  #connect(from: SimHost, target: SimHost, to: Endpoint, accept: (socket: TcpSocket) => void): TcpSocket {
    const local: Endpoint = { address: from.address, port: this.#nextPort++, family: to.family }
    const near = new SimSocket(this, from, local, to)
    const far = new SimSocket(this, target, to, local)
    near.other = far
    far.other = near
    accept(far)
    return near
  }

  udpOf(host: SimHost): Udp {
    return {
      bind: async ({ port, family }, onPacket) => {
        const actual = port === 0 ? this.#nextPort++ : port
        const key = `${host.address} ${actual}`
        if (this.#udp.has(key)) throw new EngineError('PORT_IN_USE', 'network', `port ${actual} is in use`)
        this.#udp.set(key, onPacket)
        const local: Endpoint = { address: host.address, port: actual, family }
        let isOpen = true
        const socket: UdpSocket = {
          port: actual,
          send: (bytes, to) => {
            if (isOpen) this.#sendPacket(host, local, bytes.slice(), to)
          },
          close: () => {
            if (isOpen) this.#udp.delete(key)
            isOpen = false
          },
        }
        return socket
      },
    }
  }

  #sendPacket(from: SimHost, local: Endpoint, bytes: Uint8Array, to: Endpoint): void {
    this.onPacket?.(bytes, to)
    const target = this.#hosts.get(to.address)
    if (!target || !from.isOnline || !target.isOnline || this.isLost(from, target)) return
    this.clock.after(this.latency(from, target), () =>
      guard(
        () => this.#udp.get(`${to.address} ${to.port}`)?.(bytes, local),
        () => {},
      ),
    )
  }

  dns(): Dns {
    return {
      resolve: host => {
        const address = this.#names.get(host) ?? (this.#hosts.has(host) ? host : undefined)
        if (!address) return Promise.reject(new EngineError('DNS_FAILED', 'network', `there is no host named ${host}`))
        return Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }])
      },
    }
  }

  httpOf(host: SimHost): Http {
    const web: SimWeb = {
      clock: this.clock,
      handlerOf: origin => this.#http.get(origin),
      addressOf: hostname => this.#names.get(hostname) ?? (/^[\d.]+$/.test(hostname) ? hostname : undefined),
    }
    return { get: (request, signal) => simGet(web, host, request, signal) }
  }
}
