import { EngineError } from './errors.ts'

const BITS_SET = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
})

/** One bit per piece, high bit first (BEP 3). The count of set bits is kept, so asking for it is free. */
export class Bitfield {
  readonly length: number
  readonly bytes: Uint8Array
  #count = 0

  constructor(length: number) {
    this.length = length
    this.bytes = new Uint8Array((length + 7) >>> 3)
  }

  /**
   * Takes a bitfield as it arrives. The bytes are copied.
   * @throws EngineError WIRE_PROTOCOL (peer) for a wrong length or spare bits set
   */
  static parse(bytes: Uint8Array, length: number): Bitfield {
    const field = new Bitfield(length)
    if (bytes.length !== field.bytes.length) {
      throw new EngineError('WIRE_PROTOCOL', 'peer', `a bitfield of ${bytes.length} bytes for ${length} pieces`)
    }
    field.bytes.set(bytes)
    const spare = field.bytes.length * 8 - length
    if (spare > 0 && (bytes.at(-1)! & ((1 << spare) - 1)) !== 0) {
      throw new EngineError('WIRE_PROTOCOL', 'peer', 'a bitfield with spare bits set')
    }
    field.#recount()
    return field
  }

  get count(): number {
    return this.#count
  }
  get isFull(): boolean {
    return this.#count === this.length
  }
  get isEmpty(): boolean {
    return this.#count === 0
  }

  has(index: number): boolean {
    return (this.bytes[index >>> 3]! & (0x80 >>> (index & 7))) !== 0
  }

  /** @returns whether this changed anything */
  set(index: number): boolean {
    const mask = 0x80 >>> (index & 7)
    const byte = this.bytes[index >>> 3]!
    if ((byte & mask) !== 0) return false
    this.bytes[index >>> 3] = byte | mask
    this.#count++
    return true
  }

  /** @returns whether this changed anything */
  clear(index: number): boolean {
    const mask = 0x80 >>> (index & 7)
    const byte = this.bytes[index >>> 3]!
    if ((byte & mask) === 0) return false
    this.bytes[index >>> 3] = byte & ~mask
    this.#count--
    return true
  }

  fill(): void {
    this.bytes.fill(0xff)
    const spare = this.bytes.length * 8 - this.length
    if (spare > 0) this.bytes[this.bytes.length - 1]! &= (0xff << spare) & 0xff
    this.#count = this.length
  }

  clone(): Bitfield {
    const copy = new Bitfield(this.length)
    copy.bytes.set(this.bytes)
    copy.#count = this.#count
    return copy
  }

  *indices(): Generator<number> {
    for (let at = 0; at < this.bytes.length; at++) {
      const byte = this.bytes[at]!
      if (byte === 0) continue
      for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >>> bit)) !== 0) yield at * 8 + bit
    }
  }

  #recount(): void {
    this.#count = 0
    for (const byte of this.bytes) this.#count += BITS_SET[byte]!
  }
}
