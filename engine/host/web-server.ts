import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, Server } from 'node:http'
import { extname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Downward, Upward } from '#engine/api/messages.ts'
import { MAX_MESSAGE_BYTES } from '#engine/api/codec.ts'
import { socketTransport } from '#engine/api/socket-transport.ts'
import type { Transport } from '#engine/api/transport.ts'
import { EngineError } from '#engine/base/errors.ts'
import { GuessLock, isOwnHost, isOwnOrigin } from './web-guards.ts'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CSP,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

const COOKIE = 'freshet'
const CONNECTIONS = 256

export interface WebServerOptions {
  /** 0 is any free one. */
  readonly port: number
  readonly token: string
  /** The built page. */
  readonly pageFolder: string
  attach(transport: Transport<Downward, Upward>): void
}

export interface WebServer {
  readonly port: number
  close(): Promise<void>
}

/** A token nobody guesses: 192 bits. */
export const makeToken = (): string => randomBytes(24).toString('base64url')

/**
 * The window's page and the engine's socket on 127.0.0.1. The Host is checked before anything else (a name that resolves
 * to loopback is how pages of strangers get here), then the token, which the address carries once and a cookie afterwards.
 * @throws EngineError PORT_IN_USE
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const pages = await listPages(options.pageFolder)
  const lock = new GuessLock()
  const isRight = (given: string | undefined): boolean =>
    given !== undefined && lock.allows() && lock.note(sameSecret(given, options.token))
  const app = new Hono()
  app.use(async (context, next) => {
    if (!isOwnHost(context.req.header('host'), portOf(server)))
      return context.text('This is not the name of this computer.', 421, HEADERS)
    await next()
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value)
    return undefined
  })
  app.get('*', async context => {
    const url = new URL(context.req.url)
    const token = url.searchParams.get('token')
    if (token !== null) {
      if (!isRight(token))
        return context.text(
          'This address is not valid (any more). Use the one that Freshet printed when it started.',
          403,
        )
      context.header('Set-Cookie', `${COOKIE}=${options.token}; Path=/; HttpOnly; SameSite=Strict`)
      return context.redirect('/', 303)
    }
    if (!isRight(cookieOf(context.req.header('cookie')))) {
      return context.text('Open Freshet by the address that it printed when it started: it carries the key.', 401)
    }
    // Looked up as it stands, never decoded, never joined to a folder: what is not in the table does not exist.
    const file = pages.get(url.pathname === '/' ? '/index.html' : url.pathname)
    if (file === undefined) return context.text('Not found', 404)
    return context.body(new Uint8Array(await readFile(file)), 200, { 'Content-Type': TYPES[extname(file)] ?? '' })
  })
  app.all('*', context => context.text('Only for reading', 405))

  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.maxConnections = CONNECTIONS
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const port = portOf(server)
    const { host, origin, cookie } = request.headers
    if (!isOwnHost(host, port)) return refuse(socket, '421 Misdirected Request')
    // Browsers always tell the origin here; without one it is a program, and that needs the key as well.
    if (!isOwnOrigin(origin, port) || request.url !== '/engine') return refuse(socket, '403 Forbidden')
    if (!isRight(cookieOf(cookie))) return refuse(socket, '401 Unauthorized')
    sockets.handleUpgrade(request, socket, head, (ws: WebSocket) =>
      options.attach(socketTransport<Downward, Upward>(ws)),
    )
  })
  await listen(server, options.port)
  return {
    port: portOf(server),
    close: async () => {
      for (const ws of sockets.clients) ws.terminate()
      server.closeAllConnections()
      await new Promise<void>(done => void server.close(() => done()))
    },
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      fail(
        new EngineError(
          isTaken ? 'PORT_IN_USE' : 'CONNECT_FAILED',
          'network',
          isTaken
            ? `Port ${port} is in use. Choose another with --port.`
            : `Port ${port} cannot be opened: ${error.message}`,
        ),
      )
    })
    server.listen(port, '127.0.0.1', () => done())
  })
}

/** Digests are compared, so that neither length nor content shows in the time it takes. */
function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}

function cookieOf(header: string | undefined): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=')
    if (name === COOKIE) return value
  }
  return undefined
}

/** URL path → file, of every file of a kind that we serve. */
async function listPages(folder: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  const visit = async (path: string, at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const below = join(at, entry.name)
      if (entry.isDirectory()) await visit(`${path}/${entry.name}`, below)
      else if (entry.isFile() && TYPES[extname(entry.name)]) pages.set(`${path}/${entry.name}`, below)
    }
  }
  await visit('', folder).catch((error: unknown) => {
    throw new EngineError('DISK_MISSING', 'disk', `The page is not built (${folder}): run npm run build.`, {
      cause: error,
    })
  })
  return pages
}
