import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { createSession } from '#engine/session/session.ts'
import { makeTorrent, type TestFile } from '#engine/testing/sim-torrent.ts'

const ends: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** @returns its origin, and what it was asked for */
async function serve(handler: Handler): Promise<{ origin: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = []
  const server = createServer((request, response) => {
    asked.push(request)
    handler(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const filesAt =
  (files: Record<string, Uint8Array>): Handler =>
  (request, response) => {
    const bytes = files[request.url!]
    const [, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (!bytes || from === '') return void response.writeHead(404).end()
    const range = `bytes ${from}-${to}/${bytes.length}`
    response.writeHead(206, { 'Content-Range': range }).end(bytes.subarray(Number(from), Number(to) + 1))
  }

async function leech(files: readonly TestFile[], webSeeds: readonly string[]) {
  const { bytes } = makeTorrent('pay', files, { pieceLength: 128 * 1024, webSeeds })
  const home = await mkdtemp(join(tmpdir(), 'freshet-webseed-'))
  ends.push(() => rm(home, { recursive: true, force: true }))
  const io = createNodeIo({ cacheMiB: 32 })
  const downloads = join(home, 'downloads')
  const session = await createSession({
    io,
    dataDir: join(home, 'state'),
    downloadFolder: downloads,
    userAgent: 'Freshet/test',
    overrides: { listenPort: 0, listenHost: '127.0.0.1', useTrackers: false },
  })
  const stop = async () => {
    await session.shutdown({ deadlineMs: 5000 })
    await io.close()
  }
  const { id } = await session.add({ source: { kind: 'bytes', bytes } })
  return { torrent: session.torrents.get(id)!, downloads, stop }
}

const until = async (predicate: () => boolean) => {
  for (let at = 0; !predicate() && at < 400; at++) await new Promise(resolve => setTimeout(resolve, 50))
  expect(predicate()).toBe(true)
}

test('files come from a real server, over a few kept connections', async () => {
  const files = [
    { path: ['Ünï?.bin'], bytes: new Uint8Array(randomBytes(9_000_001)) },
    { path: ['sub', 'b'], bytes: new Uint8Array(randomBytes(700_000)) },
  ]
  const { origin, asked } = await serve(
    filesAt({ '/d/pay/%C3%9Cn%C3%AF%3F.bin': files[0]!.bytes, '/d/pay/sub/b': files[1]!.bytes }),
  )
  const { torrent, downloads, stop } = await leech(files, [`${origin}/d/`])
  ends.push(stop)
  await until(() => torrent.row().status === 'seeding')
  expect(Buffer.compare(await readFile(join(downloads, 'pay/Ünï_.bin')), files[0]!.bytes)).toBe(0)
  expect(Buffer.compare(await readFile(join(downloads, 'pay/sub/b')), files[1]!.bytes)).toBe(0)
  expect(asked[0]!.headers).toMatchObject({ 'accept-encoding': 'identity', 'user-agent': 'Freshet/test' })
  expect(new Set(asked.map(({ socket }) => socket)).size).toBeLessThanOrEqual(2)
})

test('liars among real servers cost nothing but the question, and redirects are followed', async () => {
  const payload = new Uint8Array(randomBytes(3_000_000))
  const good = filesAt({ '/real': payload })
  const bomb = gzipSync(Buffer.alloc(100_000_000))
  const { origin, asked } = await serve((request, response) => {
    if (request.url === '/real') good(request, response)
    else if (request.url === '/moved') response.writeHead(302, { Location: '/real' }).end()
    else if (request.url === '/bomb') response.writeHead(206, { 'Content-Encoding': 'gzip' }).end(bomb)
    else if (request.url === '/endless') {
      response.writeHead(206, { 'Content-Range': 'bytes 0-1/2' })
      const more = () => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', more)
      }
      more()
    } else response.writeHead(206, { 'Content-Length': '500000' }).write('abc', () => response.destroy())
  })
  const webSeeds = ['/bomb', '/endless', '/cut', '/moved'].map(path => origin + path)
  const { torrent, downloads, stop } = await leech([{ path: [], bytes: payload }], webSeeds)
  ends.push(stop)
  await until(() => torrent.row().status === 'seeding')
  expect(Buffer.compare(await readFile(join(downloads, 'pay')), payload)).toBe(0)
  const count = (path: string) => asked.filter(({ url }) => url === path).length
  expect([count('/bomb'), count('/endless'), count('/cut')].every(times => times <= 2)).toBe(true)
})

test('a server that is silent does not delay the end', async () => {
  const { origin, asked } = await serve((_, response) => response.writeHead(206).flushHeaders())
  const { stop } = await leech([{ path: [], bytes: new Uint8Array(randomBytes(1_000_000)) }], [`${origin}/x`])
  await until(() => asked.length > 0)
  const start = performance.now()
  await stop()
  expect(performance.now() - start).toBeLessThan(3000)
})
