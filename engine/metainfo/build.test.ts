import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, utf8 } from '#engine/base/bytes.ts'
import { toHex } from '#engine/base/ids.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { buildInfo, buildTorrent, type InfoDraft, type PieceHashes } from './build.ts'
import { MERKLE_BLOCK, merkleRoot } from './merkle.ts'
import { parseMetainfo } from './metainfo.ts'
import { chosenPieceLength, inTorrentOrder, isPieceLength, placeFiles, type TorrentKind } from './piece-plan.ts'

const KiB = 1024
const EXTRAS = { trackers: [], webSeeds: [], comment: '', createdBy: '', creationDate: null }

interface Content {
  readonly path: readonly string[]
  readonly bytes: Uint8Array
  readonly isExecutable: boolean
}

function draftOf(contents: readonly Content[], kind: TorrentKind, pieceLength: number): InfoDraft {
  const files = contents.map(({ path, bytes, isExecutable }) => ({ path, length: bytes.length, isExecutable }))
  const plan = placeFiles(files, kind, pieceLength)
  return { name: 'top', kind, pieceLength, files, plan, private: false, source: '' }
}

/** The plain way: the whole byte space in memory. */
function hashesOf(contents: readonly Content[], { plan, pieceLength, kind }: InfoDraft): PieceHashes {
  const space = concat(plan.placed.map(({ index, length }) => contents[index]?.bytes ?? new Uint8Array(length)))
  const v1: Uint8Array[] = []
  const v1Length = kind === 'v2' ? 0 : space.length
  for (let at = 0; at < v1Length; at += pieceLength) v1.push(nodeHashes.sha1(space.subarray(at, at + pieceLength)))
  const v2: Uint8Array[] = []
  for (const { bytes } of contents) {
    for (let at = 0; at < bytes.length; at += pieceLength) {
      const piece = bytes.subarray(at, at + pieceLength)
      const width = bytes.length > pieceLength ? pieceLength / MERKLE_BLOCK : Math.ceil(piece.length / MERKLE_BLOCK)
      const leaves = new Uint8Array(width * 32)
      for (let block = 0; block < piece.length; block += MERKLE_BLOCK)
        leaves.set(nodeHashes.sha256(piece.subarray(block, block + MERKLE_BLOCK)), (block / MERKLE_BLOCK) * 32)
      v2.push(merkleRoot(leaves, 0, nodeHashes))
    }
  }
  return { v1: concat(v1), v2: concat(v2) }
}

/** No two of which some file system takes for one. */
const element = fc.constantFrom('a', 'b', 'C', 'a.txt', 'zz', 'é', 'ab', '日本', '0')
const tree = fc
  .uniqueArray(
    fc.record({
      path: fc.array(element, { minLength: 1, maxLength: 3 }),
      length: fc.constantFrom(0, 1, 16_383, 16_384, 16_385, 32_768, 70_000, 131_073),
      fill: fc.nat(255),
      isExecutable: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8, selector: ({ path }) => path.join('/') },
  )
  // A name is a file or a folder, and something has to be in it.
  .filter(files => {
    const paths = files.map(({ path }) => path.join('/'))
    return paths.every(path => !paths.some(other => other.startsWith(`${path}/`)))
  })
  .filter(files => files.some(({ length }) => length > 0))

test.each(['v1', 'v2', 'hybrid'] as const)('a %s torrent is read as it was meant, whatever the files', kind => {
  fc.assert(
    fc.property(tree, fc.constantFrom(16 * KiB, 32 * KiB, 64 * KiB), (described, pieceLength) => {
      const files = inTorrentOrder(described).map(({ path, length, fill, isExecutable }) => {
        return { path, bytes: new Uint8Array(length).fill(fill), isExecutable }
      })
      const draft = draftOf(files, kind, pieceLength)
      const read = parseMetainfo(buildTorrent(buildInfo(draft, hashesOf(files, draft), nodeHashes), EXTRAS), nodeHashes)
      expect(read).toMatchObject({ kind, pieceLength, pieceCount: draft.plan.pieceCount, warnings: [] })
      const found = Array.from({ length: read.files.count }, (_, index) => index)
        .filter(index => !read.files.attributes(index).padding)
        .map(index => [read.files.path(index), read.files.lengths[index], read.files.attributes(index).executable])
      // v2 knows no folder that holds one file only.
      const top = kind === 'v2' && files.length === 1 && files[0]!.path.length === 1 ? [] : ['top']
      expect(found).toEqual(files.map(file => [[...top, ...file.path].join('/'), file.bytes.length, file.isExecutable]))
    }),
    { numRuns: 60 },
  )
})

const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)
const file = (path: readonly string[], length: number, isExecutable = false) => ({
  path,
  bytes: new Uint8Array(length),
  isExecutable,
})
const infoText = (files: readonly Content[], kind: TorrentKind) => {
  const draft = draftOf(files, kind, 16 * KiB)
  const blank = { v1: new Uint8Array(0), v2: new Uint8Array(draft.plan.pieceCount * 32).fill(0x78) }
  return text(buildInfo(draft, blank, nodeHashes).infoBytes)
}
const ROOT = `11:pieces root32:${'x'.repeat(32)}`

test('a single file has no list', () => {
  expect(infoText([file([], 5, true)], 'v1')).toBe('d4:attr1:x6:lengthi5e4:name3:top12:piece lengthi16384e6:pieces0:e')
  expect(infoText([file([], 5)], 'v2')).toBe(
    `d9:file treed3:topd0:d6:lengthi5e${ROOT}eee12:meta versioni2e4:name3:top12:piece lengthi16384ee`,
  )
})

test('a hybrid pads behind every file but where there is only one', () => {
  const tree = `9:file treed1:ad0:d6:lengthi5e${ROOT}ee1:bd0:d6:lengthi0eeee`
  const a = 'd6:lengthi5e4:pathl1:aee'
  const padding = 'd4:attr1:p6:lengthi16379e4:pathl4:.pad5:16379ee'
  const b = 'd6:lengthi0e4:pathl1:bee'
  expect(infoText([file(['a'], 5), file(['b'], 0)], 'hybrid')).toBe(
    `d${tree}5:filesl${a}${padding}${b}e12:meta versioni2e4:name3:top12:piece lengthi16384e6:pieces0:e`,
  )
  expect(infoText([file(['a'], 5)], 'hybrid')).not.toContain('.pad')
})

test('private, source and what stands around the info dictionary', () => {
  const draft = { ...draftOf([file([], 5)], 'v1', 16 * KiB), private: true, source: 'HERE' }
  const info = buildInfo(draft, { v1: new Uint8Array(20), v2: new Uint8Array(0) }, nodeHashes)
  const whole = buildTorrent(info, {
    trackers: [['http://a.example/'], ['udp://b.example:1']],
    webSeeds: ['http://c.example/top'],
    comment: 'hello',
    createdBy: 'Freshet 1',
    creationDate: 1_700_000_000,
  })
  expect(text(info.infoBytes)).toContain('7:privatei1e6:source4:HEREe')
  expect(parseMetainfo(whole, nodeHashes)).toMatchObject({
    private: true,
    trackers: [['http://a.example/'], ['udp://b.example:1']],
    webSeeds: ['http://c.example/top'],
    comment: 'hello',
    createdBy: 'Freshet 1',
    creationDate: 1_700_000_000,
  })
})

test('files of equal content share a layer', () => {
  const files = [file(['a'], 40_000), file(['b'], 40_000)]
  const draft = draftOf(files, 'v2', 16 * KiB)
  const { pieceLayers } = buildInfo(draft, hashesOf(files, draft), nodeHashes)
  expect(Array.from(pieceLayers.values(), toHex)).toEqual([expect.stringMatching(/^[0-9a-f]{192}$/)])
})

test('the order is that of the tree, by bytes', () => {
  const paths = ['b/x', 'a.txt', 'a/z', 'é', 'zz', 'B', 'a']
  const sorted = inTorrentOrder(paths.map(path => ({ path: path.split('/') })))
  expect(sorted.map(({ path }) => path.join('/'))).toEqual(['B', 'a', 'a/z', 'a.txt', 'b/x', 'zz', 'é'])
  // UTF-16 would have them the other way round.
  const astral = inTorrentOrder([{ path: ['\u{1f600}'] }, { path: ['\uff5e'] }])
  expect(astral.map(({ path }) => toHex(utf8(path[0]!)))).toEqual(['efbd9e', 'f09f9880'])
})

test('the piece length is chosen for 1,025 to 2,048 pieces, within 16 KiB and 16 MiB', () => {
  const MiB = 1024 * KiB
  expect(chosenPieceLength(1)).toBe(16 * KiB)
  expect(chosenPieceLength(32 * MiB)).toBe(16 * KiB)
  expect(chosenPieceLength(32 * MiB + 1)).toBe(32 * KiB)
  expect(chosenPieceLength(1024 * MiB)).toBe(512 * KiB)
  expect(chosenPieceLength(2 ** 45)).toBe(16 * MiB)
  fc.assert(
    fc.property(fc.integer({ min: 32 * MiB + 1, max: 32 * 1024 * MiB }), total => {
      const pieces = total / chosenPieceLength(total)
      expect(pieces > 1024 && pieces <= 2048).toBe(true)
    }),
  )
  expect([8 * KiB, 16 * KiB, 24 * KiB, 64 * MiB, 128 * MiB].map(isPieceLength)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ])
})
