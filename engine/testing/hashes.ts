import { hash } from 'node:crypto'
import type { Hashes } from '#engine/base/hashes.ts'

/** Real digests for tests. */
export const nodeHashes: Hashes = {
  sha1: bytes => new Uint8Array(hash('sha1', bytes, 'buffer')),
  sha256: bytes => new Uint8Array(hash('sha256', bytes, 'buffer')),
}
