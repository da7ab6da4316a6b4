import { hash } from 'node:crypto'
import type { Hashes } from '#engine/base/hashes.ts'
import { plain } from './plain.ts'

export const nodeHashes: Hashes = {
  sha1: bytes => plain(hash('sha1', bytes, 'buffer')),
  sha256: bytes => plain(hash('sha256', bytes, 'buffer')),
}
