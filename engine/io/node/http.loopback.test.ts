import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HttpRequest } from '../http.ts'
import { NodeDns } from './dns.ts'
import { NodeHttp } from './http.ts'

const code = (wanted: string) => expect.objectContaining({ name: 'EngineError', code: wanted }) as unknown
const text = 'd8:intervali1800e5:peers0:e'
const http = new NodeHttp(new NodeDns())
const seen: IncomingMessage[] = []

const bodies: Record<string, (response: ServerResponse, request: IncomingMessage) => void> = {
  '/plain': response => response.end(text),
  '/gzip': response => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(text)),
  '/deflate': response => response.writeHead(200, { 'Content-Encoding': 'deflate' }).end(deflateSync(text)),
  '/raw': response => response.writeHead(200, { 'Content-Encoding': 'deflate' }).end(deflateRawSync(text)),
  '/br': response => response.writeHead(200, { 'Content-Encoding': 'br' }).end(brotliCompressSync(text)),
  '/cut': response => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(text).subarray(0, -6)),
  '/empty': response => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(),
  '/strange': response => response.writeHead(200, { 'Content-Encoding': 'zstd' }).end('x'),
  '/bomb': response => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000))),
  '/broken': response => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(Buffer.alloc(100, 1)),
  '/large': response => response.end(Buffer.alloc(2_000_000)),
  '/endless': response => {
    const more = () => {
      while (response.write(Buffer.alloc(65536)));
      response.once('drain', more)
    }
    more()
  },
  '/short': response => response.writeHead(200, { 'Content-Length': '100' }).write('abc', () => response.destroy()),
  '/silent': response => void response.write('abc'),
  '/404': response => response.writeHead(404).end('no such torrent'),
  '/headers': response => {
    for (let at = 0; at < 150; at++) response.setHeader(`x-${at}`, 'y')
    response.end()
  },
  '/long': response => response.setHeader('x', 'y'.repeat(70_000)).end(),
  '/loop': response => response.writeHead(302, { Location: '/loop' }).end(),
  '/away': response => response.writeHead(301, { Location: '/plain?from=%aA' }).end(),
  '/file': response => response.writeHead(302, { Location: 'file:///etc/passwd' }).end(),
  '/inside': response => response.writeHead(302, { Location: `http://localhost:${port}/plain` }).end(),
}

const server = createServer((request, response) => {
  seen.push(request)
  bodies[request.url!.replace(/\?.*/, '')]?.(response, request)
})
let port = 0
beforeAll(async () => {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  http.close()
  server.closeAllConnections()
  server.close()
})

const get = (path: string, more: Partial<HttpRequest> = {}, signal = new AbortController().signal) =>
  http.get(
    {
      url: path.startsWith('http') ? path : `http://127.0.0.1:${port}${path}`,
      maxBytes: 1_000_000,
      maxRedirects: 3,
      totalMs: 5000,
      silentMs: 5000,
      ...more,
    },
    signal,
  )
const bodyOf = async (path: string) => new TextDecoder().decode((await get(path)).body)

test.each(['/plain', '/gzip', '/deflate', '/raw', '/br', '/cut'])('%s yields the text', async path => {
  expect(await bodyOf(path)).toBe(text)
})

test('the query goes out byte for byte, with our headers and without a second Host', async () => {
  const path = '/plain?info_hash=%00%fF~%2b&a=[1]'
  const response = await get(path, { headers: { 'User-Agent': 'Freshet/0.1' } })
  const request = seen.at(-1)!
  expect([request.url, request.headers['user-agent'], request.headers.host]).toEqual([
    path,
    'Freshet/0.1',
    `127.0.0.1:${port}`,
  ])
  expect([response.status, response.remoteAddress]).toEqual([200, '127.0.0.1'])
})

test('any status is an answer, and so is an empty body', async () => {
  expect(await get('/404')).toMatchObject({ status: 404 })
  expect((await get('/empty')).body.length).toBe(0)
})

test.each([
  ['/bomb', 'HTTP_TOO_LARGE'],
  ['/large', 'HTTP_TOO_LARGE'],
  ['/endless', 'HTTP_TOO_LARGE'],
  ['/headers', 'HTTP_TOO_LARGE'],
  ['/long', 'HTTP_TOO_LARGE'],
  ['/broken', 'HTTP_FAILED'],
  ['/strange', 'HTTP_FAILED'],
  ['/short', 'HTTP_FAILED'],
  ['/loop', 'HTTP_REDIRECT'],
  ['/file', 'HTTP_REDIRECT'],
  ['http://127.0.0.1:1/', 'CONNECT_FAILED'],
  ['http://does-not-exist.invalid/', 'DNS_FAILED'],
])('%s is %s', async (path, wanted) => {
  await expect(get(path)).rejects.toEqual(code(wanted))
})

test('silence and a late answer are HTTP_TIMEOUT, an abort is ABORTED', async () => {
  await expect(get('/silent', { silentMs: 100 })).rejects.toEqual(code('HTTP_TIMEOUT'))
  await expect(get('/silent', { totalMs: 100 })).rejects.toEqual(code('HTTP_TIMEOUT'))
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  await expect(get('/silent', {}, stop.signal)).rejects.toEqual(code('ABORTED'))
  await expect(get('/plain', {}, stop.signal)).rejects.toEqual(code('ABORTED'))
})

test('a redirect is followed with its query as it was written', async () => {
  const response = await get('/away')
  expect([response.url, seen.at(-1)!.url]).toEqual([`http://127.0.0.1:${port}/plain?from=%aA`, '/plain?from=%aA'])
})

test('the rule is asked on every hop, about the address and not the name', async () => {
  const asked: [number, string][] = []
  const allow: HttpRequest['allow'] = ({ hop, address }) => {
    asked.push([hop, address])
    return hop === 0
  }
  await expect(get('/inside', { allow })).rejects.toEqual(code('ADDRESS_FORBIDDEN'))
  expect(asked[0]).toEqual([0, '127.0.0.1'])
  expect(asked.slice(1).every(([hop, address]) => hop === 1 && ['127.0.0.1', '::1'].includes(address))).toBe(true)
})

test.each(['http://127.1', 'http://2130706433', 'http://0x7f000001', 'http://[::ffff:127.0.0.1]', 'http://LOCALHOST'])(
  '%s is judged as a loopback address',
  async host => {
    const allow: HttpRequest['allow'] = ({ address }) => !['127.0.0.1', '::1'].includes(address)
    await expect(get(`${host}:${port}/plain`, { allow })).rejects.toEqual(code('ADDRESS_FORBIDDEN'))
  },
)

test('an address of the other family is not used', async () => {
  await expect(get('/plain', { family: 6 })).rejects.toEqual(code('DNS_FAILED'))
  expect((await get(`http://localhost:${port}/plain`, { family: 4 })).remoteAddress).toBe('127.0.0.1')
})

test('a kept connection that was closed meanwhile is replaced', async () => {
  let requests = 0
  // Answers one request per connection and then hangs up without saying so.
  const rude = createTcpServer(socket => {
    socket.on('error', () => {})
    socket.on('data', () => {
      requests++
      if (socket.bytesWritten > 0) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  await new Promise<void>(resolve => rude.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(rude.address() as AddressInfo).port}/`
  await get(url)
  expect((await get(url)).status).toBe(200)
  expect(requests).toBe(3)
  rude.close()
})
