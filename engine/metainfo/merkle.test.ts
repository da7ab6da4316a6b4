import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { concat } from '#engine/base/bytes.ts'
import { toHex } from '#engine/base/ids.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { MERKLE_BLOCK, merkleRoot, zeroRoot } from './merkle.ts'

interface Vectors {
  zero_subtree_roots: string[]
  vectors: { size: number; content: string; pieces_root: string; piece_layers_sha256: Record<string, string | null> }[]
}

const path = sharedData('vectors/bep52-merkle.json')
const { zero_subtree_roots, vectors }: Vectors = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as Vectors)
  : { zero_subtree_roots: [], vectors: [] }

/** `SHAKE-256("merkle/1")` as long as `size`. */
const contentOf = (rule: string, size: number) =>
  createHash('shake256', { outputLength: size })
    .update(/"(.*)"/.exec(rule)![1]!)
    .digest()

/** Roots of aligned runs of `length` bytes, each a whole subtree: for 16 KiB the hashes of the blocks. */
function layerOf(content: Uint8Array, length: number): Uint8Array {
  const roots: Uint8Array[] = []
  for (let at = 0; at < content.length; at += length) {
    const run = content.subarray(at, at + length)
    const leaves: Uint8Array[] = []
    for (let block = 0; block < run.length; block += MERKLE_BLOCK) {
      leaves.push(nodeHashes.sha256(run.subarray(block, block + MERKLE_BLOCK)))
    }
    while (leaves.length < length / MERKLE_BLOCK) leaves.push(new Uint8Array(32))
    roots.push(merkleRoot(concat(leaves), 0, nodeHashes))
  }
  return concat(roots)
}

test.skipIf(!path)('knows the roots of what is missing', () => {
  expect(zero_subtree_roots.map((_, height) => toHex(zeroRoot(height, nodeHashes)))).toEqual(zero_subtree_roots)
})

test.skipIf(!path).each(vectors)('finds the same root from the blocks and from each layer of $size bytes', vector => {
  const content = contentOf(vector.content, vector.size)
  expect(toHex(merkleRoot(layerOf(content, MERKLE_BLOCK), 0, nodeHashes))).toBe(vector.pieces_root)
  for (const [pieceLength, sha256] of Object.entries(vector.piece_layers_sha256)) {
    const layer = layerOf(content, Number(pieceLength))
    const isLayer = vector.size > Number(pieceLength)
    expect(isLayer ? toHex(nodeHashes.sha256(layer)) : null).toBe(sha256)
    const height = Math.log2(Number(pieceLength) / MERKLE_BLOCK)
    expect(isLayer ? toHex(merkleRoot(layer, height, nodeHashes)) : vector.pieces_root).toBe(vector.pieces_root)
  }
})
