import type { Endpoint } from '#engine/base/endpoint.ts'
import type { EngineError } from '#engine/base/errors.ts'
import { guard } from '../guard.ts'
import type { TcpHandler, TcpSocket } from '../tcp.ts'
import type { SimHost, SimNetwork } from './sim-network.ts'

/** Bytes that travel as one event, and bytes that a receiver holds before the sender must wait. */
const SEGMENT = 16 * 1024
const RECEIVE_BUFFER = 4 * 1024 * 1024
const RETRANSMIT_MS = 250

/** One end of a simulated connection: in order, at the rate of both lines, with back-pressure. */
export class SimSocket implements TcpSocket {
  readonly local: Endpoint
  readonly remote: Endpoint
  other: SimSocket | undefined
  readonly #network: SimNetwork
  readonly #host: SimHost
  #handler: TcpHandler | undefined
  #sending: Uint8Array[] = []
  #unsent = 0
  #isSending = false
  #received: Uint8Array[] = []
  #held = 0
  #inFlight = 0
  #isPaused = false
  #isClosed = false
  #ended: { error: EngineError | undefined } | undefined
  /** Segments arrive in order, whatever happened to one of them. */
  #arrivesAt = 0

  constructor(network: SimNetwork, host: SimHost, local: Endpoint, remote: Endpoint) {
    this.#network = network
    this.#host = host
    this.local = local
    this.remote = remote
    host.sockets.add(this)
  }

  get unsent(): number {
    return this.#unsent
  }

  attach(handler: TcpHandler): void {
    this.#handler = handler
    this.#soon(() => this.#deliver())
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    if (this.#isClosed) return
    for (const chunk of chunks) {
      // Copied, so that a writer that breaks its promise not to change it is found out by a hash.
      this.#sending.push(chunk.slice())
      this.#unsent += chunk.length
    }
    this.#pump()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#soon(() => this.#deliver())
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#host.sockets.delete(this)
    const { other } = this
    // What was written before the close still arrives, as TCP promises for an orderly end.
    if (other)
      this.#network.clock.after(Math.max(0, this.#arrivesAt - this.#network.clock.now()) + 1, () =>
        other.hearEnd(undefined),
      )
  }

  /** The connection dies under both ends. */
  break(error: EngineError): void {
    const { other } = this
    this.hearEnd(error)
    other?.hearEnd(error)
  }

  hearEnd(error: EngineError | undefined): void {
    if (this.#isClosed || this.#ended) return
    this.#ended = { error }
    this.#deliver()
  }

  #soon(fn: () => void): void {
    this.#network.clock.after(0, fn)
  }

  #pump(): void {
    const { other } = this
    if (this.#isSending || this.#isClosed || !other || this.#unsent === 0) return
    if (other.#held + this.#inFlight >= RECEIVE_BUFFER) return
    this.#isSending = true
    const segment = this.#takeSegment()
    const { clock } = this.#network
    const leaves = this.#host.up.pass(segment.length, clock.now())
    const retransmission = this.#network.isLost(this.#host, other.#host) ? RETRANSMIT_MS : 0
    const arrives =
      other.#host.down.pass(segment.length, leaves) + this.#network.latency(this.#host, other.#host) + retransmission
    this.#arrivesAt = Math.max(this.#arrivesAt, arrives)
    this.#inFlight += segment.length
    clock.after(leaves - clock.now(), () => {
      this.#isSending = false
      this.#unsent -= segment.length
      if (this.#isClosed) return
      if (this.#unsent === 0) this.#tell(handler => handler.onDrain())
      this.#pump()
    })
    clock.after(this.#arrivesAt - clock.now(), () => {
      this.#inFlight -= segment.length
      other.#receive(segment)
      this.#pump()
    })
  }

  #takeSegment(): Uint8Array {
    const first = this.#sending[0]!
    if (first.length > SEGMENT) {
      this.#sending[0] = first.subarray(SEGMENT)
      return first.subarray(0, SEGMENT)
    }
    const parts: Uint8Array[] = []
    let length = 0
    while (this.#sending.length > 0 && length + this.#sending[0]!.length <= SEGMENT) {
      const part = this.#sending.shift()!
      parts.push(part)
      length += part.length
    }
    const segment = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      segment.set(part, at)
      at += part.length
    }
    return segment
  }

  #receive(segment: Uint8Array): void {
    if (this.#isClosed) return
    this.#received.push(segment)
    this.#held += segment.length
    this.#deliver()
  }

  #deliver(): void {
    if (!this.#handler) return
    while (this.#received.length > 0 && !this.#isPaused && !this.#isClosed) {
      const bytes = this.#received.shift()!
      this.#held -= bytes.length
      this.#tell(handler => handler.onData(bytes))
      // Lent for the call: whoever kept it reads rubbish from here on.
      bytes.fill(0xdd)
    }
    if (this.other) this.other.#pump()
    const ended = this.#ended
    if (!ended || this.#isClosed || this.#received.length > 0) return
    this.#isClosed = true
    this.#host.sockets.delete(this)
    this.#tell(handler => handler.onClose(ended.error))
  }

  #tell(fn: (handler: TcpHandler) => void): void {
    const handler = this.#handler
    if (!handler) return
    guard(
      () => fn(handler),
      error => {
        if (this.#isClosed) return
        this.close()
        handler.onClose(error)
      },
    )
  }
}
