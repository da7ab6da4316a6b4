import { readFileSync } from 'node:fs'
import parseTorrent from 'parse-torrent'
import { expect, test } from 'vitest'
import { toHex } from '#engine/base/ids.ts'
import { encode } from '#engine/bencode/encode.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { parseMetainfo } from './metainfo.ts'

/** What the parser of the WebTorrent project makes of the same bytes; it re-encodes `info`, so canonical torrents only. */
const oracle = parseTorrent as (bytes: Uint8Array) => Promise<{
  infoHash: string
  name: string
  length: number
  pieceLength: number
  files: { length: number }[]
}>

async function theirReading(bytes: Uint8Array): Promise<unknown> {
  const { infoHash, name, length, pieceLength, files } = await oracle(bytes)
  return { infoHash, name, length, pieceLength, lengths: files.map(file => file.length) }
}

function ourReading(bytes: Uint8Array): unknown {
  const { infoHashV1, name, spaceLength, pieceLength, files } = parseMetainfo(bytes, nodeHashes)
  return { infoHash: toHex(infoHashV1!), name, length: spaceLength, pieceLength, lengths: Array.from(files.lengths) }
}

test('agrees with parse-torrent about a torrent made here', async () => {
  const files = [
    { length: 20_000, path: ['a', 'b.txt'] },
    { length: 0, path: ['c'] },
    { length: 7, path: ['é'] },
  ]
  const bytes = encode({ info: { name: 'top', files, 'piece length': 16_384, pieces: new Uint8Array(40) } })
  expect(ourReading(bytes)).toEqual(await theirReading(bytes))
})

const example = sharedData('fixtures/debian-edu-11.6.0-amd64-netinst.iso.torrent')
const real = [
  'torrents/torrent--sintel',
  'torrents/alice',
  'torrents/bunny',
  'torrents/unicode_filenames',
  'generated/pay-v1-single',
]
  .map(name => sharedData(`fixtures/${name}.torrent`))
  .concat(example)

test.skipIf(!example).each(real)('agrees with parse-torrent about %s', async path => {
  const bytes = readFileSync(path!)
  expect(ourReading(bytes)).toEqual(await theirReading(bytes))
})
