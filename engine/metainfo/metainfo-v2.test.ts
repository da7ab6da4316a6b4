import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { concat } from '#engine/base/bytes.ts'
import { toHex } from '#engine/base/ids.ts'
import { encode, RawBencode } from '#engine/bencode/encode.ts'
import {
  type Dict,
  file,
  hybrid,
  hybridFiles,
  hybridTree,
  leaf as treeLeaf,
  rootOf,
  torrentBytes,
  v2,
} from '#engine/fixtures/torrents.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { merkleRoot } from './merkle.ts'
import { parseMetainfo } from './metainfo.ts'
import type { Metainfo } from './types.ts'

const parse = (torrent: Dict): Metainfo => parseMetainfo(torrentBytes(torrent), nodeHashes)
const paths = ({ files }: Metainfo) => Array.from({ length: files.count }, (_, index) => files.path(index))
const attributed = ({ files }: Metainfo) =>
  Array.from({ length: files.count }, (_, index) =>
    Object.entries(files.attributes(index))
      .filter(([, is]) => is)
      .map(([name]) => name)
      .join(' '),
  )
const problem = (code: 'METAINFO_INVALID' | 'METAINFO_LIMIT') =>
  expect.objectContaining({ code, blame: 'input' }) as Error

const zeros = (blocks: number) => rootOf(blocks, nodeHashes)
const leaf = (length: number, root = zeros(1), more: Dict = {}) => treeLeaf(length, root, more)
/** Three pieces of two blocks: the layer, and the root above it. */
const layer = concat([zeros(2), zeros(2), zeros(1)])
const layerRoot = merkleRoot(layer, 1, nodeHashes)
const layers = (value: Uint8Array) => new Map([[Buffer.from(layerRoot).toString('latin1'), value]])

test('reads a v2 file tree in its order, every file on a piece boundary', () => {
  const torrent = v2(
    { a: leaf(70_000, layerRoot), b: { c: leaf(5), e: leaf(0) }, d: leaf(6, zeros(1), { attr: 'x' }) },
    {},
    { 'piece layers': layers(layer) },
  )
  const metainfo = parse(torrent)
  expect(metainfo.kind).toBe('v2')
  expect(toHex(metainfo.infoHashV2!)).toBe(createHash('sha256').update(encode(torrent['info']!)).digest('hex'))
  expect(paths(metainfo)).toEqual(['top/a', 'top/b/c', 'top/b/e', 'top/d'])
  expect(Array.from(metainfo.files.offsets)).toEqual([0, 98_304, 98_309, 131_072])
  expect([metainfo.pieceCount, metainfo.totalSize, metainfo.spaceLength]).toEqual([5, 70_011, 131_078])
  expect(attributed(metainfo)).toEqual(['', '', '', 'executable'])
  expect(metainfo.files.piecesRoot(0)).toEqual(layerRoot)
  expect(metainfo.files.piecesRoot(2)).toBeUndefined()
  expect(metainfo.pieceLayers).toEqual(new Map([[toHex(layerRoot), layer]]))
  expect(metainfo.pieceHashes).toHaveLength(0)
})

test('takes a file alone at the top of the tree for a single file, which names the torrent', () => {
  const metainfo = parse(v2({ other: leaf(5) }))
  expect([metainfo.name, metainfo.topFolder, ...paths(metainfo)]).toEqual(['other', '', 'other'])
  expect(paths(parse(v2({ folder: { x: leaf(5) } })))).toEqual(['top/folder/x'])
})

const rawTree = (text: string) => new RawBencode(Buffer.from(text, 'latin1'))
const rawLeaf = `d0:d6:lengthi5e11:pieces root32:${'r'.repeat(32)}ee`

test.each<[string, Dict]>([
  ['no file tree', v2(undefined)],
  ['padding', v2({ a: leaf(5), p: leaf(5, zeros(1), { attr: 'p' }) })],
  ['a layer of no file', v2({ a: leaf(5) }, {}, { 'piece layers': layers(layer) })],
  ['a layer that is a number', v2({ a: leaf(5) }, {}, { 'piece layers': { x: 5 } })],
  ['an empty tree', v2({})],
  ['version 3', v2({ a: leaf(5) }, { 'meta version': 3 })],
  ['small pieces', v2({ a: leaf(5) }, { 'piece length': 8192 })],
  ['an odd piece length', v2({ a: leaf(5) }, { 'piece length': 50_000 })],
  ['a root that is missing', v2({ a: { '': { length: 5 } } })],
  ['a root of zeros', v2({ a: leaf(5, new Uint8Array(32)) })],
  ['a short root', v2({ a: leaf(5, new Uint8Array(31).fill(1)) })],
  ['a negative length', v2({ a: leaf(-5) })],
  ['a file without a name', v2(rawTree(`d0:${rawLeaf}e`))],
  ['a file at the top', v2(rawTree(rawLeaf))],
  ['keys out of order', v2(rawTree(`d1:b${rawLeaf}1:a${rawLeaf}e`))],
  ['a name that is file and folder', v2(rawTree(`d1:a${rawLeaf.slice(0, -1)}1:b${rawLeaf}ee`))],
  ['a number in the tree', v2({ a: 5 })],
  ['a file that is a number', v2({ a: { '': 5 } })],
  [
    'a layer that does not match its root',
    v2({ a: leaf(70_000, layerRoot) }, {}, { 'piece layers': layers(new Uint8Array(96)) }),
  ],
  [
    'a layer of the wrong length',
    v2({ a: leaf(70_000, layerRoot) }, {}, { 'piece layers': layers(layer.subarray(32)) }),
  ],
])('refuses v2 with %s', (_, torrent) => {
  expect(() => parse(torrent)).toThrow(problem('METAINFO_INVALID'))
})

test('refuses a tree deeper than paths may be', () => {
  const deep = (depth: number) => rawTree(`${'d1:d'.repeat(depth)}${rawLeaf}${'e'.repeat(depth)}`)
  expect(paths(parse(v2(deep(90))))[0]!.split('/')).toHaveLength(91)
  expect(() => parse(v2(deep(5000)))).toThrow(expect.objectContaining({ code: 'BENCODE_LIMIT' }))
})

const tree = () => hybridTree(nodeHashes)

test('gives a hybrid both infohashes and the files of its v1 part', () => {
  const metainfo = parse(hybrid(hybridFiles(), tree()))
  expect([metainfo.kind, metainfo.infoHashV1?.length, metainfo.infoHashV2?.length]).toEqual(['hybrid', 20, 32])
  expect(paths(metainfo)).toEqual(['top/a', 'top/.pad/1', 'top/b/c'])
  expect(metainfo.files.piecesRoot(2)).toEqual(zeros(1))
  expect([metainfo.pieceCount, metainfo.totalSize]).toEqual([2, 150])
})

test.each<[string, Dict]>([
  ['a size', hybrid(hybridFiles(), { ...tree(), a: leaf(101) })],
  ['a name', hybrid(hybridFiles(), { A: leaf(100), b: { c: leaf(50) } })],
  ['a file that v1 lacks', hybrid(hybridFiles(), { ...tree(), z: leaf(1) })],
  [
    'a file that v2 lacks',
    hybrid([...hybridFiles(), file(['.pad', '2'], 32_718, { attr: 'p' }), file(['z'], 1)], tree()),
  ],
  ['the order', hybrid([file(['b', 'c'], 50), file(['p'], 32_718, { attr: 'p' }), file(['a'], 100)], tree())],
  ['where files begin', hybrid([file(['a'], 100), file(['b', 'c'], 50)], tree())],
  ['the number of pieces', hybrid([...hybridFiles(), file(['p'], 70_000, { attr: 'p' })], tree())],
])('refuses a hybrid whose parts disagree about %s', (_, torrent) => {
  expect(() => parse(torrent)).toThrow(problem('METAINFO_INVALID'))
})
