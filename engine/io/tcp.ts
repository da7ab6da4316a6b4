import type { Endpoint } from '#engine/base/endpoint.ts'
import type { EngineError } from '#engine/base/errors.ts'

/** What a socket tells its one owner. A throw from any of these closes that socket and nothing else (`guard`). */
export interface TcpHandler {
  /** `bytes` is lent: the buffer is reused as soon as this returns. */
  onData(bytes: Uint8Array): void
  /** Everything written has left for the kernel. */
  onDrain(): void
  /** The end, told exactly once, also after an error; not told after our own `close()`. */
  onClose(error: EngineError | undefined): void
}

export interface TcpSocket {
  readonly remote: Endpoint
  readonly local: Endpoint
  /** Hands the socket to its owner. Bytes that came earlier wait for this; a socket can be handed on (MSE, routing). */
  attach(handler: TcpHandler): void
  /** One write to the kernel where possible. The chunks belong to the socket from here on: never change them again. */
  writeMany(chunks: readonly Uint8Array[]): void
  /** Bytes written that the kernel has not taken yet: pressure is a number, and `onDrain` tells when it is 0 again. */
  readonly unsent: number
  /** Stops reading: TCP slows the sender. Bytes already read are still delivered. */
  pause(): void
  resume(): void
  /** Ends both directions at once. `onClose` is not called. Idempotent. */
  close(): void
}

export interface TcpListener {
  readonly port: number
  close(): void
}

export interface Tcp {
  /**
   * @throws EngineError CONNECT_FAILED, CONNECT_TIMEOUT (network), ABORTED
   */
  dial(to: Endpoint, options: { timeoutMs: number }, signal: AbortSignal): Promise<TcpSocket>
  /**
   * Accepts until closed. `host` is an address literal to bind, `0.0.0.0` or `::`; port 0 takes any free one.
   * @throws EngineError PORT_IN_USE (network)
   */
  listen(at: { host: string; port: number }, onSocket: (socket: TcpSocket) => void): Promise<TcpListener>
}
