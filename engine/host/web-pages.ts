import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { EngineError } from '#engine/base/errors.ts'

const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "frame-ancestors 'none'; form-action 'none'; base-uri 'none'"

/** On every answer, refusals too. */
export const HEADERS: Readonly<Record<string, string>> = {
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

export const typeOf = (file: string): string => TYPES[extname(file)] ?? 'application/octet-stream'

/**
 * URL path → file, of every file of a kind that we serve.
 * @throws EngineError DISK_MISSING when the page was never built
 */
export async function listPages(folder: string): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>()
  const visit = async (path: string, at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const below = join(at, entry.name)
      if (entry.isDirectory()) await visit(`${path}/${entry.name}`, below)
      else if (entry.isFile() && Object.hasOwn(TYPES, extname(entry.name))) pages.set(`${path}/${entry.name}`, below)
    }
  }
  try {
    await visit('', folder)
  } catch (cause) {
    throw new EngineError('DISK_MISSING', 'disk', `The page is not built (${folder}): run npm run build.`, { cause })
  }
  return pages
}
