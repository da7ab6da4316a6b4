import { readFile, stat } from 'node:fs/promises'
import type { TorrentSource } from '#engine/api/commands.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { InputError } from './exit-codes.ts'

/** What the user named: a magnet link, an infohash, an address, else a file, which is read here. */
export async function readSource(text: string): Promise<TorrentSource> {
  // By scheme first: a long link is never a path.
  const found = /^(?:magnet|https?):/i.test(text) ? undefined : await stat(text).catch(() => undefined)
  if (!found) {
    const { recogniseText } = await import('#engine/host/recognise.ts')
    const source = await recogniseText(text)
    if (source) return source
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
