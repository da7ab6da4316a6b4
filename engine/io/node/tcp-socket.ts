import type { Socket } from 'node:net'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { guard } from '../guard.ts'
import type { Log } from '../log.ts'
import type { TcpHandler, TcpSocket } from '../tcp.ts'
import { reasonOf } from './net-error.ts'

/** One connected socket of Node behind the port. It reads only while it has an owner who has not paused it. */
export class NodeTcpSocket implements TcpSocket {
  readonly remote: Endpoint
  readonly local: Endpoint
  readonly #socket: Socket
  readonly #log: Log
  #handler: TcpHandler | undefined
  #isPaused = false
  #isOver = false
  /** The end, when it came before anybody could be told. */
  #ending: { error: EngineError | undefined } | undefined
  #failure: EngineError | undefined

  private constructor(socket: Socket, remote: Endpoint, local: Endpoint, log: Log) {
    this.#socket = socket
    this.remote = remote
    this.local = local
    this.#log = log
    socket.on('error', thrown => {
      this.#failure ??= new EngineError('PEER_CLOSED', 'network', `${remote.address}: ${reasonOf(thrown)}`, {
        cause: thrown,
      })
    })
    socket.on('end', () => socket.destroy())
    socket.on('close', () => this.#end(this.#failure))
  }

  /** A socket that was dialled: its bytes come by `receive`. */
  static of(socket: Socket, remote: Endpoint, log: Log): NodeTcpSocket {
    return new NodeTcpSocket(socket, remote, localOf(socket, remote), log)
  }

  /** A socket that was accepted; `undefined` when it is gone already. */
  static accept(socket: Socket, log: Log): NodeTcpSocket | undefined {
    const remote = endpoint(socket.remoteAddress ?? '', socket.remotePort ?? 0)
    if (!remote) {
      socket.on('error', () => undefined)
      socket.destroy()
      return undefined
    }
    const accepted = new NodeTcpSocket(socket, remote, localOf(socket, remote), log)
    socket.on('data', accepted.receive)
    // Listening for data starts a socket of Node; this one waits for its owner.
    socket.pause()
    return accepted
  }

  /** What the network delivered; `false` stops reading. */
  readonly receive = (bytes: Uint8Array): boolean => {
    const handler = this.#handler
    if (handler) guard(() => handler.onData(bytes), this.#onThrow)
    return !this.#isPaused && !this.#isOver
  }

  attach(handler: TcpHandler): void {
    this.#handler = handler
    if (this.#ending) {
      const { error } = this.#ending
      this.#ending = undefined
      queueMicrotask(() => this.#tellClose(error))
    } else if (!this.#isPaused && !this.#isOver) {
      this.#socket.resume()
    }
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    if (this.#isOver || chunks.length === 0) return
    const last = chunks.length - 1
    if (last > 0) this.#socket.cork()
    for (let at = 0; at < last; at++) this.#socket.write(chunks[at]!)
    this.#socket.write(chunks[last]!, this.#onWritten)
    if (last > 0) this.#socket.uncork()
  }

  get unsent(): number {
    return this.#socket.writableLength
  }

  pause(): void {
    this.#isPaused = true
    if (!this.#isOver) this.#socket.pause()
  }

  resume(): void {
    this.#isPaused = false
    if (this.#handler && !this.#isOver) this.#socket.resume()
  }

  close(): void {
    this.#isOver = true
    this.#ending = undefined
    this.#handler = undefined
    this.#socket.destroy()
  }

  readonly #onWritten = (error?: Error | null): void => {
    const handler = this.#handler
    if (error || this.#isOver || !handler || this.#socket.writableLength > 0) return
    guard(() => handler.onDrain(), this.#onThrow)
  }

  readonly #onThrow = (error: EngineError): void => {
    if (error.blame === 'bug') this.#log.write('error', 'tcp', error.message)
    this.#socket.destroy()
    this.#end(error)
  }

  #end(error: EngineError | undefined): void {
    if (this.#isOver) return
    this.#isOver = true
    if (this.#handler) this.#tellClose(error)
    else this.#ending = { error }
  }

  #tellClose(error: EngineError | undefined): void {
    const handler = this.#handler
    this.#handler = undefined
    try {
      handler?.onClose(error)
    } catch (thrown) {
      this.#log.write('error', 'tcp', `while closing: ${toEngineError(thrown).message}`)
    }
  }
}

function localOf(socket: Socket, remote: Endpoint): Endpoint {
  const local = endpoint(socket.localAddress ?? '', socket.localPort ?? 0)
  return local ?? { address: remote.family === 4 ? '0.0.0.0' : '::', port: 0, family: remote.family }
}
