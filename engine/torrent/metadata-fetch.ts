import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes, toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { encodeExtended } from '#engine/wire/encoder.ts'
import { encodeMetadataRequest, METADATA_PART, type MetadataMessage } from '#engine/wire/ut-metadata.ts'

const PART_TIMEOUT_MS = 10_000
/** A peer asked in vain this often is not asked again. */
const REFUSALS = 3

interface Attempt {
  /** Info dictionary length that these peers agree on. */
  readonly size: number
  readonly parts: (Uint8Array | undefined)[]
  readonly senders: (PeerSession | undefined)[]
  missing: number
}

interface Asked {
  readonly size: number
  readonly pending: Map<number, number>
  refusals: number
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

  /** Its extended handshake is here. */
  peerReady(peer: PeerSession, now: number): void {
    const size = peer.extended?.metadataSize
    if (this.#isDone || peer.extended?.ids.utMetadata === undefined || size === undefined || this.#asked.has(peer))
      return
    if (!(size > 0 && size <= LIMITS.metadataBytes)) return
    this.#asked.set(peer, { size, pending: new Map(), refusals: 0 })
    this.#ask(peer, now)
  }

  peerLeft(peer: PeerSession): void {
    this.#asked.delete(peer)
  }

  receive(peer: PeerSession, message: MetadataMessage, now: number): void {
    const asked = this.#asked.get(peer)
    if (!asked || this.#isDone || (message.kind !== 'data' && message.kind !== 'reject')) return
    if (!asked.pending.delete(message.part)) return
    if (message.kind !== 'data') {
      asked.refusals++
      return
    }
    const attempt = this.#attempts.get(asked.size)
    if (!attempt || message.payload.length !== partLength(asked.size, message.part)) {
      throw new EngineError('METADATA_INVALID', 'peer', `a metadata part of ${message.payload.length} bytes`)
    }
    if (attempt.parts[message.part] === undefined) {
      // The payload is lent for the call; this is its only copy until the whole is put together.
      attempt.parts[message.part] = message.payload.slice()
      attempt.senders[message.part] = peer
      attempt.missing--
    }
    if (attempt.missing === 0) this.#finish(asked.size, attempt, now)
    else if (asked.pending.size === 0) this.#ask(peer, now)
  }

  tick(now: number): void {
    for (const [peer, asked] of this.#asked) {
      for (const [part, at] of asked.pending) {
        if (now - at < PART_TIMEOUT_MS) continue
        asked.pending.delete(part)
        asked.refusals++
      }
      if (asked.pending.size === 0) this.#ask(peer, now)
    }
  }

  /** Every part that is not here and that nobody owes us; when all are owed, the same again: parts are small. */
  #ask(peer: PeerSession, now: number): void {
    const asked = this.#asked.get(peer)
    const id = peer.extended?.ids.utMetadata
    if (!asked || id === undefined || asked.refusals >= REFUSALS) return
    const attempt = this.#attemptOf(asked.size)
    const owed = new Set<number>()
    for (const other of this.#asked.values()) {
      if (other.size === asked.size) for (const part of other.pending.keys()) owed.add(part)
    }
    const missing = Array.from(attempt.parts.keys()).filter(part => attempt.parts[part] === undefined)
    const free = missing.filter(part => !owed.has(part))
    const requests: Uint8Array[] = []
    for (const part of free.length > 0 ? free : missing) {
      asked.pending.set(part, now)
      requests.push(encodeExtended(id, encodeMetadataRequest(part)))
    }
    if (requests.length > 0) peer.sendMany(requests)
  }

  #attemptOf(size: number): Attempt {
    let attempt = this.#attempts.get(size)
    if (!attempt) {
      const parts = Math.ceil(size / METADATA_PART)
      attempt = {
        size,
        parts: Array.from({ length: parts }, () => undefined),
        senders: Array.from({ length: parts }, () => undefined),
        missing: parts,
      }
      this.#attempts.set(size, attempt)
    }
    return attempt
  }

  #finish(size: number, attempt: Attempt, now: number): void {
    const infoBytes = concat(attempt.parts.filter(part => part !== undefined))
    const { v1, v2 } = this.#expected
    const isRight =
      (v1 !== null && sameBytes(this.#hashes.sha1(infoBytes), v1)) ||
      (v2 !== null && toHex(this.#hashes.sha256(infoBytes)) === toHex(v2))
    if (isRight) {
      this.#isDone = true
      this.#onDone(infoBytes)
      return
    }
    this.#attempts.delete(size)
    const senders = new Set(attempt.senders)
    for (const [peer, asked] of this.#asked) {
      asked.pending.clear()
      if (!senders.has(peer)) continue
      // From one sender it is a lie; from several, each gets the next try alone.
      if (senders.size === 1) this.#onLiar(peer)
      else asked.refusals++
    }
    for (const peer of this.#asked.keys()) {
      this.#ask(peer, now)
      if (senders.size > 1) break
    }
  }
}

const partLength = (size: number, part: number): number => Math.min(METADATA_PART, size - part * METADATA_PART)
