import { connect, createServer, type Server } from 'node:net'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { guard } from '../guard.ts'
import type { Log } from '../log.ts'
import type { Tcp, TcpListener, TcpSocket } from '../tcp.ts'
import { aborted } from './abort.ts'
import { listenError, reasonOf } from './net-error.ts'
import { NodeTcpSocket } from './tcp-socket.ts'

const READ_BYTES = 256 * 1024
/** Where reads are under way all the time (Windows), each socket needs memory of its own: less of it. */
const OWN_READ_BYTES = 64 * 1024

export class NodeTcp implements Tcp {
  readonly #log: Log
  /** POSIX systems read and deliver in one step, and what is delivered is lent: one buffer serves all sockets. */
  #shared: Uint8Array | undefined

  constructor(log: Log) {
    this.#log = log
  }

  dial(to: Endpoint, options: { timeoutMs: number }, signal: AbortSignal): Promise<TcpSocket> {
    if (signal.aborted) return Promise.reject(aborted('network'))
    return new Promise((resolve, reject) => {
      let receive: ((bytes: Uint8Array) => boolean) | undefined
      const socket = connect({
        host: to.address,
        port: to.port,
        family: to.family,
        noDelay: true,
        autoSelectFamily: false,
        onread: {
          buffer: this.#readBuffer(),
          callback: (length, buffer) => receive?.(buffer.subarray(0, length)) ?? true,
        },
      })
      // Nothing is read before somebody owns the socket.
      socket.pause()
      const fail = (error: EngineError) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        socket.destroy()
        reject(error)
      }
      const onAbort = () => fail(aborted('network'))
      const timer = setTimeout(
        () => fail(new EngineError('CONNECT_TIMEOUT', 'network', `${to.address} did not answer`)),
        options.timeoutMs,
      )
      signal.addEventListener('abort', onAbort, { once: true })
      const onError = (thrown: unknown) =>
        fail(new EngineError('CONNECT_FAILED', 'network', `${to.address}: ${reasonOf(thrown)}`, { cause: thrown }))
      socket.on('error', onError)
      socket.once('connect', () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        const owned = NodeTcpSocket.of(socket, to, this.#log)
        socket.removeListener('error', onError)
        receive = owned.receive
        resolve(owned)
      })
    })
  }

  listen(at: { host: string; port: number }, onSocket: (socket: TcpSocket) => void): Promise<TcpListener> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, socket => {
      const accepted = NodeTcpSocket.accept(socket, this.#log)
      if (!accepted) return
      guard(
        () => onSocket(accepted),
        error => {
          this.#log.write(error.blame === 'bug' ? 'error' : 'debug', 'tcp', `not accepted: ${error.message}`)
          accepted.close()
        },
      )
    })
    return new Promise((resolve, reject) => {
      server.once('error', thrown => reject(listenError(thrown, at.host, at.port)))
      // Without ipv6Only, `::` would take IPv4 as well, and 0.0.0.0 could not be listened on beside it.
      server.listen({ host: at.host, port: at.port, ipv6Only: at.host.includes(':') }, () => {
        server.removeAllListeners('error')
        server.on('error', thrown => this.#log.write('warn', 'tcp', `listening: ${thrown.message}`))
        resolve({ port: portOf(server), close: () => void server.close() })
      })
    })
  }

  #readBuffer(): Uint8Array {
    if (process.platform === 'win32') return new Uint8Array(OWN_READ_BYTES)
    this.#shared ??= new Uint8Array(READ_BYTES)
    return this.#shared
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
