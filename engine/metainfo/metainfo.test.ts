import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { concat, lossyText, utf8 } from '#engine/base/bytes.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { encode, RawBencode } from '#engine/bencode/encode.ts'
import { type Dict, file, hashesFor, multi, PIECE, single, torrentBytes } from '#engine/fixtures/torrents.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { parseInfo, parseMetainfo, spelledPaths } from './metainfo.ts'
import type { Metainfo } from './types.ts'
import { inspectView } from './view.ts'

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

test('reads a single file', () => {
  const torrent = single({ private: 1 }, { comment: 'é', 'created by': 'me', 'creation date': 1_700_000_000 })
  const metainfo = parse(torrent)
  const infoBytes = encode(torrent['info']!)
  expect(inspectView(metainfo)).toEqual({
    kind: 'v1',
    infohashV1: createHash('sha1').update(infoBytes).digest('hex'),
    infohashV2: null,
    name: 'a.bin',
    totalSize: 40_000,
    pieceLength: PIECE,
    pieceCount: 3,
    files: [{ path: 'a.bin', length: 40_000 }],
    trackers: [],
    webSeeds: [],
    private: true,
    comment: 'é',
    createdBy: 'me',
    creationDate: 1_700_000_000,
  })
  expect(metainfo.topFolder).toBe('')
  expect(metainfo.infoBytes).toEqual(infoBytes)
})

test('lays several files end to end, padding and empty ones included', () => {
  const metainfo = parse(
    multi(
      [
        file(['sub', 'a'], 100),
        file(['.pad', '16284'], 16_284, { attr: 'p' }),
        file(['empty'], 0),
        file(['run'], 5, { attr: 'xh' }),
        file(['_____padding_file_0_if you see this'], 7),
        file(['link'], 99, { attr: 'l', 'symlink path': ['sub', 'a'] }),
      ].map(entry => ({ ...entry })),
      { pieces: hashesFor(16_396) },
    ),
  )
  expect(Array.from(metainfo.files.offsets)).toEqual([0, 100, 16_384, 16_384, 16_389, 16_396])
  expect(Array.from(metainfo.files.lengths)).toEqual([100, 16_284, 0, 5, 7, 0])
  expect(attributed(metainfo)).toEqual(['', 'padding', '', 'executable hidden', 'padding', 'symlink'])
  expect([metainfo.spaceLength, metainfo.totalSize, metainfo.pieceCount]).toEqual([16_396, 105, 2])
  expect(inspectView(metainfo).files.map(({ path }) => path)).toEqual(['top/sub/a', 'top/empty', 'top/run', 'top/link'])
})

test('prefers the UTF-8 spelling where a torrent has two', () => {
  const gbk = Uint8Array.of(0xd6, 0xd0)
  const metainfo = parse(
    multi(
      [{ length: 9, path: [gbk], 'path.utf-8': ['中.txt'] }],
      { name: gbk, 'name.utf-8': '中文' },
      { comment: gbk, 'comment.utf-8': '好' },
    ),
  )
  expect([metainfo.name, metainfo.topFolder, ...paths(metainfo), metainfo.comment]).toEqual([
    '中文',
    '中文',
    '中文/中.txt',
    '好',
  ])
})

test('names by its infohash what has no usable name', () => {
  const metainfo = parse(single({ name: '..' }))
  const hex = toHex(metainfo.infoHashV1!)
  expect([metainfo.name, ...paths(metainfo)]).toEqual([hex, hex])
  const folder = parse(multi([file(['x'], 1)], { name: ' . ' }))
  expect([folder.topFolder, ...paths(folder)]).toEqual([toHex(folder.infoHashV1!), `${toHex(folder.infoHashV1!)}/x`])
})

test.each<[string, Dict]>([
  ['nothing inside', {}],
  ['info that is a list', { info: [] }],
  ['no name', single({ name: undefined })],
  ['a number for a name', single({ name: 7 })],
  ['an empty name', single({ name: '' })],
  ['a file tree of no version', single({ 'file tree': {} })],
  ['padding that is a link', multi([file(['a'], 5), file(['p'], 5, { attr: 'pl' })])],
  ['no length', single({ length: undefined })],
  ['a negative length', single({ length: -1 })],
  ['a length beyond 2^53', single({ length: 2n ** 60n })],
  ['no bytes at all', single({ length: 0, pieces: '' })],
  ['no piece length', single({ 'piece length': undefined })],
  ['a piece length of zero', single({ 'piece length': 0 })],
  ['a tiny piece length', single({ 'piece length': 16 })],
  ['no pieces', single({ pieces: undefined })],
  ['pieces that are a number', single({ pieces: 1 })],
  ['a hash too few', single({ pieces: hashesFor(30_000) })],
  ['a hash too many', single({ pieces: hashesFor(50_000) })],
  ['half a hash', single({ pieces: new Uint8Array(50) })],
  ['an empty list of files', single({ files: [], length: undefined })],
  ['a file without a path', multi([{ length: 5 }])],
  ['a file with an empty path', multi([file([], 5)])],
  ['a path of numbers', multi([{ length: 5, path: [1] }])],
  ['a file that is a number', single({ files: [5] })],
  ['a file without a length', single({ files: [{ path: ['x'] }] })],
  ['only padding', multi([file(['p'], 5, { attr: 'p' })])],
  ['a link to nowhere', multi([file(['a'], 5), file(['l'], 0, { attr: 'l', 'symlink path': [4] })])],
])('refuses %s', (_, torrent) => {
  expect(() => parse(torrent)).toThrow(problem('METAINFO_INVALID'))
})

test.each<[string, Dict]>([
  ['pieces of a gigabyte', single({ 'piece length': 2 ** 30, pieces: new Uint8Array(20) })],
  ['a petabyte and more', single({ length: 2 ** 50 + 1, 'piece length': 2 ** 28 })],
  ['more pieces than we hold', single({ length: 2 ** 40, 'piece length': 1024 })],
  ['a name of a megabyte', single({ name: 'x'.repeat(2 ** 20) })],
  ['a file name of a megabyte', multi([file(['x'.repeat(2 ** 20)], 5)])],
  ['502 files of the same name', multi(Array.from({ length: 502 }, () => file(['a', 'b'], 1)))],
  [
    'a path of 101 folders',
    multi([
      file(
        Array.from({ length: 101 }, () => 'd'),
        5,
      ),
    ]),
  ],
  [
    'a path longer than systems take',
    multi([
      file(
        Array.from({ length: 20 }, () => 'd'.repeat(200)),
        5,
      ),
    ]),
  ],
])('refuses %s as too large', (_, torrent) => {
  expect(() => parse(torrent)).toThrow(problem('METAINFO_LIMIT'))
})

test('names padding that has no name, and takes any number of equal padding', () => {
  const padding = Array.from({ length: 600 }, () => file(['.pad', '5'], 5, { attr: 'p' }))
  const metainfo = parse(multi([file(['a'], 5), { length: 7, attr: 'p' }, ...padding]))
  expect([metainfo.files.path(1), metainfo.files.path(2), metainfo.files.path(3)]).toEqual([
    'top/.pad/7',
    'top/.pad/5',
    'top/.pad/5.1',
  ])
})

test('takes odd but harmless torrents', () => {
  // A piece length that is no power of two is legal in v1; both a length and an empty list of files are one file.
  expect(parse(single({ 'piece length': 100_000, pieces: hashesFor(40_000, 100_000) })).pieceCount).toBe(1)
  expect(paths(parse(single({ files: [] })))).toEqual(['a.bin'])
  const padded = concat([encode(single()), utf8('\r\n')])
  expect(parseMetainfo(padded, nodeHashes).warnings).toHaveLength(1)
})

test('takes the infohash of the bytes as they stand, keys in any order', () => {
  const info = utf8(`d4:name2:ok6:lengthi5e6:pieces20:${'x'.repeat(20)}12:piece lengthi16384ee`)
  const metainfo = parseMetainfo(encode({ info: new RawBencode(info) }), nodeHashes)
  expect(toHex(metainfo.infoHashV1!)).toBe(createHash('sha1').update(info).digest('hex'))
})

test('sorts trackers into tiers, each once, and drops what is none', () => {
  const { trackers, listed, warnings } = parse(
    single(
      {},
      {
        announce: 'http://ignored/',
        'announce-list': [
          ['http://a/ann', 'udp://b:1', 'file:///etc/passwd'],
          [],
          ['javascript:alert(1)', 7],
          'http://flat/',
          ['http://a/ann', 'https://c/x\n', ' http://127.0.0.1', 'http://h @x', 'HTTP:/\\h'],
          ['wss://d', 'tracker.example:80/announce', ' udp://e:1'],
        ],
      },
    ),
  )
  expect(trackers).toEqual([['http://a/ann', 'udp://b:1'], ['https://c/x', 'http://127.0.0.1'], ['udp://e:1']])
  expect(listed!.trackers).toEqual([
    'http://a/ann',
    'udp://b:1',
    'http://a/ann',
    'https://c/x',
    'http://127.0.0.1',
    'wss://d',
    'tracker.example:80/announce',
    'udp://e:1',
  ])
  expect(warnings).toHaveLength(1)
})

test('falls back to announce where the list is of no use', () => {
  expect(parse(single({}, { announce: 'udp://a:1', 'announce-list': [[]] })).trackers).toEqual([['udp://a:1']])
  expect(parse(single({}, { announce: 'udp://a:1', 'announce-list': 'x' })).trackers).toEqual([['udp://a:1']])
  expect(parse(single({}, { announce: 5 })).trackers).toEqual([])
})

test('finds web seeds in all their places', () => {
  expect(parse(single({}, { 'url-list': 'http://a/x y', httpseeds: ['https://b/f', 'ftp://c'] })).webSeeds).toEqual([
    'http://a/x%20y',
    'https://b/f',
  ])
  const seeds = ['http://a/d', 'http://a/d/', '']
  const two = [file(['x'], 5), file(['y'], 5)]
  expect(parse(multi(two, {}, { 'url-list': seeds })).webSeeds).toEqual(['http://a/d/'])
  // For one file in a folder only the slash says what the URL is of.
  expect(parse(multi([file(['x'], 5)], {}, { httpseeds: 'http://a/d' })).webSeeds).toEqual(['http://a/d'])
})

test('takes nodes with an address, and none for a private torrent', () => {
  const nodes = [['router.example', 6881], ['h', 0], ['h', 70_000], [5, 5], ['a b', 1], [], 'x', ['::1', 1]]
  expect(parse(single({}, { nodes })).nodes).toEqual([
    { host: 'router.example', port: 6881 },
    { host: '::1', port: 1 },
  ])
  expect(parse(single({ private: 1 }, { nodes })).nodes).toEqual([])
})

test('reads the info dictionary that came from peers', () => {
  const info = encode(single()['info']!)
  const metainfo = parseInfo(info, nodeHashes, {
    trackers: ['udp://a:1', 'wss://x', 'udp://a:1'],
    webSeeds: ['http://w/', 'x'],
  })
  expect([metainfo.trackers, metainfo.webSeeds]).toEqual([[['udp://a:1']], ['http://w/']])
  expect(metainfo.infoBytes).toBe(info)
  expect(() => parseInfo(concat([info, utf8('x')]), nodeHashes, { trackers: [], webSeeds: [] })).toThrow(
    expect.objectContaining({ code: 'BENCODE_SYNTAX' }),
  )
})

test('takes no web seeds from the link to a private torrent', () => {
  const info = encode(single({ private: 1 })['info']!)
  expect(parseInfo(info, nodeHashes, { trackers: [], webSeeds: ['http://w/'] }).webSeeds).toEqual([])
})

test('remembers how the torrent spells its paths', () => {
  const gbk = fromHex('d6d0cec4')!
  const odd = parse(multi([file(['a/b', 'con', ' x.'], 1), { length: 1, path: ['sub', gbk] }], { name: 'to:p' }))
  expect(odd.files.path(0)).toBe('to_p/ab/_con/ x')
  const spelled = spelledPaths(odd.infoBytes)
  expect(spelled(0).map(lossyText)).toEqual(['to:p', 'a/b', 'con', ' x.'])
  expect(spelled(1)[2]).toEqual(gbk)
  expect(spelledPaths(parse(single({ name: '..' })).infoBytes)(0)).toEqual([utf8('..')])
})

test('reads 30,000 files in a moment, and makes their paths when asked', () => {
  const names = Array.from({ length: 30_000 }, (_, index) => `file ${index}.bin`)
  const bytes = torrentBytes(multi(names.map(name => file(['folder', name], 1))))
  const start = performance.now()
  const metainfo = parseMetainfo(bytes, nodeHashes)
  expect(metainfo.files.path(29_999)).toBe('top/folder/file 29999.bin')
  expect(performance.now() - start).toBeLessThan(3000) // some 80 ms on an idle machine
})
