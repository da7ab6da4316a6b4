import type { Hashes } from '#engine/base/hashes.ts'

const BITS = 256 * 8

/** Addresses in a Bloom filter of 256 bytes: how many there are can be estimated, and unions are cheap (BEP 33). */
export class ScrapeFilter {
  readonly bytes = new Uint8Array(BITS / 8)

  /** @param address 4 or 16 bytes */
  insert(address: Uint8Array, hashes: Hashes): void {
    const hash = hashes.sha1(address)
    for (const at of [0, 2]) {
      const index = (hash[at]! | (hash[at + 1]! << 8)) % BITS
      this.bytes[index >>> 3]! |= 1 << (index & 7)
    }
  }

  /** @param other the 256 bytes of another filter */
  unite(other: Uint8Array): void {
    for (let at = 0; at < this.bytes.length; at++) this.bytes[at]! |= other[at]!
  }

  /** How many addresses went in, about; reliable below 6,000. */
  estimate(): number {
    let zeros = 0
    for (const byte of this.bytes) for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) === 0) zeros++
    const counted = Math.max(1, Math.min(BITS - 1, zeros))
    return zeros === BITS ? 0 : Math.log(counted / BITS) / (2 * Math.log(1 - 1 / BITS))
  }
}
