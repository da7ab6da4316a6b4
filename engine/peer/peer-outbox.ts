import { writeU32 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import { KEEP_ALIVE } from '#engine/wire/encoder.ts'
import { MESSAGE } from '#engine/wire/message.ts'

const HAVE_BYTES = 9

/** What one peer is about to be told, in as few writes as may be, and whether it takes it. */
export class PeerOutbox {
  readonly #socket: TcpSocket
  readonly #now: () => number
  #chunks: Uint8Array[] = []
  #bytes = 0
  #haves: number[] = []
  #isHeld = false
  #isClosed = false
  #lastWriteAt: number
  #written = 0
  /** Bytes of what we wrote that it has taken, and since when that stands still. */
  #taken = 0
  #takenAt: number

  constructor(socket: TcpSocket, now: () => number) {
    this.#socket = socket
    this.#now = now
    this.#lastWriteAt = now()
    this.#takenAt = this.#lastWriteAt
  }

  /** Bytes on their way out, those that wait for the next write included. */
  get unsent(): number {
    return this.#socket.unsent + this.#bytes
  }

  /** The bytes are never changed afterwards. */
  send(message: Uint8Array): void {
    if (this.#isClosed) return
    this.#push(message)
    if (!this.#isHeld) this.flush()
  }

  /** Many chunks, one write. The bytes are never changed afterwards. */
  sendMany(chunks: readonly Uint8Array[]): void {
    if (this.#isClosed) return
    for (const chunk of chunks) this.#push(chunk)
    if (!this.#isHeld) this.flush()
  }

  /** Waits for the next write or tick: haves come in bursts. */
  queueHave(piece: number): void {
    this.#haves.push(piece)
  }

  /** While something of the peer's is handled, all answers wait for one write: `release`, then `flush`. */
  hold(): void {
    this.#isHeld = true
  }
  release(): void {
    this.#isHeld = false
  }

  flush(): void {
    if (this.#isClosed) return
    if (this.#haves.length > 0) {
      this.#push(encodeHaves(this.#haves))
      this.#haves = []
    }
    if (this.#chunks.length === 0) return
    const chunks = this.#chunks
    this.#chunks = []
    this.#written += this.#bytes
    this.#bytes = 0
    this.#lastWriteAt = this.#now()
    this.#socket.writeMany(chunks)
  }

  /** Nothing is written from here on. */
  close(): void {
    this.#isClosed = true
  }

  /** @returns an error when it has been deaf for too long */
  tick(now: number): EngineError | undefined {
    const { unsent } = this.#socket
    const taken = this.#written - unsent
    // A slow reader never takes all, because we keep giving: what counts is that it takes something.
    if (unsent === 0 || taken > this.#taken) this.#takenAt = now
    this.#taken = taken
    if (now - this.#takenAt > LIMITS.wire.unreadMs) return new EngineError('PEER_TIMEOUT', 'peer', 'takes no data')
    const error = this.overfull()
    if (!error && now - this.#lastWriteAt > LIMITS.wire.keepAliveMs) this.send(KEEP_ALIVE)
    return error
  }

  /** It asks and does not listen: answers must not pile up, however short they are. */
  overfull(): EngineError | undefined {
    const { unsent } = this.#socket
    if (unsent <= LIMITS.wire.unsentBytes) return undefined
    return new EngineError('PEER_TIMEOUT', 'peer', `has ${unsent} bytes of answers that it does not take`)
  }

  #push(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }
}

function encodeHaves(pieces: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(pieces.length * HAVE_BYTES)
  for (let at = 0; at < pieces.length; at++) {
    writeU32(bytes, at * HAVE_BYTES, 5)
    bytes[at * HAVE_BYTES + 4] = MESSAGE.HAVE
    writeU32(bytes, at * HAVE_BYTES + 5, pieces[at]!)
  }
  return bytes
}
