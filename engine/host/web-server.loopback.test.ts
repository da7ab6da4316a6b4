import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { EngineClient } from '#engine/api/client.ts'
import { MAX_MESSAGE_BYTES } from '#engine/api/codec.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import { socketTransport } from '#engine/api/socket-transport.ts'
import type { Transport } from '#engine/api/transport.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { makeTorrent } from '#engine/testing/sim-torrent.ts'
import { createEngine, nodeIo } from './engine.ts'
import { startWebServer, type WebServer } from './web-server.ts'

const TOKEN = 'a-token;with=odd characters'
const ends: (() => unknown)[] = []
const rejections: unknown[] = []
const onRejection = (reason: unknown) => void rejections.push(reason)
let home: string
let server: WebServer
let attach: (transport: Transport<Downward, Upward>) => void

beforeAll(() => void process.on('unhandledRejection', onRejection))
afterAll(() => {
  process.off('unhandledRejection', onRejection)
  expect(rejections).toEqual([])
})
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'freshet-web-'))
  await mkdir(join(home, 'page/assets'), { recursive: true })
  await writeFile(join(home, 'page/index.html'), '<!doctype html>the page')
  await writeFile(join(home, 'page/assets/app.js'), 'the script')
  await writeFile(join(home, 'page/notes.txt'), 'of no kind that is served')
  await writeFile(join(home, 'secret.html'), 'outside of the page')
  attach = transport => transport.onMessage(() => {})
  server = await startWebServer({
    port: 0,
    token: TOKEN,
    pageFolder: join(home, 'page'),
    attach: transport => attach(transport),
  })
  ends.push(() => server.close())
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await rm(home, { recursive: true, force: true })
})

/** Sends exactly this and reads until the other side ends, or for a moment. */
function raw(text: string, waitMs = 3_000): Promise<string> {
  return new Promise(resolve => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text))
    let answer = ''
    const timer = setTimeout(() => socket.destroy(), waitMs)
    socket.on('data', bytes => (answer += bytes.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}

const own = () => `127.0.0.1:${server.port}`
const cookie = () => `freshet-${server.port}=${encodeURIComponent(TOKEN)}`
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'

/** An answer's status; the request closes its connection itself. */
async function status(method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  const lines = Object.entries({ Host: own(), Connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  const answer = await raw(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)
}

const vectorPath = sharedData('vectors/rpc-host-header.json')
const vectors = vectorPath
  ? (JSON.parse(readFileSync(vectorPath, 'utf8')) as { allow: string[]; deny: string[]; origin_deny: string[] })
  : {
      allow: ['127.0.0.1:PORT', 'localhost:PORT', '[::1]:PORT'],
      deny: ['attacker.example', '127.0.0.1.attacker.example:PORT', '', 'localhost:1', 'evil\\127.0.0.1'],
      origin_deny: ['null', 'http://attacker.example', 'file://'],
    }
const withPort = (text: string) => text.replaceAll('PORT', String(server.port))

test.each(vectors.deny)('Host "%s" is refused on every path and method, before anything else', async host => {
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) {
    for (const path of [
      '/',
      '/index.html',
      '/engine',
      `/?token=${encodeURIComponent(TOKEN)}`,
      'http://127.0.0.1/',
      '*',
    ]) {
      const answer = await raw(
        `${method} ${path} HTTP/1.1\r\nHost: ${withPort(host)}\r\nCookie: ${cookie()}\r\nConnection: close\r\n\r\n`,
      )
      expect([method, path, /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]]).toEqual([method, path, '421'])
      expect(answer).not.toMatch(/set-cookie/i)
      expect(answer).toMatch(/content-security-policy/i)
    }
  }
  expect(await raw(`GET /engine HTTP/1.1\r\nHost: ${withPort(host)}\r\nCookie: ${cookie()}\r\n${UPGRADE}\r\n`)).toMatch(
    /^HTTP\/1\.1 421/,
  )
})

test.each(vectors.allow)('Host "%s" is ours', async host => {
  expect(await status('GET', '/', { Host: withPort(host), Cookie: cookie() })).toBe(200)
})

test('no Host at all is refused', async () => {
  expect(await raw('GET / HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 421/)
  expect(await raw('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/)
})

test.each(vectors.origin_deny)('a socket for a page of "%s" is refused', async origin => {
  const head = `GET /engine HTTP/1.1\r\nHost: ${own()}\r\nCookie: ${cookie()}\r\n${UPGRADE}`
  expect(await raw(`${head}Origin: ${origin}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403/)
  expect(await raw(`${head}Origin: http://${own()}\r\n\r\n`, 200)).toMatch(/^HTTP\/1\.1 101/)
})

test('a socket needs the key and the one path', async () => {
  const ask = (path: string, key: string) => raw(`GET ${path} HTTP/1.1\r\nHost: ${own()}\r\n${key}${UPGRADE}\r\n`, 200)
  expect(await ask('/engine', '')).toMatch(/^HTTP\/1\.1 401/)
  expect(await ask('/engine', `Cookie: freshet-${server.port}=wrong\r\n`)).toMatch(/^HTTP\/1\.1 401/)
  expect(await ask('/engine/', `Cookie: ${cookie()}\r\n`)).toMatch(/^HTTP\/1\.1 403/)
  expect(await ask('/engine', `Cookie: other=1; ${cookie()}\r\n`)).toMatch(/^HTTP\/1\.1 101/)
})

test('the token in the address becomes a cookie, and leaves the address', async () => {
  expect(await status('GET', '/')).toBe(401)
  const answer = await raw(
    `GET /?token=${encodeURIComponent(TOKEN)} HTTP/1.1\r\nHost: ${own()}\r\nConnection: close\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 303/)
  expect(answer).toMatch(/^location: \/\r$/im)
  expect(answer).toMatch(/^set-cookie: freshet-\d+=[^;]+; Path=\/; HttpOnly; SameSite=Strict\r$/im)
  const given = /^set-cookie: ([^;]+)/im.exec(answer)![1]!
  expect(await status('GET', '/', { Cookie: given })).toBe(200)
})

test('ten wrong keys close the door for a while, also to the right one', async () => {
  for (let nth = 0; nth < 10; nth++) expect(await status('GET', `/?token=guess${nth}`)).toBe(403)
  expect(await status('GET', `/?token=${encodeURIComponent(TOKEN)}`)).toBe(403)
  expect(await status('GET', '/', { Cookie: cookie() })).toBe(401)
})

test('a page of somebody else cannot use the guesses up', async () => {
  for (let nth = 0; nth < 30; nth++) {
    expect(await status('GET', `/?token=guess${nth}`, { 'Sec-Fetch-Site': 'cross-site' })).toBe(403)
  }
  expect(await status('GET', '/', { Cookie: cookie() })).toBe(200)
})

test('every answer carries the headers that keep a page from doing harm', async () => {
  for (const path of ['/', '/nothing', '/?token=wrong', '/assets/app.js']) {
    const answer = await raw(
      `GET ${path} HTTP/1.1\r\nHost: ${own()}\r\nCookie: ${cookie()}\r\nConnection: close\r\n\r\n`,
    )
    expect(answer).toMatch(/^content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';/im)
    expect(answer).not.toMatch(/unsafe-|access-control-/i)
    expect(answer).toMatch(/^x-frame-options: DENY\r$/im)
    expect(answer).toMatch(/^x-content-type-options: nosniff\r$/im)
    expect(answer).toMatch(/^referrer-policy: no-referrer\r$/im)
  }
})

test('only reading is allowed', async () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
    expect([method, await status(method, '/', { Cookie: cookie() })]).toEqual([method, 405])
  }
  expect(await status('HEAD', '/', { Cookie: cookie() })).toBe(200)
})

const dots = ['..', '%2e%2e', '%2E.', '.%2e', '..%00', '%252e%252e', '..;', '%c0%ae%c0%ae', '．．', '..%5c..']
const slashes = ['/', '%2f', '\\', '%5c', '//', '%252f']

test('sixty spellings of "../" lead nowhere', async () => {
  const spellings = dots.flatMap(dot => slashes.map(slash => `/assets/${dot}${slash}${dot}${slash}secret.html`))
  expect(spellings).toHaveLength(60)
  for (const path of spellings) {
    const answer = await raw(
      `GET ${path} HTTP/1.1\r\nHost: ${own()}\r\nCookie: ${cookie()}\r\nConnection: close\r\n\r\n`,
    )
    expect([path, /^HTTP\/1\.1 (404|400)/.test(answer), answer.includes('outside')]).toEqual([path, true, false])
  }
})

test('what is in the folder and of no kind that we serve does not exist', async () => {
  for (const path of [
    '/notes.txt',
    '/assets',
    '/assets/',
    '/__proto__',
    '/index.html/',
    '/INDEX.HTML',
    '//index.html',
  ]) {
    expect([path, await status('GET', path, { Cookie: cookie() })]).toEqual([path, 404])
  }
})

test.each([
  ['an address that is none', 'GET http://[::1 HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  [
    'a whole address of somebody else',
    'GET http://attacker.example/ HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n',
  ],
  ['a path that is no UTF-8', 'GET /\xff\xfe%ff%fe HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
  ['a broken escape', 'GET /%zz?token=%zz HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n'],
  ['a tunnel', 'CONNECT attacker.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n'],
  ['no HTTP', '\x16\x03\x01\x02\x00'],
  ['headers without end', `GET / HTTP/1.1\r\nHost: HOST\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['half a body', 'POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 100000000\r\n\r\nhalf'],
  [
    'a socket of another kind',
    'GET /engine HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  ],
  [
    'a socket without its key',
    'GET /engine HTTP/1.1\r\nHost: HOST\r\nCookie: COOKIE\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
])('%s disturbs nobody', async (_, request) => {
  await raw(request.replace('HOST', own()).replace('COOKIE', cookie()), 300)
  expect(await status('GET', '/', { Cookie: cookie() })).toBe(200)
})

test('a refused socket is closed by us, even when the other side keeps its half open', async () => {
  const closed = new Promise<boolean>(resolve => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
      socket.write(`GET /engine HTTP/1.1\r\nHost: attacker.example\r\n${UPGRADE}\r\n`),
    )
    socket.resume()
    socket.on('error', () => {})
    socket.on('close', () => resolve(true))
    // What is written to a connection that is gone comes back as an error.
    socket.on('end', () => setInterval(() => socket.destroyed || socket.write('x'), 20).unref())
    setTimeout(() => resolve(false), 3_000)
  })
  expect(await closed).toBe(true)
})

test('a port that is taken, and a page that was never built, are said so', async () => {
  const start = (port: number, pageFolder: string) =>
    startWebServer({ port, token: TOKEN, pageFolder, attach: () => {} })
  await expect(start(server.port, join(home, 'page'))).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  await expect(start(0, join(home, 'nowhere'))).rejects.toMatchObject({ code: 'DISK_MISSING' })
})

function dial(): WebSocket {
  const socket = new WebSocket(`ws://${own()}/engine`, { headers: { Cookie: cookie(), Origin: `http://${own()}` } })
  ends.push(() => socket.terminate())
  return socket
}
const opened = (socket: WebSocket): Promise<void> => new Promise(resolve => socket.once('open', () => resolve()))
const closed = (socket: WebSocket): Promise<number> =>
  new Promise(resolve => socket.once('close', code => resolve(code)))

test.each<[string, () => Uint8Array | string, number]>([
  ['longer than a message may be', () => new Uint8Array(MAX_MESSAGE_BYTES + 1), 1009],
  ['text', () => '{}', 1003],
  ['garbage', () => randomBytes(100), 1007],
])('whoever sends %s loses its connection, and nobody else does', async (_, make, code) => {
  const [bad, good] = [dial(), dial()]
  await Promise.all([opened(bad), opened(good)])
  bad.on('error', () => {})
  const end = closed(bad)
  bad.send(make())
  expect(await end).toBe(code)
  expect(good.readyState).toBe(WebSocket.OPEN)
})

async function withEngine() {
  const io = nodeIo({ cacheMiB: 16 })
  const downloadFolder = join(home, 'downloads')
  const engine = await createEngine({
    io,
    dataDir: join(home, 'state'),
    downloadFolder,
    overrides: { listenPort: 0, listenHost: '127.0.0.1', useTrackers: false },
  })
  ends.push(async () => {
    await engine.shutdown({ deadlineMs: 3_000 })
    await io.close()
  })
  attach = transport => engine.attach(transport)
  return { downloadFolder }
}

test('a torrent is added, seen, paused and removed over the socket', async () => {
  const { downloadFolder } = await withEngine()
  const payload = new Uint8Array(randomBytes(100_000))
  const { bytes } = makeTorrent('film.bin', [{ path: [], bytes: payload }])
  await mkdir(downloadFolder, { recursive: true })
  await writeFile(join(downloadFolder, 'film.bin'), payload)

  const client = new EngineClient(socketTransport<Upward, Downward>(dial()))
  const hello = new Promise<number>(resolve => client.onHello(({ version }) => resolve(version)))
  const statuses = new Map<string, string>()
  const files: string[] = []
  client.onFrame(frame => {
    if (frame.full) statuses.clear()
    for (const row of frame.rows) statuses.set(row.id, row.status)
    for (const gone of frame.removed) statuses.delete(gone)
    for (const file of frame.detail?.fileList ?? []) files.push(file.path)
  })
  const until = async (predicate: () => boolean) => {
    for (let at = 0; !predicate() && at < 400; at++) await new Promise<void>(resolve => setTimeout(resolve, 25))
    expect([...statuses.values(), predicate()]).toContain(true)
  }
  client.watch({ listHz: 4, detail: null })
  expect(await hello).toBe(1)
  const source = { kind: 'bytes', bytes } as const
  expect(await client.call('torrents.inspect', { source })).toMatchObject({ name: 'film.bin', duplicate: false })
  const { id } = await client.call('torrents.add', { source })
  await until(() => statuses.get(id) === 'seeding')
  client.watch({ listHz: 4, detail: { id, parts: ['files'] } })
  await until(() => files.includes('film.bin'))
  await client.call('torrents.pause', { ids: [id] })
  await until(() => statuses.get(id) === 'paused')
  const exported = await client.call('torrent.export', { id })
  expect(Buffer.compare(exported.bytes, bytes)).toBe(0)
  await expect(client.call('torrents.pause', { ids: ['f'.repeat(40)] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect(await client.call('torrents.remove', { ids: [id], data: 'delete' })).toEqual({ problems: [] })
  await until(() => statuses.size === 0)
})
