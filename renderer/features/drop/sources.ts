import type { TorrentSource } from '#engine/api/commands.ts'

export interface NamedSource {
  readonly name: string
  readonly source: TorrentSource
}

/** More lines than anybody pastes on purpose. */
const MOST_LINES = 1000
const LONGEST_LINE = 64 * 1024

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64}|[a-z2-7]{32})$/i

/** Magnet links, web addresses and bare hashes in a text, one a line or parted by blanks; the rest is not ours. */
export function sourcesInText(text: string): NamedSource[] {
  const found = new Map<string, NamedSource>()
  for (const word of text.split(/\s+/).slice(0, MOST_LINES)) {
    if (word === '' || word.length > LONGEST_LINE) continue
    const named = sourceOfWord(word)
    if (named) found.set(word, named)
  }
  return [...found.values()]
}

function sourceOfWord(word: string): NamedSource | undefined {
  if (/^magnet:\?/i.test(word)) return { name: magnetName(word), source: { kind: 'magnet', uri: word } }
  if (/^https?:\/\/[^/]/i.test(word)) return { name: urlName(word), source: { kind: 'url', url: word } }
  if (!HASH.test(word)) return undefined
  // BEP 9 for v1 (hex or base 32), BEP 52 for v2: a multihash with the prefix of SHA-256.
  const topic = word.length === 64 ? `urn:btmh:1220${word.toLowerCase()}` : `urn:btih:${word}`
  return { name: shortHash(word), source: { kind: 'magnet', uri: `magnet:?xt=${topic}` } }
}

function magnetName(uri: string): string {
  const query = new URLSearchParams(uri.slice(uri.indexOf('?') + 1))
  const name = query.get('dn')
  if (name) return name
  const hash = /urn:bt[im]h:([0-9a-z]+)/i.exec(uri)?.[1]
  return hash ? shortHash(hash) : 'Magnet link'
}

function urlName(url: string): string {
  try {
    const { pathname, hostname } = new URL(url)
    return decodeURIComponent(pathname.split('/').at(-1) ?? '') || hostname
  } catch {
    return url
  }
}

const shortHash = (hash: string) => `${hash.slice(0, 6)}…${hash.slice(-4)}`

/** Bytes. A torrent of a hundred thousand files is a tenth of it. */
const LARGEST_FILE = 100 * 2 ** 20

/** Reads what was dropped or picked. Names that are no torrents come back as `refused`, with the reason. */
export async function sourcesInFiles(
  files: readonly File[],
): Promise<{ sources: NamedSource[]; refused: { name: string; reason: string }[] }> {
  const sources: NamedSource[] = []
  const refused: { name: string; reason: string }[] = []
  for (const file of files) {
    if (!isTorrentName(file.name)) refused.push({ name: file.name, reason: 'Not a torrent' })
    else if (file.size > LARGEST_FILE) refused.push({ name: file.name, reason: 'Too large for a torrent file' })
    else {
      try {
        sources.push({ name: file.name, source: { kind: 'bytes', bytes: new Uint8Array(await file.arrayBuffer()) } })
      } catch {
        refused.push({ name: file.name, reason: 'Cannot be read' })
      }
    }
  }
  return { sources, refused }
}

const isTorrentName = (name: string) => /\.torrent$/i.test(name)
