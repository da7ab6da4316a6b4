import { concat, readU32 } from '#engine/base/bytes.ts'
import type { Hashes } from '#engine/base/hashes.ts'

/**
 * Pieces that a peer may ask for while it is choked (BEP 6): the same for everybody who computes them, so that coming
 * back with another id from the same network gains nothing.
 * @param address 4 bytes, of which the last is not looked at; or 16, of which the first half is (BEP 6 knows IPv4 only)
 * @param k how many; a torrent with no more pieces than that gives them all
 */
export function allowedFastSet(
  address: Uint8Array,
  infoHash: Uint8Array,
  pieceCount: number,
  k: number,
  sha1: Hashes['sha1'],
): number[] {
  // Drawing until all are found could take forever.
  if (pieceCount <= k) return Array.from({ length: pieceCount }, (_, piece) => piece)
  const masked = address.slice()
  masked.fill(0, address.length === 4 ? 3 : 8)
  const set = new Set<number>()
  for (let x = concat([masked, infoHash]); set.size < k;) {
    x = sha1(x)
    for (let at = 0; at < 20 && set.size < k; at += 4) set.add(readU32(x, at) % pieceCount)
  }
  return [...set]
}
