import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { toHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { magnetOf, parseMagnet } from './magnet.ts'

interface Reading {
  ok: boolean
  v1?: string | null
  v2?: string | null
  name?: string
  peers?: [string, number][]
  url_seeds?: string[]
}
interface Vectors {
  good: { uri: string; must: string; 'libtorrent_2.0.8': Reading }[]
  bad: { uri: string; len: number; must: string }[]
}

const path = sharedData('vectors/magnets.json')
const vectors: Vectors = path ? (JSON.parse(readFileSync(path, 'utf8')) as Vectors) : { good: [], bad: [] }

const HASH = 'cab507494d02ebb1178b38f2e9d7be299c86b862'
const HASH_V2 = '597b180c1a170a585dfc5e85d834d69013ceda174b8f357d5bb1a0ca509faf0a'
const link = (rest: string) => parseMagnet(`magnet:?xt=urn:btih:${HASH}${rest}`)
const hexOf = (hash: Uint8Array | null) => hash && toHex(hash)

test.skipIf(!path).each(vectors.good)('accepts $uri', ({ uri, 'libtorrent_2.0.8': expected }) => {
  const magnet = parseMagnet(uri)
  expect(magnet.infoHashV1 ?? magnet.infoHashV2).not.toBeNull()
  expect({
    v1: hexOf(magnet.infoHashV1),
    v2: hexOf(magnet.infoHashV2),
    name: magnet.name,
    url_seeds: magnet.webSeeds,
    peers: magnet.peers,
  }).toMatchObject(
    expected.ok
      ? {
          v1: expected.v1,
          v2: expected.v2,
          name: expected.name,
          url_seeds: expected.url_seeds,
          peers: expected.peers!.map(([host, port]) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
        }
      : {},
  )
})

test.skipIf(!path).each(vectors.bad.filter(({ must }) => must === 'reject'))('refuses $uri', ({ uri }) => {
  expect(() => parseMagnet(uri)).toThrow(expect.objectContaining({ code: 'MAGNET_INVALID', blame: 'input' }))
})

test('refuses a link of a megabyte at once', () => {
  const start = performance.now()
  expect(() => link('&tr=http%3A%2F%2Fa%2F'.repeat(50_000))).toThrow(
    expect.objectContaining({ code: 'MAGNET_INVALID' }),
  )
  expect(performance.now() - start).toBeLessThan(200)
})

test('reads both infohashes in any case and spelling', () => {
  const magnet = parseMagnet(`MAGNET:?xt.1=URN:BTIH:${HASH.toUpperCase()}&xt.2=urn%3Abtmh%3A1220${HASH_V2}`)
  expect([hexOf(magnet.infoHashV1), hexOf(magnet.infoHashV2)]).toEqual([HASH, HASH_V2])
  expect(hexOf(parseMagnet('magnet:?xt=urn:btih:ZK2QOSKNALV3CF4LHDZOTV56FGOINODC').infoHashV1)).toBe(HASH)
})

test('keeps trackers that can be used, each once', () => {
  const trackers = [
    'http://a/ann',
    'udp://b:1',
    'https://c',
    'http://a/ann',
    'javascript:alert(1)',
    'wss://d',
    'http://',
    '',
  ]
  expect(link(trackers.map(url => `&tr=${encodeURIComponent(url)}`).join('')).trackers).toEqual([
    'http://a/ann',
    'udp://b:1',
    'https://c',
  ])
  expect(link(Array.from({ length: 200 }, (_, at) => `&tr=udp://h${at}:1`).join('')).trackers).toHaveLength(100)
})

test('shows a name for people, whatever it is', () => {
  expect(link('&dn=%3Cb%3E+100%+%E2%80%AE%00x').name).toBe('<b> 100% x')
  expect(link('&dn=%FF%FE').name).toBe('\ufffd\ufffd')
})

test.each([
  ['0,2,4-6', [0, 2, 4, 5, 6]],
  ['4-6,5,0', [0, 4, 5, 6]],
  ['', []],
  ['x,-1,3-1,7', [7]],
])('selects the files %s', (so, indices) => {
  expect(link(`&so=${so}`).selectOnly).toEqual(indices)
})

test('bounds a selection by the files that can be, however often a range comes', () => {
  const start = performance.now()
  expect(link(`&so=${Array.from({ length: 4000 }, () => '0-4294967295').join(',')}`).selectOnly).toHaveLength(500_000)
  expect(performance.now() - start).toBeLessThan(1000)
  expect(link('').selectOnly).toBeNull()
})

test('writes a link that it reads back', () => {
  const magnet = parseMagnet(
    `magnet:?xt=urn:btih:${HASH}&xt=urn:btmh:1220${HASH_V2}&dn=A+%26+B%3D+%C3%A9&tr=udp%3A%2F%2Fb%3A1&ws=http%3A%2F%2Fa%2Fx%2520y`,
  )
  expect(parseMagnet(magnetOf(magnet))).toEqual(magnet)
  expect(magnetOf({ infoHashV1: magnet.infoHashV1, infoHashV2: null })).toBe(`magnet:?xt=urn:btih:${HASH}`)
  expect(() => magnetOf({ infoHashV1: null, infoHashV2: null })).toThrow(expect.objectContaining({ code: 'INTERNAL' }))
})

/** What a link comes to after being read, written and read: the same, or one error. */
function reread(text: string): unknown {
  try {
    const magnet = parseMagnet(text)
    return { ...parseMagnet(magnetOf(magnet)), peers: magnet.peers, selectOnly: magnet.selectOnly }
  } catch (error) {
    return error instanceof EngineError ? error.code : error
  }
}

function read(text: string): unknown {
  try {
    return parseMagnet(text)
  } catch (error) {
    return error instanceof EngineError ? error.code : error
  }
}

test('answers any text with a magnet that survives its own spelling, or with one error', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '&',
      '=',
      '%',
      '%2',
      '%00',
      '+',
      'xt=',
      'dn=',
      'tr=',
      'ws=',
      'so=',
      'x.pe=',
      'urn:btih:',
      HASH,
      'http://a',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  const links = fc.array(piece, { maxLength: 12 }).map(parts => `magnet:?xt=urn:btih:${HASH}&${parts.join('')}`)
  fc.assert(
    fc.property(fc.oneof(links, fc.string({ unit: 'binary' })), text => {
      const first = read(text)
      expect([typeof first, first]).toSatisfy(([type, value]) => type === 'object' || value === 'MAGNET_INVALID')
      expect(reread(text)).toEqual(first)
    }),
    { numRuns: 1500 },
  )
})
