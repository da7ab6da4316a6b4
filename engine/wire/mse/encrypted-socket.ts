import type { Endpoint } from '#engine/base/endpoint.ts'
import type { TcpHandler, TcpSocket } from '#engine/io/tcp.ts'
import type { Rc4 } from './rc4.ts'

/**
 * A connection after an agreement on RC4, in the shape of one without. Decrypts in place what was read, and encrypts
 * what is written into memory of its own: chunks such as stretches of the read cache go to other peers too.
 */
export class EncryptedSocket implements TcpSocket {
  readonly #socket: TcpSocket
  readonly #encrypt: Rc4
  readonly #decrypt: Rc4

  /** Takes the socket over; the streams are where the handshake left them. */
  constructor(socket: TcpSocket, encrypt: Rc4, decrypt: Rc4) {
    this.#socket = socket
    this.#encrypt = encrypt
    this.#decrypt = decrypt
  }

  get remote(): Endpoint {
    return this.#socket.remote
  }

  get local(): Endpoint {
    return this.#socket.local
  }

  get unsent(): number {
    return this.#socket.unsent
  }

  attach(handler: TcpHandler): void {
    const decrypt = this.#decrypt
    this.#socket.attach({
      onData(bytes) {
        // Lent memory is the socket's read buffer, which nobody reads again: it may be changed.
        decrypt.apply(bytes)
        handler.onData(bytes)
      },
      onDrain: () => handler.onDrain(),
      onClose: error => handler.onClose(error),
    })
  }

  writeMany(chunks: readonly Uint8Array[]): void {
    let length = 0
    for (const chunk of chunks) length += chunk.length
    if (length === 0) return
    const encrypted = new Uint8Array(length)
    let at = 0
    for (const chunk of chunks) {
      this.#encrypt.copy(chunk, encrypted, at)
      at += chunk.length
    }
    this.#socket.writeMany([encrypted])
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.close()
  }
}
