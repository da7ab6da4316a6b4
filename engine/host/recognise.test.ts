import { expect, test } from 'vitest'
import { recogniseText } from './recognise.ts'

const HASH = 'cab507494d02ebb1178b38f2e9d7be299c86b862'

test.each([
  ['a magnet link', ` magnet:?xt=urn:btih:${HASH}\n`, { kind: 'magnet', uri: `magnet:?xt=urn:btih:${HASH}` }],
  ['a bare infohash', HASH.toUpperCase(), { kind: 'magnet', uri: `magnet:?xt=urn:btih:${HASH}` }],
  ['its base32 form', 'ZK2QOSKNALV3CF4LHDZOTV56FGOINODC', { kind: 'magnet', uri: `magnet:?xt=urn:btih:${HASH}` }],
  ['a v2 infohash', 'ab'.repeat(32), { kind: 'magnet', uri: `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}` }],
  ['an address', 'https://example.org/x.torrent', { kind: 'url', url: 'https://example.org/x.torrent' }],
  ['anything else', 'holiday photos', undefined],
])('recognises %s', async (_, text, source) => {
  expect(await recogniseText(text)).toEqual(source)
})
