import { Bitfield } from '#engine/base/bitfield.ts'
import type { Geometry } from './geometry.ts'
import { assertMove, PIECE_STATE } from './piece-state.ts'
import { RarestOrder } from './rarest-order.ts'

const { MISSING, ACTIVE, HAVE, SKIPPED } = PIECE_STATE

/** State and priority of every piece, and what follows from them: counts, the order of missing pieces, news for the map. */
export class PieceBook {
  readonly have: Bitfield
  readonly failed: Bitfield
  readonly order: RarestOrder
  /** Wanted pieces that we do not have. */
  wantedLeft: number
  /** Their bytes. */
  bytesLeft: number
  activeCount = 0
  readonly #geometry: Geometry
  readonly #states: Uint8Array
  readonly #priorities: Uint8Array
  readonly #changed: Bitfield
  #changes: number[] = []

  /** All pieces begin missing, at normal priority. */
  constructor(geometry: Geometry, copies: Uint16Array, random: () => number) {
    const { pieceCount } = geometry
    this.#geometry = geometry
    this.have = new Bitfield(pieceCount)
    this.failed = new Bitfield(pieceCount)
    this.#states = new Uint8Array(pieceCount)
    this.#priorities = new Uint8Array(pieceCount).fill(2)
    this.#changed = new Bitfield(pieceCount)
    const open = new Bitfield(pieceCount)
    open.fill()
    this.order = new RarestOrder(open, this.#priorities, copies, random)
    this.wantedLeft = pieceCount
    this.bytesLeft = geometry.spaceLength
  }

  stateOf(piece: number): number {
    return this.#states[piece]!
  }
  priorityOf(piece: number): number {
    return this.#priorities[piece]!
  }
  isWanted(piece: number): boolean {
    return this.#priorities[piece]! > 0 && this.#states[piece] !== HAVE
  }

  setPriorities(perPiece: Uint8Array): void {
    this.order.unsort()
    this.wantedLeft = 0
    this.bytesLeft = 0
    for (let piece = 0; piece < perPiece.length; piece++) {
      const priority = perPiece[piece]!
      this.#priorities[piece] = priority
      const state = this.#states[piece]!
      if (state === HAVE) continue
      if (priority > 0) {
        this.wantedLeft++
        this.bytesLeft += this.#geometry.pieceSize(piece)
      }
      if (state === MISSING && priority === 0) this.#enter(piece, SKIPPED)
      else if (state === SKIPPED && priority > 0) this.#enter(piece, MISSING)
    }
  }

  /** MISSING stands for SKIPPED where the piece is not wanted; counts, order and news follow. */
  move(piece: number, to: number): void {
    const isWanted = this.#priorities[piece]! > 0
    const had = this.#states[piece] === HAVE
    if (had !== (to === HAVE)) {
      if (had) this.have.clear(piece)
      else this.have.set(piece)
      if (isWanted) {
        this.wantedLeft += had ? 1 : -1
        this.bytesLeft += (had ? 1 : -1) * this.#geometry.pieceSize(piece)
      }
    }
    this.#enter(piece, to === MISSING && !isWanted ? SKIPPED : to)
  }

  noteChange(piece: number): void {
    if (this.#changed.set(piece)) this.#changes.push(piece)
  }

  takeChanged(): number[] {
    const changes = this.#changes
    this.#changes = []
    for (const piece of changes) this.#changed.clear(piece)
    return changes
  }

  #enter(piece: number, to: number): void {
    const from = this.#states[piece]!
    if (from === to) return
    assertMove(piece, from, to)
    this.#states[piece] = to
    if (from === ACTIVE) this.activeCount--
    if (to === ACTIVE) this.activeCount++
    if (from === MISSING) this.order.remove(piece)
    if (to === MISSING) this.order.add(piece)
    this.noteChange(piece)
  }
}
