import { LIMITS } from '#engine/base/limits.ts'
import { strictText } from '#engine/base/bytes.ts'
import type { BencodeDict } from '#engine/bencode/reader.ts'
import type { Metainfo } from './types.ts'
import { listedUrl, textsOf, trackerUrl, webSeedUrl } from './urls.ts'

/** Where a torrent says that it can be had from, besides peers that we find ourselves. */
type Sources = Pick<Metainfo, 'trackers' | 'webSeeds' | 'nodes'> & {
  readonly listed: NonNullable<Metainfo['listed']>
}

/**
 * Trackers (BEP 3, 12), web seeds (BEP 17, 19) and DHT nodes (BEP 5) of a torrent file. What is malformed is left out:
 * a stranger's bad URL is no reason to refuse the content.
 * @param isFolder the torrent has several files: its web seeds are folders. A web seed of one file is the file's own URL,
 *   unless it ends in a slash
 */
export function parseSources(torrent: BencodeDict, isFolder: boolean): Sources {
  const list = (torrent.optionalList('announce-list')?.lists() ?? []).map(tier => textsOf(tier.strings()))
  // BEP 12: `announce` counts only where `announce-list` gives nothing that can be used.
  const single = [textsOf([torrent.optionalBytes('announce') ?? new Uint8Array(0)])]
  const trackers = tiersOf(list, trackerUrl)
  const listed = list
    .flat()
    .flatMap(text => listedUrl(text) ?? [])
    .slice(0, LIMITS.metainfo.trackers)
  const webSeeds = webSeedTexts(torrent).map(text => (isFolder ? asFolder(text) : text))
  return {
    trackers: trackers.length > 0 ? trackers : tiersOf(single, trackerUrl),
    webSeeds: tiersOf([webSeeds], webSeedUrl)[0] ?? [],
    nodes: nodesOf(torrent),
    listed: {
      trackers: listed.length > 0 ? listed : tiersOf(single, listedUrl).flat(),
      webSeeds: tiersOf([webSeeds], text => webSeedUrl(text) ?? listedUrl(text))[0] ?? [],
    },
  }
}

/** Tiers without what `accept` refuses, without repetitions, without empty tiers. */
export function tiersOf(
  tiers: readonly (readonly string[])[],
  accept: (text: string) => string | undefined,
): string[][] {
  const seen = new Set<string>()
  const kept: string[][] = []
  for (const tier of tiers) {
    const urls: string[] = []
    for (const text of tier) {
      const url = accept(text)
      if (url === undefined || seen.has(url) || seen.size === LIMITS.metainfo.trackers) continue
      seen.add(url)
      urls.push(url)
    }
    if (urls.length > 0) kept.push(urls)
  }
  return kept
}

/** Each may be one string or a list; `httpseeds` is where some makers put plain file URLs, Debian among them. */
const webSeedTexts = (torrent: BencodeDict): string[] =>
  ['url-list', 'httpseeds'].flatMap(key => {
    const single = torrent.optionalBytes(key)
    return textsOf(single ? [single] : (torrent.optionalList(key)?.strings() ?? []))
  })

/** BEP 19: for several files the URL is that of a folder. */
const asFolder = (text: string) => (text === '' || text.endsWith('/') ? text : `${text}/`)

function nodesOf(torrent: BencodeDict): { host: string; port: number }[] {
  const nodes: { host: string; port: number }[] = []
  for (const node of torrent.optionalList('nodes')?.lists() ?? []) {
    if (nodes.length === LIMITS.metainfo.nodes) break
    const [hostToken = -1, portToken = -1] = node.tokens()
    const host =
      hostToken >= 0 && node.document.kind(hostToken) === 'bytes' ? strictText(node.document.bytes(hostToken)) : ''
    const port = node.document.safeInt(portToken) ?? 0
    // Host names and addresses of both kinds; who may be contacted is decided after DNS, elsewhere.
    if (host && /^[\w.:-]{1,253}$/.test(host) && port > 0 && port < 65_536) nodes.push({ host, port })
  }
  return nodes
}
