import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { InfoHash } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { DiffieHellman } from '#engine/io/crypto.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import type { Random } from '#engine/io/random.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import { HandshakeReader, type Handshake } from '#engine/wire/handshake.ts'
import { looksPlain } from '#engine/wire/mse/cipher.ts'
import { EncryptedSocket } from '#engine/wire/mse/encrypted-socket.ts'
import { MseResponder } from '#engine/wire/mse/responder.ts'

export interface CallerHost {
  readonly clock: Clock
  readonly hashes: Hashes
  readonly random: Random
  readonly dh: DiffieHellman
  readonly security: () => 'off' | 'prefer' | 'require'
  /** Which of our torrents an encrypted call is for (`SkeyIndex.find`). */
  readonly infoHashOf: (req2xor: Uint8Array, secret: Uint8Array) => InfoHash | undefined
}

export interface CallerEvents {
  /** Both sides know each other's wish. The socket waits for its next owner. */
  onHandshake(caller: Caller, handshake: Handshake, rest: Uint8Array): void
  /** It ended, or was ended, without one. */
  onEnd(caller: Caller, error: EngineError | undefined): void
}

/** A connection somebody made to us, until its handshake is read: plain, or after an agreement on encryption. */
export class Caller {
  readonly address: string
  /** Speaks as agreed. */
  socket: TcpSocket
  isEncrypted = false
  readonly #host: CallerHost
  readonly #events: CallerEvents
  readonly #reader = new HandshakeReader()
  #timer: Disposable
  #isOver = false
  #begun: Uint8Array = new Uint8Array(0)

  constructor(socket: TcpSocket, host: CallerHost, events: CallerEvents) {
    this.socket = socket
    this.address = socket.remote.address
    this.#host = host
    this.#events = events
    this.#timer = host.clock.after(LIMITS.wire.handshakeMs, () => this.#late())
    this.#listen(bytes => this.#receiveFirst(bytes))
  }

  /** Ends it; nothing is told. */
  drop(): void {
    this.#finish()
    this.socket.close()
  }

  #late(): void {
    this.#fail(new EngineError('PEER_TIMEOUT', 'peer', 'no handshake in time'))
  }

  #listen(onData: (bytes: Uint8Array) => void): void {
    this.socket.attach({
      onData: bytes => {
        if (!this.#isOver) onData(bytes)
      },
      onDrain: () => {},
      onClose: error => {
        if (this.#isOver) return
        this.#finish()
        this.#events.onEnd(this, error)
      },
    })
  }

  /** The first twenty bytes tell a plain handshake from a key. */
  #receiveFirst(bytes: Uint8Array): void {
    const begun = concat([this.#begun, bytes])
    this.#begun = begun
    const isPlain = looksPlain(begun)
    if (isPlain === undefined) return
    const security = this.#host.security()
    if (security === (isPlain ? 'require' : 'off')) {
      this.#fail(new EngineError('HANDSHAKE_INVALID', 'peer', isPlain ? 'speaks plainly' : 'speaks encrypted'))
      return
    }
    if (isPlain) {
      this.#listen(more => this.#receiveHandshake(more))
      this.#receiveHandshake(begun)
    } else this.#answerSecurely(begun, security === 'prefer')
  }

  #answerSecurely(begun: Uint8Array, mayBePlain: boolean): void {
    this.#timer[Symbol.dispose]()
    this.#timer = this.#host.clock.after(LIMITS.mse.handshakeMs, () => this.#late())
    const { infoHashOf, dh, hashes, random } = this.#host
    const responder = new MseResponder({
      infoHashOf,
      dh,
      hashes,
      random,
      allow: { rc4: true, plain: mayBePlain },
      // The beginning was hidden, which is what most networks need; both sides are spared the rest.
      prefer: mayBePlain ? 'plain' : 'rc4',
    })
    const receive = (bytes: Uint8Array): void => {
      const { send, done } = responder.push(bytes)
      if (send) this.socket.writeMany([send])
      if (!done) return
      const { encrypt, decrypt } = done
      this.isEncrypted = encrypt !== null
      if (encrypt && decrypt) this.socket = new EncryptedSocket(this.socket, encrypt, decrypt)
      this.#listen(more => this.#receiveHandshake(more))
      if (done.rest.length > 0) this.#receiveHandshake(done.rest)
    }
    this.#listen(receive)
    receive(begun)
  }

  #receiveHandshake(bytes: Uint8Array): void {
    const handshake = this.#reader.push(bytes)
    if (!handshake) return
    this.#finish()
    // The rest is lent, and kept until it is replayed.
    this.#events.onHandshake(this, handshake, this.#reader.rest.slice())
  }

  #fail(error: EngineError): void {
    this.drop()
    this.#events.onEnd(this, error)
  }

  #finish(): void {
    this.#isOver = true
    this.#timer[Symbol.dispose]()
  }
}
