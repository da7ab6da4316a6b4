import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { encodeExtended } from '#engine/wire/encoder.ts'
import { encodeMetadataRequest, METADATA_PART, type MetadataMessage } from '#engine/wire/ut-metadata.ts'

const PART_TIMEOUT_MS = 10_000
/** A peer asked in vain this often rests: it may have the metadata later, when it found it itself. */
const REFUSALS = 3
const REST_MS = 60_000
/** Parts of all attempts together; liars about the size cannot make us hold more. */
const HELD_BYTES = 2 * LIMITS.metadataBytes

interface Attempt {
  /** Info dictionary length that these peers agree on. */
  readonly size: number
  readonly parts: (Uint8Array | undefined)[]
  readonly senders: (PeerSession | undefined)[]
  missing: number
  held: number
  /** Takes parts of nobody else: after parts of several peers made nothing whole, they are tried one by one. */
  only: PeerSession | undefined
}

interface Asked {
  readonly size: number
  /** Part number → when it was asked for. */
  readonly pending: Map<number, number>
  refusals: number
  notBefore: number
}

/**
 * Fetches the info dictionary of a magnet from peers (BEP 9): parts from many peers at once, kept apart by the size that
 * each peer claims, so that a liar about the size spoils nobody else's attempt. Nothing is used before its hash agrees.
 */
export class MetadataFetch {
  readonly #hashes: Hashes
  readonly #expected: { readonly v1: Uint8Array | null; readonly v2: Uint8Array | null }
  readonly #onDone: (infoBytes: Uint8Array) => void
  readonly #onLiar: (peer: PeerSession) => void
  readonly #attempts = new Map<number, Attempt>()
  /** Sizes about which somebody lied with the right size: peers are tried one by one. */
  readonly #contested = new Set<number>()
  readonly #asked = new Map<PeerSession, Asked>()
  #isDone = false

  constructor(
    hashes: Hashes,
    expected: { readonly v1: Uint8Array | null; readonly v2: Uint8Array | null },
    onDone: (infoBytes: Uint8Array) => void,
    onLiar: (peer: PeerSession) => void,
  ) {
    this.#hashes = hashes
    this.#expected = expected
    this.#onDone = onDone
    this.#onLiar = onLiar
  }

  /** Connected peers that say they have the metadata. */
  get sources(): number {
    return this.#asked.size
  }
  /** Bytes of parts that are held at the moment. */
  get held(): number {
    let bytes = 0
    for (const { held } of this.#attempts.values()) bytes += held
    return bytes
  }

  /** Its extended handshake is here. */
  peerReady(peer: PeerSession, now: number): void {
    const size = peer.extended?.metadataSize
    if (this.#isDone || peer.extended?.ids.utMetadata === undefined || size === undefined || this.#asked.has(peer))
      return
    if (!(size > 0 && size <= LIMITS.metadataBytes)) return
    this.#asked.set(peer, { size, pending: new Map(), refusals: 0, notBefore: 0 })
    this.#ask(peer, now)
  }

  peerLeft(peer: PeerSession): void {
    const asked = this.#asked.get(peer)
    this.#asked.delete(peer)
    if (asked && this.#attempts.get(asked.size)?.only === peer) this.#attempts.delete(asked.size)
  }

  /** @throws EngineError METADATA_INVALID (peer) for a part of another length than its size says */
  receive(peer: PeerSession, message: MetadataMessage, now: number): void {
    const asked = this.#asked.get(peer)
    if (!asked || this.#isDone || (message.kind !== 'data' && message.kind !== 'reject')) return
    if (!asked.pending.delete(message.part)) return
    if (message.kind !== 'data') {
      this.#refuse(peer, asked, now)
      return
    }
    if (message.payload.length !== partLength(asked.size, message.part)) {
      throw new EngineError('METADATA_INVALID', 'peer', `a metadata part of ${message.payload.length} bytes`)
    }
    const attempt = this.#attempts.get(asked.size)
    if (attempt && (!attempt.only || attempt.only === peer)) this.#keep(attempt, peer, message)
    if (attempt?.missing === 0) this.#finish(attempt, now)
    else if (asked.pending.size === 0) this.#ask(peer, now)
  }

  tick(now: number): void {
    for (const [peer, asked] of this.#asked) {
      for (const [part, at] of asked.pending) {
        if (now - at < PART_TIMEOUT_MS) continue
        asked.pending.delete(part)
        this.#refuse(peer, asked, now)
      }
      if (asked.pending.size === 0) this.#ask(peer, now)
    }
  }

  #keep(attempt: Attempt, peer: PeerSession, { part, payload }: Extract<MetadataMessage, { kind: 'data' }>): void {
    if (attempt.parts[part] !== undefined) return
    // The payload is lent for the call; this is its only copy until the whole is put together.
    attempt.parts[part] = payload.slice()
    attempt.senders[part] = peer
    attempt.missing--
    attempt.held += payload.length
    if (this.held > HELD_BYTES) this.#giveUpLargest()
  }

  /** The largest claim is the likeliest lie. */
  #giveUpLargest(): void {
    const [largest] = [...this.#attempts.values()].sort((a, b) => b.size - a.size)
    if (!largest) return
    this.#attempts.delete(largest.size)
    for (const [peer, { size }] of this.#asked) if (size === largest.size) this.#asked.delete(peer)
  }

  #refuse(peer: PeerSession, asked: Asked, now: number): void {
    if (++asked.refusals < REFUSALS) return
    asked.refusals = 0
    asked.notBefore = now + REST_MS
    // Others get their turn.
    if (this.#attempts.get(asked.size)?.only === peer) this.#attempts.delete(asked.size)
  }

  /** Every part that is not here and that nobody owes us; when all are owed, the same again: parts are small. */
  #ask(peer: PeerSession, now: number): void {
    const asked = this.#asked.get(peer)
    const id = peer.extended?.ids.utMetadata
    if (!asked || id === undefined || this.#isDone || now < asked.notBefore) return
    const attempt = this.#attemptOf(asked.size, peer)
    if (attempt.only && attempt.only !== peer) return
    const owed = new Set<number>()
    for (const other of this.#asked.values()) {
      if (other.size === asked.size) for (const part of other.pending.keys()) owed.add(part)
    }
    const missing = Array.from(attempt.parts.keys()).filter(part => attempt.parts[part] === undefined)
    const free = missing.filter(part => !owed.has(part))
    const requests: Uint8Array[] = []
    for (const part of free.length > 0 && !attempt.only ? free : missing) {
      asked.pending.set(part, now)
      requests.push(encodeExtended(id, encodeMetadataRequest(part)))
    }
    if (requests.length > 0) peer.sendMany(requests)
  }

  #attemptOf(size: number, peer: PeerSession): Attempt {
    let attempt = this.#attempts.get(size)
    if (!attempt) {
      const parts = Math.ceil(size / METADATA_PART)
      attempt = {
        size,
        parts: Array.from({ length: parts }, () => undefined),
        senders: Array.from({ length: parts }, () => undefined),
        missing: parts,
        held: 0,
        only: this.#contested.has(size) ? peer : undefined,
      }
      this.#attempts.set(size, attempt)
    }
    return attempt
  }

  #finish(attempt: Attempt, now: number): void {
    const { size } = attempt
    const infoBytes = concat(attempt.parts.filter(part => part !== undefined))
    const { v1, v2 } = this.#expected
    const isRight =
      (v1 !== null && sameBytes(this.#hashes.sha1(infoBytes), v1)) ||
      (v2 !== null && sameBytes(this.#hashes.sha256(infoBytes), v2))
    if (isRight) {
      this.#isDone = true
      this.#attempts.clear()
      this.#onDone(infoBytes)
      return
    }
    this.#attempts.delete(size)
    for (const asked of this.#asked.values()) if (asked.size === size) asked.pending.clear()
    const [sender, ...others] = new Set(attempt.senders)
    // From one sender it is a lie; of several, one by one will show who lied.
    if (others.length > 0) this.#contested.add(size)
    else if (sender && this.#asked.has(sender)) this.#onLiar(sender)
    for (const peer of [...this.#asked.keys()]) this.#ask(peer, now)
  }
}

const partLength = (size: number, part: number): number => Math.min(METADATA_PART, size - part * METADATA_PART)
