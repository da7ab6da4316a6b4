import { expect, test } from 'vitest'
import type { HttpRequest } from '#engine/io/http.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { makeTorrent } from '#engine/testing/sim-torrent.ts'
import { previewOf } from './preview.ts'
import { readSource, refusalOf } from './source.ts'

const never = new AbortController().signal
const torrent = makeTorrent('a', [
  { path: ['one.bin'], bytes: new Uint8Array(40_000) },
  { path: ['empty'], bytes: new Uint8Array(0) },
  { path: ['two.bin'], bytes: new Uint8Array(30_000) },
])

/** Answers with the torrent; keeps what it was asked. */
function web(status = 200) {
  const asked: HttpRequest[] = []
  const http = {
    get: async (request: HttpRequest) => {
      asked.push(request)
      return { status, headers: {}, body: torrent.bytes, url: request.url, remoteAddress: '' }
    },
  }
  return { asked, io: { http, hashes: nodeHashes } }
}

test('an address is fetched within limits and read like a file', async () => {
  const { asked, io } = web()
  const parsed = await readSource(io, { kind: 'url', url: 'https://host.example/a.torrent' }, false, never)
  expect(previewOf(parsed, false)).toMatchObject({
    name: 'a',
    hasMetadata: true,
    refusal: null,
    files: [
      { index: 0, path: 'a/one.bin', length: 40_000, firstPiece: 0, lastPiece: 1 },
      { index: 1, path: 'a/empty', length: 0, firstPiece: 1, lastPiece: 1 },
      { index: 2, path: 'a/two.bin', length: 30_000, firstPiece: 1, lastPiece: 2 },
    ],
  })
  expect(asked).toMatchObject([{ maxBytes: 64 * 1024 * 1024, maxRedirects: 10 }])
})

test.each([
  ['a public address', ['93.184.215.14'], false, true],
  ['this computer', ['127.0.0.1'], false, false],
  ['this computer, when the setting allows it', ['127.0.0.1'], true, true],
  ['a neighbour by way of a public address, whatever is allowed', ['93.184.215.14', '192.168.1.1'], true, false],
  ['the metadata service of a cloud, whatever is allowed', ['169.254.169.254'], true, false],
])('a .torrent from %s', async (_, addresses, allowLocal, isAllowed) => {
  const { asked, io } = web()
  await readSource(io, { kind: 'url', url: 'http://host.example/' }, allowLocal, never)
  const answers = addresses.map((address, hop) => asked[0]!.allow!({ url: '', address, family: 4, hop }))
  expect(answers.at(-1)).toBe(isAllowed)
})

test.each([
  ['http://host.example/x.torrent', true],
  ['http://host.example/x.torrent?reboot=1', false],
  ['http://host.example/reboot', false],
])('a machine of the own network is asked for a plain file, and for nothing else: %s', async (url, isAllowed) => {
  const { asked, io } = web()
  await readSource(io, { kind: 'url', url }, false, never)
  expect(asked[0]!.allow!({ url, address: '192.168.1.7', family: 4, hop: 0 })).toBe(isAllowed)
})

test.each([
  ['file:///etc/passwd', 'SOURCE_UNRECOGNISED'],
  ['ftp://host.example/a.torrent', 'SOURCE_UNRECOGNISED'],
  ['magnet:?dn=nothing', 'MAGNET_INVALID'],
])('%s is refused without asking anybody', async (url, code) => {
  const { asked, io } = web()
  await expect(readSource(io, { kind: 'url', url }, true, never)).rejects.toMatchObject({ code, blame: 'input' })
  expect(asked).toEqual([])
})

test('an answer that is no torrent is said as what it is', async () => {
  const fetching = readSource(web(404).io, { kind: 'url', url: 'http://host.example/' }, false, never)
  await expect(fetching).rejects.toMatchObject({ code: 'HTTP_STATUS', message: expect.stringContaining('404') })
})

test('a v2-only torrent can be looked at and says why it cannot be added', async () => {
  const uri = `magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}`
  const parsed = await readSource(web().io, { kind: 'magnet', uri }, false, never)
  expect([parsed.id, refusalOf(parsed)]).toEqual(['ab'.repeat(32), expect.stringContaining('v2-only')])
})
