import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Downward, Upward } from '#engine/api/messages.ts'
import { MAX_MESSAGE_BYTES } from '#engine/api/codec.ts'
import { socketTransport } from '#engine/api/socket-transport.ts'
import type { Transport } from '#engine/api/transport.ts'
import { EngineError } from '#engine/base/errors.ts'
import { cookieOf, GuessLock, isFromElsewhere, isOwnHost, isOwnOrigin, sameSecret } from './web-guards.ts'
import { HEADERS, listPages, typeOf } from './web-pages.ts'

const CONNECTIONS = 256
const TEXT = { ...HEADERS, 'Content-Type': 'text/plain; charset=utf-8' }

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
 * @throws EngineError PORT_IN_USE, DISK_MISSING
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const pages = await listPages(options.pageFolder)
  const door = new Door(options.token)
  // Its own Request and Response stay its own: the rest of the program keeps those of the platform.
  const answer = getRequestListener(pagesApp(pages, door).fetch, { overrideGlobalObjects: false })
  const server = createServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
    // Before anybody makes a URL of it: what Host says may be anything.
    if (isOwnHost(request.headers.host, door.port)) void answer(request, response)
    else refuse(response, 421, 'This is not the name of this computer.')
  })
  server.maxConnections = CONNECTIONS
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = door.refusalOf(request)
    if (refusal !== undefined) return hangUp(socket, refusal)
    sockets.handleUpgrade(request, socket, head, (ws: WebSocket) =>
      options.attach(socketTransport<Downward, Upward>(ws)),
    )
  })
  await listen(server, options.port)
  door.port = portOf(server)
  // A connection that could not be accepted is that caller's loss.
  server.on('error', () => {})
  return {
    port: door.port,
    close: async () => {
      for (const ws of sockets.clients) ws.terminate()
      server.closeAllConnections()
      await new Promise<void>(done => void server.close(() => done()))
    },
  }
}

/** Who may come in. */
class Door {
  /** Known once it listens; nobody can ask before. */
  port = 0
  readonly #token: string
  /** What the cookie holds: the token, without the characters that mean something there. */
  readonly #cookie: string
  readonly #lock = new GuessLock()

  constructor(token: string) {
    this.#token = token
    this.#cookie = encodeURIComponent(token)
  }

  /** Cookies are the same for all ports of a host: two engines must not overwrite each other's. */
  get #cookieName(): string {
    return `freshet-${this.port}`
  }

  get setCookie(): string {
    return `${this.#cookieName}=${this.#cookie}; Path=/; HttpOnly; SameSite=Strict`
  }

  isRightToken(given: string): boolean {
    return this.#lock.allows() && this.#lock.note(sameSecret(given, this.#token))
  }

  hasCookie(header: string | undefined): boolean {
    const given = cookieOf(header, this.#cookieName)
    return given !== undefined && this.#lock.allows() && this.#lock.note(sameSecret(given, this.#cookie))
  }

  /** Why this request for the engine's socket is refused. */
  refusalOf({ headers, url }: IncomingMessage): string | undefined {
    if (!isOwnHost(headers.host, this.port)) return '421 Misdirected Request'
    // Browsers always tell the origin here; without one it is a program, and that needs the key as well.
    if (!isOwnOrigin(headers.origin, this.port) || url !== '/engine') return '403 Forbidden'
    return this.hasCookie(headers.cookie) ? undefined : '401 Unauthorized'
  }
}

function pagesApp(pages: ReadonlyMap<string, string>, door: Door): Hono {
  const app = new Hono()
  app.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value)
  })
  app.get('*', async context => {
    const url = new URL(context.req.url)
    const token = url.searchParams.get('token')
    if (token !== null) {
      // A stranger's page must not be able to use up the guesses, and so lock the user out.
      if (isFromElsewhere(context.req.header('sec-fetch-site')))
        return context.text('Open this address yourself: a link on another page cannot.', 403)
      if (!door.isRightToken(token))
        return context.text(
          'This address is not valid (any more). Use the one that Freshet printed when it started.',
          403,
        )
      context.header('Set-Cookie', door.setCookie)
      return context.redirect('/', 303)
    }
    if (!door.hasCookie(context.req.header('cookie'))) {
      return context.text('Open Freshet by the address that it printed when it started: it carries the key.', 401)
    }
    // Looked up as it stands, never decoded, never joined to a folder: what is not in the table does not exist.
    const file = pages.get(url.pathname === '/' ? '/index.html' : url.pathname)
    if (file === undefined) return context.text('Not found', 404)
    return context.body(new Uint8Array(await readFile(file)), 200, { 'Content-Type': typeOf(file) })
  })
  app.all('*', context => context.text('Only for reading', 405))
  app.onError((_, context) => context.text('This page cannot be read any more: install Freshet again.', 500))
  return app
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...TEXT, Connection: 'close' }).end(text)
}

function hangUp(socket: Duplex, status: string): void {
  // The other side may never close its half.
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    const onError = (error: NodeJS.ErrnoException) => {
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
    }
    server.once('error', onError)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', onError)
      done()
    })
  })
}
