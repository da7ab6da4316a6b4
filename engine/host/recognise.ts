import parseTorrent from 'parse-torrent'
import type { TorrentSource } from '#engine/api/commands.ts'

/**
 * What a pasted or typed text means: a magnet link, a bare infohash, an address, or nothing of ours.
 * The library only recognises; identity comes from our own parsers, because it hashes what it encoded again
 * (docs/decisions/0008).
 */
export async function recogniseText(text: string): Promise<TorrentSource | undefined> {
  const trimmed = text.trim()
  if (/^https?:\/\//i.test(trimmed)) return { kind: 'url', url: trimmed }
  if (/^magnet:/i.test(trimmed)) return { kind: 'magnet', uri: trimmed }
  // The library knows hex and base32; v2 hashes it does not.
  if (/^[0-9a-f]{64}$/i.test(trimmed))
    return { kind: 'magnet', uri: `magnet:?xt=urn:btmh:1220${trimmed.toLowerCase()}` }
  if (!/^[0-9a-z]{32,40}$/i.test(trimmed)) return undefined
  const known = await parseTorrent(trimmed).catch(() => undefined)
  return known?.infoHash ? { kind: 'magnet', uri: `magnet:?xt=urn:btih:${known.infoHash}` } : undefined
}
