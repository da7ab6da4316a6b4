import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, utf8 } from '#engine/base/bytes.ts'
import { compactEndpoint, endpointKey, parseEndpoint } from '#engine/base/endpoint.ts'
import { fromHex } from '#engine/base/ids.ts'
import { encode } from '#engine/bencode/encode.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { believableFrom, encodePex, parsePex, PEX_FLAGS, type PexMessage, type PexPeer } from './ut-pex.ts'
import { PexFeed } from './pex-feed.ts'

const anywhere = () => true
const peer = (text: string, flags = 0): PexPeer => ({ endpoint: parseEndpoint(text)!, flags })
const compact = (...texts: string[]) => concat(texts.map(text => compactEndpoint(parseEndpoint(text)!)))
const many = (count: number) => Array.from({ length: count }, (_, at) => peer(`8.8.${at >> 8}.${at & 255}:6881`))

/** One line per peer: address and flags, then what was dropped. */
const show = (message: PexMessage | undefined) =>
  message && {
    added: message.added.map(({ endpoint, flags }) => `${endpointKey(endpoint)} ${flags}`),
    dropped: message.dropped.map(endpointKey),
  }

test('gives back what it was given, both families', () => {
  const message = {
    added: [peer('1.2.3.4:1', PEX_FLAGS.uploadOnly), peer('[2001:db8::1]:2', PEX_FLAGS.reachable | PEX_FLAGS.utp)],
    dropped: [peer('5.6.7.8:3'), peer('[2001:db8::2]:4')].map(one => one.endpoint),
  }
  expect(parsePex(encodePex(message), anywhere)).toEqual(message)
})

test('reads what it knows and no more than that', () => {
  const read = (fields: Record<string, Uint8Array | number>) => show(parsePex(encode(fields), anywhere))
  expect(read({ added: compact('1.2.3.4:1', '1.2.3.5:1'), 'added.f': Uint8Array.of(2) })).toEqual({
    added: ['1.2.3.4:1 2', '1.2.3.5:1 0'],
    dropped: [],
  })
  expect(read({ added: 5, dropped6: compact('[2001:db8::1]:9'), other: 1 })).toEqual({
    added: [],
    dropped: ['[2001:db8::1]:9'],
  })
})

test('a list of an odd length counts as empty, and the others are read', () => {
  const bytes = encode({
    added: new Uint8Array(7).fill(1),
    added6: new Uint8Array(17).fill(1),
    dropped: compact('1.2.3.4:1'),
  })
  expect(show(parsePex(bytes, anywhere))).toEqual({ added: [], dropped: ['1.2.3.4:1'] })
})

test('uses 50 of 10,000, no port 0, no duplicate, and few ports of one address', () => {
  const flood = concat(many(10_000).map(one => compactEndpoint(one.endpoint)))
  expect(parsePex(encode({ added: flood, dropped: flood }), anywhere)).toMatchObject({
    added: { length: 50 },
    dropped: { length: 50 },
  })
  const odd = concat([
    fromHex('010203040000')!,
    compact('1.2.3.4:5', '1.2.3.4:5', ...[6, 7, 8, 9].map(port => `1.2.3.4:${port}`)),
  ])
  expect(show(parsePex(encode({ added: odd }), anywhere))!.added).toEqual(['1.2.3.4:5 0', '1.2.3.4:6 0', '1.2.3.4:7 0'])
})

test.each([
  ['8.8.8.8', ['8.8.4.4']],
  ['192.168.1.9', ['8.8.4.4', '192.168.1.7']],
  ['127.0.0.1', ['8.8.4.4', '192.168.1.7', '127.0.0.1', '::1']],
])('a peer at %s is believed about %o', (from, believed) => {
  const all = ['8.8.4.4', '192.168.1.7', '127.0.0.1', '::1', '169.254.169.254', '224.0.0.1', 'fe80::1', '0.0.0.0']
  expect(all.filter(believableFrom(from))).toEqual(believed)
})

test('never throws, whatever comes', () => {
  const whole = encodePex({ added: many(3), dropped: [] })
  for (let length = 0; length < whole.length; length++)
    expect(parsePex(whole.subarray(0, length), anywhere)).toBeUndefined()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), bytes => {
      for (const head of ['', 'd5:added', 'd5:added12:']) parsePex(concat([utf8(head), bytes]), anywhere)
    }),
    { numRuns: 1000 },
  )
})

const vectors = sharedData('vectors/extensions.json')

test.skipIf(!vectors)('answers the shared vectors', () => {
  type Vector = { id: string; hex: string | null; head: string }
  const { good, bad } = JSON.parse(readFileSync(vectors!, 'utf8')) as { good: Vector[]; bad: Vector[] }
  const read = ({ hex }: Vector) => show(parsePex(fromHex(hex!)!, believableFrom('8.8.8.8')))
  expect(good.filter(({ id }) => id === 'pex').map(read)).toEqual([
    { added: ['203.0.113.1:6881 1', '203.0.113.2:6882 18', '[2001:db8::1]:6881 0'], dropped: ['203.0.113.3:6883'] },
  ])
  const empty = { added: [], dropped: [] }
  expect(
    Object.fromEntries(bad.filter(({ id, hex }) => id.startsWith('pex-') && hex).map(one => [one.id, read(one)])),
  ).toEqual({
    'pex-odd': empty,
    'pex-flags-short': { added: ['1.2.3.4:1286 0'], dropped: [] },
    'pex-loopback': empty,
    'pex-types': empty,
  })
})

const told = (bytes: Uint8Array | undefined) => bytes && show(parsePex(bytes, anywhere))

test('tells the first at once, then only what changed, a minute apart', () => {
  const feed = new PexFeed()
  const [a, b, c] = [peer('1.1.1.1:1', 2), peer('2.2.2.2:2'), peer('3.3.3.3:3')] as [PexPeer, PexPeer, PexPeer]
  expect(told(feed.next(0, [a, b], undefined))).toEqual({ added: ['1.1.1.1:1 2', '2.2.2.2:2 0'], dropped: [] })
  expect(feed.next(59_999, [b, c], undefined)).toBeUndefined()
  expect(told(feed.next(60_000, [b, c], undefined))).toEqual({ added: ['3.3.3.3:3 0'], dropped: ['1.1.1.1:1'] })
  expect(feed.next(120_000, [b, c], undefined)).toBeUndefined()
  expect(told(feed.next(125_000, [a, b, c], undefined))).toEqual({ added: ['1.1.1.1:1 2'], dropped: [] })
})

test('a peer is not told of itself, nor of who came and went in between', () => {
  const feed = new PexFeed()
  const [a, b, c] = [peer('1.1.1.1:1'), peer('2.2.2.2:2'), peer('3.3.3.3:3')] as [PexPeer, PexPeer, PexPeer]
  expect(feed.next(0, [a], a.endpoint)).toBeUndefined()
  expect(told(feed.next(5_000, [a, b], a.endpoint))?.added).toEqual(['2.2.2.2:2 0'])
  expect(feed.next(30_000, [a, b, c], a.endpoint)).toBeUndefined()
  expect(feed.next(65_000, [a, b], a.endpoint)).toBeUndefined()
})

test('tells at most 50 at a time, and the rest later', () => {
  const feed = new PexFeed()
  const all = many(120)
  const counts = [0, 60_000, 120_000, 180_000].map(now => told(feed.next(now, all, undefined))?.added.length)
  expect(counts).toEqual([50, 50, 20, undefined])
  const drops = [240_000, 300_000, 360_000].map(now => told(feed.next(now, [], undefined))?.dropped.length)
  expect(drops).toEqual([50, 50, 20])
})
