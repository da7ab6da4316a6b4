import { expect, test } from 'vitest'
import {
  type Dict,
  hybrid,
  hybridFiles,
  hybridTree,
  leaf,
  rootOf,
  single,
  torrentBytes,
  v2,
} from '#engine/fixtures/torrents.ts'
import { concat } from '#engine/base/bytes.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { torrentFileOf } from './encode.ts'
import { magnetOf, parseMagnet } from './magnet.ts'
import { merkleRoot } from './merkle.ts'
import { parseMetainfo } from './metainfo.ts'
import type { Metainfo } from './types.ts'
import { inspectMagnet, inspectView } from './view.ts'

const parse = (torrent: Dict): Metainfo => parseMetainfo(torrentBytes(torrent), nodeHashes)

const layer = concat([rootOf(2, nodeHashes), rootOf(2, nodeHashes), rootOf(1, nodeHashes)])
const layerRoot = merkleRoot(layer, 1, nodeHashes)
const layers = new Map([[Buffer.from(layerRoot).toString('latin1'), layer]])

test.each<[string, Dict]>([
  [
    'v1',
    single(
      { zzz: 1 },
      {
        announce: 'udp://a:1',
        'announce-list': [['udp://a:1'], ['http://b/', 'http://c/']],
        'url-list': ['http://w/f'],
        comment: 'c',
        'created by': 'm',
        'creation date': 5,
      },
    ),
  ],
  ['v2', v2({ a: leaf(70_000, layerRoot) }, {}, { 'piece layers': layers })],
  ['hybrid', hybrid(hybridFiles(), hybridTree(nodeHashes))],
])('writes a %s torrent file with the same info dictionary', (_, torrent) => {
  const metainfo = parse(torrent)
  const again = parseMetainfo(torrentFileOf(metainfo), nodeHashes)
  expect(inspectView(again)).toEqual(inspectView(metainfo))
  expect(again.pieceLayers).toEqual(metainfo.pieceLayers)
  expect(again.trackers).toEqual(metainfo.trackers)
  expect(again.infoBytes).toEqual(metainfo.infoBytes)
})

test('shows a magnet link in the same shape', () => {
  const view = inspectMagnet(parseMagnet(magnetOf({ ...parse(single()), trackers: ['udp://a:1'] })))
  expect(Object.keys(view)).toEqual(Object.keys(inspectView(parse(single()))))
  expect(view).toMatchObject({
    kind: 'v1',
    name: 'a.bin',
    totalSize: null,
    pieceCount: null,
    files: [],
    trackers: ['udp://a:1'],
  })
})
