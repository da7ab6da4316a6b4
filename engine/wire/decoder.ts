import { readU32 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { MESSAGE } from './message.ts'

/** Length, id, index, begin: all that is needed to place a block. */
const BLOCK_HEADER = 13
/** Bytes kept per idle peer: room for every message but the long ones. */
const SMALL_HEAD = 64

export interface WireHost {
  /**
   * Where an announced payload goes, exactly `length` bytes of it; `undefined` reads past it. Lent until `push` returns:
   * asked again with every push that brings more of the same block, because memory changes hands in between.
   */
  placeFor(index: number, begin: number, length: number): Uint8Array | undefined
  onBlock(index: number, begin: number, length: number): void
  /** Any other message. `body` is what follows the id, lent: valid only until this returns. */
  onMessage(id: number, body: Uint8Array): void
  onKeepAlive(): void
}

/**
 * Turns a peer's byte stream into messages (BEP 3, "peer messages").
 * Owns no socket and no timer: feed it whatever the network delivered, in any split.
 * Memory follows what has arrived, never what was announced; a payload is copied once, to its place.
 */
export class WireDecoder {
  readonly #host: WireHost
  readonly #small = new Uint8Array(SMALL_HEAD)
  #head = this.#small
  #maxLength: number
  #held = 0
  #place: Uint8Array | undefined
  #placed = 0
  #size = -1 // payload bytes of the block under way; -1: none
  #isStopped = false

  /** @param maxLength bytes, the longest message accepted from this peer */
  constructor(host: WireHost, maxLength: number) {
    this.#host = host
    this.#maxLength = maxLength
  }

  /** Counts from the next message on: a bitfield may be as long as the torrent needs once that is known. */
  setMaxLength(maxLength: number): void {
    this.#maxLength = maxLength
  }

  /**
   * `bytes` is lent: the caller reuses its buffer when this returns.
   * @throws EngineError WIRE_MESSAGE_TOO_LONG, WIRE_MESSAGE_TOO_SHORT (peer), and whatever the host throws
   */
  push(bytes: Uint8Array): void {
    // A place is lent for one push only: between two, the request may have been withdrawn and the memory be somebody else's.
    if (this.#size > 0) this.#place = this.#host.placeFor(readU32(this.#head, 5), readU32(this.#head, 9), this.#size)
    for (let at = 0; at < bytes.length && !this.#isStopped;) {
      at += this.#size > 0 ? this.#takePayload(bytes, at) : this.#takeHead(bytes, at)
    }
  }

  /** A block's payload is under way. */
  get isInBlock(): boolean {
    return this.#size > 0
  }

  /** Nothing more is decoded or told, not even the rest of the bytes being pushed. */
  stop(): void {
    this.#isStopped = true
    this.#place = undefined
  }

  #takePayload(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#size - this.#placed, bytes.length - at)
    this.#place?.set(bytes.subarray(at, at + count), this.#placed)
    this.#placed += count
    if (this.#placed === this.#size) this.#endBlock()
    return count
  }

  #takeHead(bytes: Uint8Array, at: number): number {
    const wanted = this.#wanted()
    const count = Math.min(wanted - this.#held, bytes.length - at)
    this.#makeRoom(this.#held + count, wanted)
    // A set() of a view costs more than a few single bytes.
    if (count <= BLOCK_HEADER) for (let i = 0; i < count; i++) this.#head[this.#held + i] = bytes[at + i]!
    else this.#head.set(bytes.subarray(at, at + count), this.#held)
    this.#held += count
    if (this.#held === wanted && this.#held === this.#wanted()) this.#endHead()
    return count
  }

  /** How many bytes of head make the next step possible: the length, then the id, then all but a payload. */
  #wanted(): number {
    if (this.#held < 4) return 4
    const length = readU32(this.#head, 0)
    // Refuse before buffering: the length is the peer's claim, not a fact.
    if (length > this.#maxLength) {
      throw new EngineError('WIRE_MESSAGE_TOO_LONG', 'peer', `a message of ${length} bytes announced`)
    }
    if (length === 0) return 4
    if (this.#held === 4) return 5
    if (this.#head[4] !== MESSAGE.PIECE) return 4 + length
    if (length < 9) throw new EngineError('WIRE_MESSAGE_TOO_SHORT', 'peer', `a block message of ${length} bytes`)
    return BLOCK_HEADER
  }

  #makeRoom(needed: number, wanted: number): void {
    if (needed <= this.#head.length) return
    const larger = new Uint8Array(Math.min(wanted, Math.max(needed, this.#head.length * 2)))
    larger.set(this.#head.subarray(0, this.#held))
    this.#head = larger
  }

  #endHead(): void {
    const head = this.#head
    const length = readU32(head, 0)
    this.#held = 0
    if (length === 0) {
      this.#host.onKeepAlive()
    } else if (head[4] !== MESSAGE.PIECE) {
      this.#head = this.#small
      this.#host.onMessage(head[4]!, head.subarray(5, 4 + length))
    } else {
      this.#size = length - 9
      this.#placed = 0
      this.#place = this.#host.placeFor(readU32(head, 5), readU32(head, 9), this.#size)
      if (this.#size === 0) this.#endBlock()
    }
  }

  #endBlock(): void {
    const length = this.#size
    this.#size = -1
    this.#place = undefined
    this.#host.onBlock(readU32(this.#head, 5), readU32(this.#head, 9), length)
  }
}
