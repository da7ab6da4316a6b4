import { expect, test } from 'vitest'
import { sourcesInFiles, sourcesInText } from './sources.ts'

const HASH = 'c9e15763f722f23e98a29decdfae341b98d53056'

test('finds links and hashes in any text, once each', () => {
  const text = `look at magnet:?xt=urn:btih:${HASH}&dn=Some+film
    https://tracker.example/get/debian%20dvd.torrent ${HASH} ${HASH} and nothing else ftp://no.example/x`
  expect(sourcesInText(text)).toEqual([
    { name: 'Some film', source: { kind: 'magnet', uri: `magnet:?xt=urn:btih:${HASH}&dn=Some+film` } },
    {
      name: 'debian dvd.torrent',
      source: { kind: 'url', url: 'https://tracker.example/get/debian%20dvd.torrent' },
    },
    { name: 'c9e157…3056', source: { kind: 'magnet', uri: `magnet:?xt=urn:btih:${HASH}` } },
  ])
})

test.each(['', 'hello', HASH.slice(1), 'javascript:alert(1)', 'https://', 'x'.repeat(100_000)])(
  'finds nothing in %.20s',
  text => {
    expect(sourcesInText(text)).toEqual([])
  },
)

test('a broken link is named by itself', () => {
  expect(sourcesInText('https://a.example/%E0%A4%A').map(({ name }) => name)).toEqual(['https://a.example/%E0%A4%A'])
})

test('dropped files that are no torrents are refused by name', async () => {
  const { sources, refused } = await sourcesInFiles([new File(['d4:infoe'], 'a.torrent'), new File(['x'], 'notes.txt')])
  expect(sources).toEqual([
    { name: 'a.torrent', source: { kind: 'bytes', bytes: new TextEncoder().encode('d4:infoe') } },
  ])
  expect(refused).toEqual([{ name: 'notes.txt', reason: 'Not a torrent' }])
})
