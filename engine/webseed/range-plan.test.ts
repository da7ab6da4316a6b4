import { expect, test } from 'vitest'
import { concat, utf8 } from '#engine/base/bytes.ts'
import { fromHex } from '#engine/base/ids.ts'
import { type Dict, file, multi, single, torrentBytes } from '#engine/fixtures/torrents.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { parseMetainfo, spelledPaths } from '#engine/metainfo/metainfo.ts'
import { FileSpans } from '#engine/pieces/file-spans.ts'
import { Geometry } from '#engine/pieces/geometry.ts'
import { RangePlan } from './range-plan.ts'

function planOf(url: string, torrent: Dict): RangePlan {
  const metainfo = parseMetainfo(torrentBytes(torrent), nodeHashes)
  const spans = new FileSpans(metainfo.files, Geometry.of(metainfo))
  return new RangePlan(url, spans, spelledPaths(metainfo.infoBytes))
}

const partsOf = (plan: RangePlan, piece: number, begin: number, length: number) =>
  plan.partsOf(piece, begin, length).map(({ url, from, to, at }) => [url, from, to, at])

test.each([
  ['http://h/x.iso', 'http://h/x.iso', 'is the file itself'],
  ['http://h/x.iso?key=1', 'http://h/x.iso?key=1', 'keeps its query'],
  ['http://h/dir/', 'http://h/dir/a.bin', 'takes the name when it ends in a slash'],
  ['http://h/dir/#part', 'http://h/dir/a.bin', 'loses what no server is told'],
])('%s of a single file becomes %s: it %s', (url, wanted) => {
  expect(planOf(url, single()).urlOf(0)).toBe(wanted)
})

test('several files lie below the folder and the name, whether or not the URL ends in a slash', () => {
  const torrent = multi([file(['sub', 'a'], 10), file(['b'], 10)])
  expect(planOf('http://h/d/', torrent).urlOf(0)).toBe('http://h/d/top/sub/a')
  expect(planOf('http://h/d', torrent).urlOf(1)).toBe('http://h/d/top/b')
})

test.each([
  [utf8('Ünï cödé.txt'), '%C3%9Cn%C3%AF%20c%C3%B6d%C3%A9.txt'],
  [utf8('a/b?c#d%e&f+g'), 'a%2Fb%3Fc%23d%25e%26f%2Bg'],
  [utf8('con:.'), 'con%3A.'],
  [utf8('🙂'), '%F0%9F%99%82'],
  [utf8('e\u0301'), 'e%CC%81'],
  [fromHex('d6d0cec4')!, '%D6%D0%CE%C4'],
  [utf8("safe-._~AZ09'()!*"), 'safe-._~AZ09%27%28%29%21%2A'],
])('the bytes of a name are escaped as the torrent has them (%#)', (name, wanted) => {
  const torrent = multi([{ path: [name], length: 10 }, file(['b'], 10)], { name })
  expect(planOf('http://h/', torrent).urlOf(0)).toBe(`http://h/${wanted}/${wanted}`)
})

test('a run touches each file once, in order, and may reach over pieces', () => {
  const torrent = multi([file(['a'], 100), file(['empty'], 0), file(['b'], 20_000), file(['c'], 30_000)])
  const plan = planOf('http://h/', torrent)
  expect(partsOf(plan, 0, 0, 16_384)).toEqual([
    ['http://h/top/a', 0, 99, 0],
    ['http://h/top/b', 0, 16_283, 100],
  ])
  expect(partsOf(plan, 1, 0, 32_768)).toEqual([
    ['http://h/top/b', 16_284, 19_999, 0],
    ['http://h/top/c', 0, 29_051, 3_716],
  ])
  expect(partsOf(plan, 3, 0, 948)).toEqual([['http://h/top/c', 29_052, 29_999, 0]])
})

test('padding is asked of nobody', () => {
  const torrent = multi([file(['a'], 100), file(['.pad', '1'], 16_284, { attr: 'p' }), file(['b'], 50)])
  const plan = planOf('http://h/', torrent)
  expect(partsOf(plan, 0, 0, 16_434)).toEqual([
    ['http://h/top/a', 0, 99, 0],
    ['http://h/top/b', 0, 49, 16_384],
  ])
})

test('parts of any run make up its bytes', () => {
  const lengths = [1, 0, 16_384, 5, 40_000, 3]
  const contents = lengths.map((length, nth) => Uint8Array.from({ length }, (_, at) => at * 7 + nth))
  const whole = concat(contents)
  const plan = planOf('http://h/', multi(lengths.map((length, nth) => file([`f${nth}`], length))))
  for (const [piece, begin, length] of [
    [0, 0, whole.length],
    [0, 0, 16_384],
    [1, 0, 16_384],
    [3, 0, 7_241],
  ] as const) {
    const run = new Uint8Array(length)
    for (const part of plan.partsOf(piece, begin, length)) {
      run.set(contents[part.file]!.subarray(part.from, part.to + 1), part.at)
    }
    expect(run).toEqual(whole.subarray(piece * 16_384 + begin, piece * 16_384 + begin + length))
  }
})
