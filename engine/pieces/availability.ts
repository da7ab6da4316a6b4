import type { Bitfield } from '#engine/base/bitfield.ts'
import type { RarestOrder } from './rarest-order.ts'

/** A field with at least this share of the pieces re-sorts the order at once; a smaller one moves pieces one by one. */
const BULK_SHARE = 1 / 16

/** Copies of each piece in the crew. Seeds are only counted: they have everything, and change no order. */
export class Availability {
  /** Copies held by peers that are not seeds. */
  readonly copies: Uint16Array
  #seeds = 0

  constructor(pieceCount: number) {
    this.copies = new Uint16Array(pieceCount)
  }

  of(piece: number): number {
    return this.copies[piece]! + this.#seeds
  }

  joined(field: Bitfield, order: RarestOrder): void {
    if (field.isFull) this.#seeds++
    else this.#add(field, 1, order)
  }

  left(field: Bitfield, order: RarestOrder): void {
    if (field.isFull) this.#seeds--
    else this.#add(field, -1, order)
  }

  has(piece: number, order: RarestOrder): void {
    this.copies[piece]!++
    order.raised(piece)
  }

  hasNot(piece: number, order: RarestOrder): void {
    this.copies[piece]!--
    order.lowered(piece)
  }

  becameSeed(field: Bitfield, order: RarestOrder): void {
    this.#add(field, -1, order)
    this.#seeds++
  }

  wasSeed(field: Bitfield, order: RarestOrder): void {
    this.#seeds--
    this.#add(field, 1, order)
  }

  #add(field: Bitfield, by: 1 | -1, order: RarestOrder): void {
    const isBulk = field.count >= this.copies.length * BULK_SHARE
    if (isBulk) order.unsort()
    const { bytes } = field
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === 0) continue
      for (let bit = 0; bit < 8; bit++) {
        if ((byte & (0x80 >>> bit)) === 0) continue
        const piece = at * 8 + bit
        this.copies[piece]! += by
        if (isBulk) continue
        if (by > 0) order.raised(piece)
        else order.lowered(piece)
      }
    }
  }
}
