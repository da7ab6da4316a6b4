import type { Bitfield } from '#engine/base/bitfield.ts'

/** Pieces of one priority, sorted by copies; `starts[n]` is where those with n copies begin, the last entry is the end. */
interface Shelf {
  items: Int32Array
  length: number
  starts: number[]
}

/** Entries looked at one by one before the bits are compared byte by byte: bounds a search that finds little. */
const WALK_MAX = 1024

/**
 * The pieces that nobody has begun and that are wanted, by priority and then from rare to common, in random order
 * among equals. Kept sorted by swaps when a count moves by one; sorted anew, when next asked, after bigger changes.
 */
export class RarestOrder {
  readonly #pieceCount: number
  readonly #priorities: Uint8Array
  readonly #copies: Uint16Array
  /** Members, sorted or not. */
  readonly open: Bitfield
  readonly #shelves: readonly Shelf[] = [0, 1, 2, 3].map(() => ({
    items: new Int32Array(0),
    length: 0,
    starts: [0, 0],
  }))
  /** Where each member stands on its shelf. */
  #place = new Int32Array(0)
  #isSorted = false
  #dice: number

  /** @param priorities one per piece, shared: reset with `unsort` after changing it; so is `copies` */
  constructor(open: Bitfield, priorities: Uint8Array, copies: Uint16Array, random: () => number) {
    this.open = open
    this.#pieceCount = open.length
    this.#priorities = priorities
    this.#copies = copies
    this.#dice = (random() * 0xffffffff) | 1
  }

  /** Many counts or priorities have changed: sort when next asked. */
  unsort(): void {
    this.#isSorted = false
  }

  add(piece: number): void {
    if (!this.open.set(piece) || !this.#isSorted) return
    const shelf = this.#shelves[this.#priorities[piece]!]!
    const copies = this.#copies[piece]!
    if (shelf.length === shelf.items.length) {
      const larger = new Int32Array(Math.min(this.#pieceCount, shelf.length * 2 + 64))
      larger.set(shelf.items)
      shelf.items = larger
    }
    this.#makeBuckets(shelf, copies)
    const { starts } = shelf
    // The free place at the end travels down: each bucket above gives its first for its last.
    let hole = shelf.length++
    starts[starts.length - 1] = shelf.length
    for (let bucket = starts.length - 2; bucket > copies; bucket--) {
      const first = starts[bucket]!
      if (first !== hole) this.#put(shelf, hole, shelf.items[first]!)
      hole = first
      starts[bucket] = first + 1
    }
    this.#put(shelf, hole, piece)
    this.#shuffleIn(shelf, hole, copies)
  }

  remove(piece: number): void {
    if (!this.open.clear(piece) || !this.#isSorted) return
    const shelf = this.#shelves[this.#priorities[piece]!]!
    const { starts } = shelf
    let hole = this.#place[piece]!
    for (let bucket = this.#copies[piece]!; bucket < starts.length - 1; bucket++) {
      const last = starts[bucket + 1]! - 1
      if (last !== hole) this.#put(shelf, hole, shelf.items[last]!)
      hole = last
      starts[bucket + 1] = last
    }
    shelf.length--
  }

  /** One more copy of this piece; `copies` holds the new count already. */
  raised(piece: number): void {
    if (!this.#isSorted || !this.open.has(piece)) return
    const shelf = this.#shelves[this.#priorities[piece]!]!
    const copies = this.#copies[piece]!
    this.#makeBuckets(shelf, copies)
    const last = shelf.starts[copies]! - 1
    this.#swap(shelf, this.#place[piece]!, last)
    shelf.starts[copies] = last
    this.#shuffleIn(shelf, last, copies)
  }

  /** One copy less; `copies` holds the new count already. */
  lowered(piece: number): void {
    if (!this.#isSorted || !this.open.has(piece)) return
    const shelf = this.#shelves[this.#priorities[piece]!]!
    const copies = this.#copies[piece]!
    const first = shelf.starts[copies + 1]!
    this.#swap(shelf, this.#place[piece]!, first)
    shelf.starts[copies + 1] = first + 1
    this.#shuffleIn(shelf, first, copies)
  }

  /** The rarest member of this priority that `field` has, or -1. */
  rarest(priority: number, field: Bitfield): number {
    this.#sort()
    return this.#search(this.#shelves[priority]!, 0, priority, field)
  }

  /** Any member of this priority that `field` has, or -1. */
  anyOf(priority: number, field: Bitfield): number {
    this.#sort()
    const shelf = this.#shelves[priority]!
    return this.#search(shelf, shelf.length === 0 ? 0 : this.#roll(shelf.length), priority, field)
  }

  /** The member with the lowest index, or -1. */
  lowest(priority: number, field: Bitfield): number {
    const open = this.open.bytes
    const theirs = field.bytes
    for (let at = 0; at < open.length; at++) {
      const both = open[at]! & theirs[at]!
      if (both === 0) continue
      for (let piece = at * 8; piece < at * 8 + 8; piece++) {
        if ((both & (0x80 >>> (piece & 7))) !== 0 && this.#priorities[piece] === priority) return piece
      }
    }
    return -1
  }

  #search(shelf: Shelf, from: number, priority: number, field: Bitfield): number {
    const steps = Math.min(shelf.length, WALK_MAX)
    for (let step = 0, at = from; step < steps; step++, at++) {
      if (at === shelf.length) at = 0
      if (field.has(shelf.items[at]!)) return shelf.items[at]!
    }
    return steps < shelf.length ? this.#rarestOfBits(priority, field) : -1
  }

  /** For peers that have little of what we miss: from a random place, the best of the first few that match. */
  #rarestOfBits(priority: number, field: Bitfield): number {
    const open = this.open.bytes
    const theirs = field.bytes
    let best = -1
    let found = 0
    for (let step = 0, at = this.#roll(open.length); step < open.length && found < 64; step++, at++) {
      if (at === open.length) at = 0
      const both = open[at]! & theirs[at]!
      if (both === 0) continue
      for (let piece = at * 8; piece < at * 8 + 8; piece++) {
        if ((both & (0x80 >>> (piece & 7))) === 0 || this.#priorities[piece] !== priority) continue
        found++
        if (best < 0 || this.#place[piece]! < this.#place[best]!) best = piece
      }
    }
    return best
  }

  #sort(): void {
    if (this.#isSorted) return
    this.#isSorted = true
    if (this.#place.length === 0) this.#place = new Int32Array(this.#pieceCount)
    for (const shelf of this.#shelves) shelf.starts = [0, 0]
    this.#countBuckets()
    for (const shelf of this.#shelves) {
      let sum = 0
      for (let bucket = 0; bucket < shelf.starts.length; bucket++) {
        const size = shelf.starts[bucket]!
        shelf.starts[bucket] = sum
        sum += size
      }
      shelf.length = sum
      if (shelf.items.length < sum) shelf.items = new Int32Array(sum)
    }
    this.#fillBuckets()
    for (const shelf of this.#shelves) this.#shuffle(shelf)
  }

  /** Leaves the size of each bucket in `starts`, whose last entry stays 0. */
  #countBuckets(): void {
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if (!this.open.has(piece)) continue
      const { starts } = this.#shelves[this.#priorities[piece]!]!
      const copies = this.#copies[piece]!
      while (starts.length < copies + 2) starts.push(0)
      starts[copies]!++
    }
  }

  #fillBuckets(): void {
    const next = this.#shelves.map(shelf => [...shelf.starts])
    for (let piece = 0; piece < this.#pieceCount; piece++) {
      if (!this.open.has(piece)) continue
      const priority = this.#priorities[piece]!
      this.#put(this.#shelves[priority]!, next[priority]![this.#copies[piece]!]!++, piece)
    }
  }

  #shuffle(shelf: Shelf): void {
    for (let bucket = 0; bucket < shelf.starts.length - 1; bucket++) {
      const start = shelf.starts[bucket]!
      for (let size = shelf.starts[bucket + 1]! - start; size > 1; size--) {
        this.#swap(shelf, start + size - 1, start + this.#roll(size))
      }
    }
  }

  /** Makes sure that a bucket for `copies` exists, empty ones at the end included. */
  #makeBuckets(shelf: Shelf, copies: number): void {
    while (shelf.starts.length < copies + 2) shelf.starts.push(shelf.length)
  }

  /** Gives a newcomer a random place in its bucket. */
  #shuffleIn(shelf: Shelf, at: number, bucket: number): void {
    const start = shelf.starts[bucket]!
    this.#swap(shelf, at, start + this.#roll(shelf.starts[bucket + 1]! - start))
  }

  #swap(shelf: Shelf, a: number, b: number): void {
    if (a === b) return
    const piece = shelf.items[a]!
    this.#put(shelf, a, shelf.items[b]!)
    this.#put(shelf, b, piece)
  }

  #put(shelf: Shelf, at: number, piece: number): void {
    shelf.items[at] = piece
    this.#place[piece] = at
  }

  /** 0 to sides - 1. Ties need to differ between clients, not to be unpredictable: xorshift is enough, and quick. */
  #roll(sides: number): number {
    let dice = this.#dice
    dice ^= dice << 13
    dice ^= dice >>> 17
    dice ^= dice << 5
    this.#dice = dice
    return (dice >>> 0) % sides
  }
}
