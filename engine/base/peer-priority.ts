import { writeU16 } from './bytes.ts'
import { addressBytes, type Endpoint } from './endpoint.ts'

/**
 * Canonical peer priority (BEP 40): a u32 that both ends of a connection come to, and that nobody can choose. Among
 * too many peers, those of higher priority are kept.
 * @param a an end as the other sees it, of the same family as `b`; ports count only where the addresses are equal
 * @returns 0 for ends of two families, which cannot be connected
 */
export function peerPriority(a: Endpoint, b: Endpoint): number {
  if (a.family !== b.family) return 0
  const [left, right] =
    a.address === b.address ? [portBytes(a), portBytes(b)] : maskedPair(addressBytes(a), addressBytes(b))
  const [low, high] = compare(left, right) <= 0 ? [left, right] : [right, left]
  return ~crc32c(high, crc32c(low, -1)) >>> 0
}

function portBytes({ port }: Endpoint): Uint8Array {
  const bytes = new Uint8Array(2)
  writeU16(bytes, 0, port)
  return bytes
}

/**
 * The first bytes, where networks are told apart, count whole: two of IPv4 and six of IPv6, and one more than the two
 * addresses have in common beyond that. Of the others half the bits do, so that many addresses in one network gain little.
 */
function maskedPair(a: Uint8Array, b: Uint8Array): [Uint8Array, Uint8Array] {
  const least = a.length === 4 ? 2 : 6
  let common = 0
  while (common < a.length && a[common] === b[common]) common++
  const whole = common < least ? least : common + 1
  const masked = (bytes: Uint8Array) => bytes.map((byte, at) => (at < whole ? byte : byte & 0x55))
  return [masked(a), masked(b)]
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at]! - b[at]!
  return 0
}

/** CRC-32C (Castagnoli), bits reversed. @param crc -1 to begin; the end result is inverted by the caller */
function crc32c(bytes: Uint8Array, crc: number): number {
  let sum = crc
  for (const byte of bytes) {
    sum ^= byte
    // A dozen bytes per pair of peers: no table is worth its memory.
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0x82f63b78 : 0)
  }
  return sum
}
