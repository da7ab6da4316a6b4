import { Bitfield } from '#engine/base/bitfield.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Geometry } from '#engine/pieces/geometry.ts'

const HAVES_BEFORE_GEOMETRY = 50_000

export interface PeerFieldHost {
  /** Its first word about what it has. */
  onField(): void
  onHave(piece: number): void
  /** One of its own haves may have ended the peer. */
  isClosed(): boolean
}

/** What one peer says it has. What it says before the torrent's shape is known waits raw, and is judged once. */
export class PeerField {
  readonly #host: PeerFieldHost
  #geometry: Geometry | undefined
  #bits: Bitfield | undefined
  #isTold = false
  /** Its first word was a bitfield, have-all or have-none, not a have. */
  #openedWithField = false
  #early: Uint8Array | 'all' | undefined
  #earlyHaves: number[] = []

  constructor(host: PeerFieldHost) {
    this.#host = host
  }

  /** Undefined before the shape is known. */
  get bits(): Bitfield | undefined {
    return this.#bits
  }
  /** It has said something about what it has. */
  get isTold(): boolean {
    return this.#isTold
  }
  get isFull(): boolean {
    return this.#bits?.isFull ?? this.#early === 'all'
  }

  /** @throws EngineError what it said cannot be about this torrent */
  adoptGeometry(geometry: Geometry): void {
    this.#geometry = geometry
    const early = this.#early
    if (early instanceof Uint8Array) this.#bits = Bitfield.parse(early, geometry.pieceCount)
    else this.#bits = new Bitfield(geometry.pieceCount)
    if (early === 'all') this.#bits.fill()
    for (const piece of this.#earlyHaves) {
      if (!geometry.isPiece(piece)) throw beyond(piece)
      this.#bits.set(piece)
    }
    if (this.#earlyHaves.length > 0) this.#isTold = true
    this.#early = undefined
    this.#earlyHaves = []
  }

  receiveHave(piece: number): void {
    if (!this.#geometry || !this.#bits) {
      if (this.#earlyHaves.length >= HAVES_BEFORE_GEOMETRY)
        throw new EngineError('WIRE_PROTOCOL', 'peer', 'floods haves')
      this.#earlyHaves.push(piece)
      return
    }
    if (!this.#geometry.isPiece(piece)) throw beyond(piece)
    if (!this.#isTold) this.#tell()
    if (this.#bits.set(piece)) this.#host.onHave(piece)
  }

  /** @param said the bytes of a bitfield, lent; 'all' for have-all, undefined for have-none (BEP 6) */
  receiveField(said: Uint8Array | 'all' | undefined): void {
    if (this.#isTold) return this.#receiveLater(said)
    this.#openedWithField = true
    if (!this.#geometry) {
      this.#isTold = true
      // Lent; kept until metadata tells how long it should have been.
      this.#early = said instanceof Uint8Array ? said.slice() : said
      return
    }
    if (said instanceof Uint8Array) this.#bits = Bitfield.parse(said, this.#geometry.pieceCount)
    else if (said === 'all') this.#bits?.fill()
    this.#tell()
  }

  /** aria2 puts many haves into one more bitfield when that is shorter: welcome while it adds, and takes nothing back. */
  #receiveLater(said: Uint8Array | 'all' | undefined): void {
    const bits = this.#bits
    const geometry = this.#geometry
    const isSum = said instanceof Uint8Array && this.#openedWithField
    if (isSum && (!geometry || !bits)) {
      this.#early = said.slice() // lent, as the first one was
      return
    }
    const sum = isSum && geometry ? Bitfield.parse(said, geometry.pieceCount) : undefined
    if (!bits || !sum || sum.count <= bits.count) {
      throw new EngineError('WIRE_PROTOCOL', 'peer', 'tells what it has twice')
    }
    for (const piece of bits.indices()) {
      if (!sum.has(piece)) throw new EngineError('WIRE_PROTOCOL', 'peer', 'takes back what it has')
    }
    for (const piece of sum.indices()) {
      if (this.#host.isClosed()) return
      if (bits.set(piece)) this.#host.onHave(piece)
    }
  }

  #tell(): void {
    this.#isTold = true
    this.#host.onField()
  }
}

const beyond = (piece: number): EngineError =>
  new EngineError('WIRE_PROTOCOL', 'peer', `has piece ${piece} beyond the end`)
