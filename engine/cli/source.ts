import { readFile, stat } from 'node:fs/promises'
import type { TorrentSource } from '#engine/api/commands.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { InputError } from './exit-codes.ts'

/** What the user named: a magnet link, an infohash, an address, else a file, which is read here. */
export async function readSource(text: string): Promise<TorrentSource> {
  if (/^magnet:/i.test(text)) return { kind: 'magnet', uri: text }
  if (/^https?:\/\//i.test(text)) return { kind: 'url', url: text }
  const found = await stat(text).catch(() => undefined)
  if (!found) {
    if (/^(?:[0-9a-f]{40}|[a-z2-7]{32})$/i.test(text)) return { kind: 'magnet', uri: `magnet:?xt=urn:btih:${text}` }
    throw new InputError(`DISK_MISSING: there is no file ${text}`)
  }
  if (!found.isFile()) throw new InputError(`SOURCE_UNRECOGNISED: ${text} is not a file`)
  if (found.size > LIMITS.metainfo.bytes) {
    throw new InputError(`METAINFO_LIMIT: ${text} is larger than any .torrent file (${LIMITS.metainfo.bytes} bytes)`)
  }
  try {
    return { kind: 'bytes', bytes: new Uint8Array(await readFile(text)) }
  } catch (error) {
    throw new InputError(
      `DISK_DENIED: ${text} cannot be read (${error instanceof Error ? error.message : String(error)})`,
    )
  }
}
