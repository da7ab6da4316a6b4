import type { Hashes } from '#engine/base/hashes.ts'

/** Bytes of a v2 leaf, and of its hash (BEP 52). */
export const MERKLE_BLOCK = 16 * 1024
export const MERKLE_HASH = 32

/**
 * Hash of a subtree that stands for missing blocks only: leaves of 32 zero bytes, `height` levels up (BEP 52).
 */
export function zeroRoot(height: number, hashes: Hashes): Uint8Array {
  let root: Uint8Array = new Uint8Array(MERKLE_HASH)
  const pair = new Uint8Array(2 * MERKLE_HASH)
  for (let level = 0; level < height; level++) {
    pair.set(root)
    pair.set(root, MERKLE_HASH)
    root = hashes.sha256(pair)
  }
  return root
}

/**
 * Root over one layer of a file's tree.
 * @param layer concatenated hashes of 32 bytes, at least one
 * @param height of that layer above the leaves: 0 for block hashes, log2(piece length / 16 KiB) for a piece layer
 */
export function merkleRoot(layer: Uint8Array, height: number, hashes: Hashes): Uint8Array {
  let row = layer
  let pad = zeroRoot(height, hashes)
  const pair = new Uint8Array(2 * MERKLE_HASH)
  while (row.length > MERKLE_HASH) {
    const above = new Uint8Array(Math.ceil(row.length / (2 * MERKLE_HASH)) * MERKLE_HASH)
    for (let at = 0; at < row.length; at += 2 * MERKLE_HASH) {
      pair.set(row.subarray(at, at + MERKLE_HASH))
      const right = row.subarray(at + MERKLE_HASH, at + 2 * MERKLE_HASH)
      pair.set(right.length > 0 ? right : pad, MERKLE_HASH)
      above.set(hashes.sha256(pair), at / 2)
    }
    pair.set(pad)
    pair.set(pad, MERKLE_HASH)
    pad = hashes.sha256(pair)
    row = above
  }
  return row
}
