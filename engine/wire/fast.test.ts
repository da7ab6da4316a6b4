import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ipv4Bytes } from '#engine/base/endpoint.ts'
import { fromHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { allowedFastSet } from './fast.ts'

const sha1 = (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest())
const infoHash = new Uint8Array(20).fill(0xaa)

test('computes the example of BEP 6, for every address of the same /24', () => {
  const expected = [1059, 431, 808, 1217, 287, 376, 1188]
  expect(allowedFastSet(ipv4Bytes('80.4.4.200')!, infoHash, 1313, 7, sha1)).toEqual(expected)
  expect(allowedFastSet(ipv4Bytes('80.4.4.1')!, infoHash, 1313, 7, sha1)).toEqual(expected)
})

test('gives all pieces of a torrent that has no more than asked for', () => {
  expect(allowedFastSet(new Uint8Array(4), infoHash, 3, 10, sha1)).toEqual([0, 1, 2])
})

test('an IPv6 address counts by its network', () => {
  const network = (last: number) => Uint8Array.from({ length: 16 }, (_, at) => (at < 15 ? at : last))
  const set = allowedFastSet(network(1), infoHash, 1000, 10, sha1)
  expect(set).toHaveLength(10)
  expect(allowedFastSet(network(2), infoHash, 1000, 10, sha1)).toEqual(set)
})

const vectors = sharedData('vectors/bep06-allowed-fast.json')

test.skipIf(!vectors)('agrees with the shared vectors', () => {
  type Vector = { info_hash: string; ip: string; pieces: number; k: number; set: number[] }
  for (const vector of (JSON.parse(readFileSync(vectors!, 'utf8')) as { vectors: Vector[] }).vectors) {
    const { ip, info_hash, pieces, k } = vector
    expect(allowedFastSet(ipv4Bytes(ip)!, fromHex(info_hash)!, pieces, k, sha1)).toEqual(vector.set)
  }
})
