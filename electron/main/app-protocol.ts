import { readFile, readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { protocol } from 'electron'

/** The page's address. Its own scheme, because `file://` would give the page the right to read files. */
export const APP_URL = 'app://freshet/index.html'

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-cache',
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

/** To be called before the app is ready: that is when Chromium learns its schemes. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves what lies in `folder` at this moment, under the names that were found there and under no others. */
export async function serveApp(folder: string): Promise<void> {
  const pages = await listPages(folder)
  protocol.handle('app', request => respond(request, pages))
}

/** URL path → file, of every file below `folder` that is of a kind we serve. */
export async function listPages(folder: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  const visit = async (path: string, file: string): Promise<void> => {
    for (const entry of await readdir(file, { withFileTypes: true })) {
      const below = join(file, entry.name)
      if (entry.isDirectory()) await visit(`${path}/${entry.name}`, below)
      else if (entry.isFile() && TYPES[extname(entry.name)]) pages.set(`${path}/${entry.name}`, below)
    }
  }
  await visit('', folder)
  return pages
}

/**
 * The answer to one request. The path is looked up as it stands, never decoded and never joined to a folder: what is
 * not in the table does not exist, whichever way it is spelled.
 */
export async function respond(request: Request, pages: ReadonlyMap<string, string>): Promise<Response> {
  const url = new URL(request.url)
  const path = url.pathname === '/' ? '/index.html' : url.pathname
  const file = isAppUrl(request.url) && request.method === 'GET' ? pages.get(path) : undefined
  if (file === undefined) return new Response('Not found', { status: 404, headers: HEADERS })
  const body = new Uint8Array(await readFile(file))
  return new Response(body, { headers: { ...HEADERS, 'Content-Type': TYPES[extname(file)] ?? '' } })
}

/** Is this an address of ours? Compared by parts: to Node the origin of a scheme of our own is 'null'. */
export function isAppUrl(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url?.protocol === 'app:' && url.host === 'freshet' && url.username === '' && url.password === ''
}
