import type { BencodeValue } from '#engine/bencode/decode.ts'
import { latin1 } from '#engine/base/bytes.ts'
import type { SwarmCounts } from './announce.ts'
import { countOf, escapeBytes, withQuery } from './http-codec.ts'
import type { TrackerUrl } from './tracker-url.ts'

/** BEP 15: about 74 fit a packet; HTTP has URLs to keep short. */
export const MOST_HASHES_PER_SCRAPE = 50

/**
 * Where to scrape (BEP 48): "announce" at the start of the last path element becomes "scrape"; else there is nowhere.
 * UDP trackers scrape at the address they announce at.
 */
export function scrapeHref(tracker: TrackerUrl): string | undefined {
  if (tracker.scheme === 'udp') return tracker.href
  const [path = ''] = tracker.request.split('?', 1)
  const last = path.lastIndexOf('/') + 1
  if (last === 0 || !path.startsWith('announce', last)) return undefined
  const base = tracker.href.slice(0, tracker.href.length - tracker.request.length)
  return `${base}${path.slice(0, last)}scrape${tracker.request.slice(last + 'announce'.length)}`
}

/** @param hashes 20 bytes each */
export const scrapeUrl = (href: string, hashes: readonly Uint8Array[]): string =>
  withQuery(href, hashes.map(hash => `info_hash=${escapeBytes(hash)}`).join('&'))

/** Counts in the order of `hashes`; `undefined` where the tracker knows nothing. */
export function scrapeCounts(
  dict: ReadonlyMap<string, BencodeValue>,
  hashes: readonly Uint8Array[],
): (SwarmCounts | undefined)[] {
  const files = dict.get('files')
  return hashes.map(hash => {
    const entry = files instanceof Map ? files.get(latin1(hash)) : undefined
    if (!(entry instanceof Map)) return undefined
    return {
      seeds: countOf(entry.get('complete')),
      leeches: countOf(entry.get('incomplete')),
      completed: countOf(entry.get('downloaded')),
    }
  })
}
