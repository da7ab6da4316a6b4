import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encode } from '#engine/bencode/encode.ts'
import { utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { fromHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { announceAnswer, announceUrl, escapeBytes, parseBody, refusalOf, withQuery } from './http-codec.ts'
import { scrapeCounts, scrapeHref } from './scrape.ts'
import { trackerUrl } from './tracker-url.ts'

interface Vector {
  id: string
  hex: string | null
  /** Peers, or a word. */
  want: string | [string, number][]
}
const path = sharedData('vectors/http-tracker.json')
const vectors: { good: Vector[]; bad: Vector[] } = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as { good: Vector[]; bad: Vector[] })
  : { good: [], bad: [] }
const bytesOf = (vector: Vector) => fromHex(vector.hex ?? '')!
const bad = (id: string) => bytesOf(vectors.bad.find(one => one.id === id)!)

test.skipIf(!path)('good answers give the peers they hold', () => {
  const withPeers = vectors.good.filter(vector => typeof vector.want !== 'string')
  const found = withPeers.map(vector => announceAnswer(parseBody(bytesOf(vector))).peers)
  expect(found.map(peers => peers.map(({ address, port }) => [address, port]))).toEqual(
    withPeers.map(vector => vector.want),
  )
})

test.skipIf(!path)('everything else in good answers is read too', () => {
  const good = (id: string) => parseBody(bytesOf(vectors.good.find(one => one.id === id)!))
  expect(announceAnswer(good('compact'))).toMatchObject({
    seeds: 5,
    leeches: 7,
    intervalMs: 1_800_000,
    minIntervalMs: 900_000,
  })
  const warned = announceAnswer(good('warning'))
  expect(warned).toMatchObject({ warning: 'slow down', externalAddress: '203.0.113.50' })
  expect(warned.trackerId).toEqual(utf8('abc'))
  expect(refusalOf(good('failure'))).toEqual({ kind: 'refused', text: 'torrent not registered', retryInMs: undefined })
  expect(refusalOf(good('failure-retry'))).toEqual({ kind: 'refused', text: 'busy', retryInMs: 300_000 })
  const hash = Uint8Array.from({ length: 20 }, (_, at) => at)
  expect(scrapeCounts(good('scrape'), [hash, new Uint8Array(20)])).toEqual([
    { seeds: 11, leeches: 19, completed: 13772 },
    undefined,
  ])
})

test.skipIf(!path).each(['not-bencode', 'empty-body', 'list'])('%s is no tracker', id => {
  expect(() => parseBody(bad(id))).toThrow(expect.objectContaining({ code: 'TRACKER_INVALID', blame: 'tracker' }))
})

test.skipIf(!path)('odd answers lose what is odd and nothing else', () => {
  const peers = (id: string) => announceAnswer(parseBody(bad(id))).peers
  expect(peers('peers-5')).toEqual([])
  expect(peers('peers-int')).toEqual([])
  expect(peers('peers-dict-missing')).toEqual([])
  expect(peers('peers-hostname')).toEqual([])
  const interval = (id: string) => announceAnswer(parseBody(bad(id))).intervalMs
  expect(interval('interval-neg')).toBe(60_000)
  expect(interval('interval-0')).toBe(60_000)
  expect(interval('interval-2e62')).toBe(86_400_000)
  expect(interval('interval-string')).toBe(1_800_000)
  expect(announceAnswer(parseBody(bad('complete-neg')))).toMatchObject({ seeds: null, leeches: null })
  expect(refusalOf(parseBody(bad('failure-int')))!.text).toBe('no reason given')
  const html = refusalOf(parseBody(bad('failure-html')))!.text
  expect(html).toHaveLength(500)
  expect(html.startsWith('<img src=x')).toBe(true)
})

test('a million peers are a bounded list, and a tracker id of a megabyte is not echoed', () => {
  const peers = new Uint8Array(6_000_000).fill(7)
  const body = encode(
    new Map<string, number | Uint8Array>([
      ['interval', 60],
      ['peers', peers],
      ['tracker id', new Uint8Array(1_000_000)],
    ]),
  )
  const answer = announceAnswer(parseBody(body))
  expect(answer.peers).toHaveLength(3000)
  expect(answer.trackerId).toBeUndefined()
})

test('bombs of depth and of keys are refused', () => {
  expect(() => parseBody(utf8(`d1:a${'l'.repeat(50)}${'e'.repeat(50)}e`))).toThrow(EngineError)
  expect(() => parseBody(utf8(`d1:al${'i1e'.repeat(200_000)}ee`))).toThrow(EngineError)
})

test('text of strangers loses controls and marks that hide or reorder, not its markup', () => {
  const text = (reason: string) => refusalOf(new Map([['failure reason', utf8(reason)]]))!.text
  expect(text('a\r\nb\u0000c\u202egnp.exe')).toBe('a b c gnp.exe')
  expect(text('<b>hi</b>')).toBe('<b>hi</b>')
  expect(text('x'.repeat(2_000_000))).toHaveLength(500)
})

test('an answer cut anywhere is refused, not misread', () => {
  const whole = encode(
    new Map<string, number | Uint8Array>([
      ['interval', 60],
      ['peers', new Uint8Array(12).fill(9)],
      ['tracker id', utf8('t')],
    ]),
  )
  for (let end = 0; end < whole.length; end++) {
    expect(() => parseBody(whole.subarray(0, end))).toThrow(expect.objectContaining({ code: 'TRACKER_INVALID' }))
  }
  expect(announceAnswer(parseBody(whole)).peers).toHaveLength(2)
})

test('any bytes are an answer, a refusal or TRACKER_INVALID', () => {
  const codeOf = (bytes: Uint8Array) => {
    try {
      const dict = parseBody(bytes)
      refusalOf(dict)
      announceAnswer(dict)
      return 'read'
    } catch (thrown) {
      return thrown instanceof EngineError ? thrown.code : 'another error'
    }
  }
  const isExpected = fc.property(fc.uint8Array({ maxLength: 200 }), bytes =>
    ['read', 'TRACKER_INVALID'].includes(codeOf(bytes)),
  )
  expect(fc.check(isExpected).failed).toBe(false)
})

test('escaped bytes come back as they were', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const escaped = escapeBytes(bytes)
      expect(escaped).toMatch(/^(?:[\w.~-]|%[0-9A-F]{2})*$/)
      const back = escaped.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      expect(Uint8Array.from(back, char => char.charCodeAt(0))).toEqual(bytes)
    }),
  )
})

test('numbers beyond 2^32 are written whole', () => {
  const url = announceUrl('http://h/announce', {
    infoHash: new Uint8Array(20),
    peerId: new Uint8Array(20),
    key: 1,
    port: 1,
    uploaded: 2 ** 53 - 1,
    downloaded: 2 ** 40,
    left: 0,
    corrupt: 0,
    redundant: 0,
    event: '',
    numWant: 0,
    trackerId: undefined,
  })
  expect(url).toContain('uploaded=9007199254740991&downloaded=1099511627776')
  expect(url).toContain('key=00000001&numwant')
})

test.each([
  ['http://h/announce', 'http://h/announce?x=1'],
  ['http://h/announce?', 'http://h/announce?x=1'],
  ['http://h/announce?a=%2f', 'http://h/announce?a=%2f&x=1'],
  ['http://h/announce?a=1&', 'http://h/announce?a=1&x=1'],
])('%s keeps its own query byte for byte', (href, want) => {
  expect(withQuery(href, 'x=1')).toBe(want)
})

test.each([
  ['http://h/announce', 'http://h/scrape'],
  ['http://h/x/announce?a=b', 'http://h/x/scrape?a=b'],
  ['http://h/announce.php?x=/y', 'http://h/scrape.php?x=/y'],
  ['http://h/a', undefined],
  ['http://h/announce/x', undefined],
  ['http://announce', undefined],
])('%s is scraped at %s', (href, want) => {
  expect(scrapeHref(trackerUrl(href)!)).toBe(want)
})
