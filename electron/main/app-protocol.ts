import { readFile } from 'node:fs/promises'
import { protocol } from 'electron'
import { HEADERS, listPages, typeOf } from '#engine/host/web-pages.ts'

/** The page's address. Its own scheme, because `file://` would give the page the right to read files. */
export const APP_URL = 'app://freshet/index.html'

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
  return new Response(body, { headers: { ...HEADERS, 'Content-Type': typeOf(file) } })
}

/** Is this an address of ours? Compared by parts: to Node the origin of a scheme of our own is 'null'. */
export function isAppUrl(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined
  return url?.protocol === 'app:' && url.host === 'freshet' && url.username === '' && url.password === ''
}
