import { toEngineError, type EngineError } from '#engine/base/errors.ts'
import type { Throttle } from '#engine/base/throttle.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { encodeReject, writePieceHeader, PIECE_HEADER_LENGTH } from '#engine/wire/encoder.ts'
import type { Content } from './content.ts'

/**
 * Bytes given to a socket before we wait for it to drain: enough to keep a fast line busy between two events, and no
 * more than a slow one takes in some seconds, because what is given cannot be taken back by a choke or a cancel.
 */
const HIGH_WATER_MOST = 1024 * 1024
const HIGH_WATER_LEAST = 256 * 1024
const HIGH_WATER_SECONDS = 4
/** Blocks in one write; a slow disk or a limit ends a batch earlier. */
const BATCH = 64

export interface UploadFlowHost {
  onUploaded(bytes: number): void
  /** The disk could not give what we claim to have. */
  onReadError(error: EngineError): void
}

/** Request → stretch of the read cache → socket, in batches of one write. */
export class UploadFlow {
  readonly #content: Content
  readonly #throttle: Throttle
  readonly #clock: Clock
  readonly #host: UploadFlowHost
  /** Peers that wait for the rate limit. */
  readonly #waiting = new Set<PeerSession>()
  #isClosed = false

  constructor(content: Content, throttle: Throttle, clock: Clock, host: UploadFlowHost) {
    this.#content = content
    this.#throttle = throttle
    this.#clock = clock
    this.#host = host
  }

  /** Sends as much of the peer's queue as socket, limit and cache allow at once. */
  pump(peer: PeerSession, ready?: Uint8Array): void {
    if (peer.isReading || this.#isClosed) return
    const { uploads } = peer
    let first = ready
    const now = this.#clock.now()
    const highWater = Math.min(HIGH_WATER_MOST, Math.max(HIGH_WATER_LEAST, peer.upRate(now) * HIGH_WATER_SECONDS))
    while (uploads.length > 0 && !peer.isClosed && peer.unsent < highWater) {
      const chunks: Uint8Array[] = []
      const count = Math.min(BATCH, uploads.length)
      const headers = new Uint8Array(count * PIECE_HEADER_LENGTH)
      let bytes = 0
      let isBlocked = false
      for (let nth = 0; nth < count && uploads.length > 0 && bytes < HIGH_WATER_MOST; nth++) {
        const { piece, begin, blockLength } = uploads
        if (!this.#content.picker.have.has(piece)) {
          if (peer.supports.fast) chunks.push(encodeReject(piece, begin, blockLength))
          uploads.shift()
          continue
        }
        if (this.#throttle.isLimited && this.#throttle.allowance(now) <= 0) {
          this.#waiting.add(peer)
          isBlocked = true
          break
        }
        const view = first ?? this.#content.store.read(piece, begin, blockLength)
        first = undefined
        if (view instanceof Promise) {
          isBlocked = true
          this.#await(peer, view, piece, begin, blockLength)
          break
        }
        const header = headers.subarray(nth * PIECE_HEADER_LENGTH, (nth + 1) * PIECE_HEADER_LENGTH)
        writePieceHeader(header, piece, begin, blockLength)
        chunks.push(header, view)
        uploads.shift()
        bytes += blockLength
        this.#throttle.spend(blockLength)
      }
      if (bytes > 0) {
        peer.upMeter.add(bytes, now)
        peer.lastPayloadAt = now
        this.#host.onUploaded(bytes)
      }
      if (chunks.length > 0) peer.sendMany(chunks)
      if (isBlocked) return
    }
  }

  #await(peer: PeerSession, reading: Promise<Uint8Array>, piece: number, begin: number, length: number): void {
    peer.isReading = true
    reading.then(
      view => {
        peer.isReading = false
        if (peer.isClosed || this.#isClosed) return
        const { uploads } = peer
        // Cancelled or choked meanwhile: what was read stays in the cache for whoever asks next.
        const isFirst =
          uploads.length > 0 && uploads.piece === piece && uploads.begin === begin && uploads.blockLength === length
        this.pump(peer, isFirst ? view : undefined)
      },
      (thrown: unknown) => {
        peer.isReading = false
        if (!this.#isClosed) this.#host.onReadError(toEngineError(thrown))
      },
    )
  }

  tick(now: number): void {
    if (this.#waiting.size === 0 || this.#throttle.allowance(now) <= 0) return
    // Whoever waited longest goes first; those that run dry again queue up behind.
    for (const peer of [...this.#waiting]) {
      this.#waiting.delete(peer)
      if (!peer.isClosed) this.pump(peer)
    }
  }

  peerLeft(peer: PeerSession): void {
    this.#waiting.delete(peer)
  }

  close(): void {
    this.#isClosed = true
    this.#waiting.clear()
  }
}
