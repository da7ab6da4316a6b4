import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Encodable } from '#engine/bencode/encode.ts'
import { type Dict, leaf, rootOf, samples as torrents, torrentBytes } from '#engine/fixtures/torrents.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { parseMetainfo } from './metainfo.ts'
import { inspectView } from './view.ts'

const samples = torrents(nodeHashes).map(torrentBytes)

/** The view of a torrent, or the code of the refusal; anything else thrown is a failure. */
function outcome(bytes: Uint8Array): unknown {
  try {
    return inspectView(parseMetainfo(bytes, nodeHashes)).kind
  } catch (error) {
    if (error instanceof EngineError && error.blame === 'input') return error.code
    throw error
  }
}

test('refuses a torrent cut at any byte', () => {
  for (const sample of samples) {
    for (let length = 0; length < sample.length; length++) {
      expect(outcome(sample.subarray(0, length))).toBe('BENCODE_SYNTAX')
    }
  }
})

test('survives any change of any bytes', () => {
  const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(...utf8('dlie0123456789:-'))))
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 6 }), (sample, changes) => {
      const bytes = sample.slice()
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      expect(outcome(bytes)).toMatch(/^(?:v1|v2|hybrid|(?:BENCODE|METAINFO)_\w+)$/)
    }),
    { numRuns: 1500 },
  )
})

const value = fc.oneof(
  fc.constantFrom<Encodable>(0, 1, 2, -1, 16384, 2 ** 53 - 1, 2n ** 63n, '', 'x', '..', [], {}, [[]], ['a'], [{}]),
  fc.constantFrom<Encodable>(
    [{ length: 5, path: ['a'] }],
    { a: leaf(5, rootOf(1, nodeHashes)) },
    new Uint8Array(20),
    new Uint8Array(32).fill(1),
  ),
)
const keys = [
  'name',
  'name.utf-8',
  'length',
  'files',
  'piece length',
  'pieces',
  'file tree',
  'meta version',
  'private',
  'attr',
]
const outer = [
  'announce',
  'announce-list',
  'url-list',
  'httpseeds',
  'nodes',
  'creation date',
  'comment',
  'piece layers',
  'info',
]

test('survives any value under any key', () => {
  const changed = (names: string[]) => fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 })
  const base = fc.constantFrom(...torrents(nodeHashes))
  fc.assert(
    fc.property(base, changed(keys), changed(outer), (torrent, inside, outside) => {
      const info = { ...(torrent['info'] as Dict), ...inside }
      expect(outcome(torrentBytes({ ...torrent, info, ...outside }))).toMatch(
        /^(?:v1|v2|hybrid|(?:BENCODE|METAINFO)_\w+)$/,
      )
    }),
    { numRuns: 1500 },
  )
})
