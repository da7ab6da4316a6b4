import { type BencodeValue, decodePrefix } from '#engine/bencode/decode.ts'
import { lossyText } from '#engine/base/bytes.ts'
import { type Endpoint, endpoint, endpointOfBytes, parseCompact } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Announce, AnnounceAnswer, Refusal } from './announce.ts'
import { intervalMs, minIntervalMs } from './schedule.ts'
import { shownText } from './text.ts'

type Dict = ReadonlyMap<string, BencodeValue>

const MOST_TRACKER_ID_BYTES = 256
const MOST_COUNT = 2 ** 31 - 1

/** One %XX or plain character per byte value: plain are the unreserved ones of RFC 3986. */
const ESCAPED = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte)
  return /[\w.~-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

/** Raw bytes as a query value. */
export function escapeBytes(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ESCAPED[byte]
  return text
}

/** `href` with more query behind it; what the tracker wrote stays byte for byte. */
export function withQuery(href: string, query: string): string {
  const mark = !href.includes('?') ? '?' : /[?&]$/.test(href) ? '' : '&'
  return href + mark + query
}

/** The URL of an announce (BEP 3, 7, 21, 23), its parameters always in the same order. Our address is never named. */
export function announceUrl(href: string, announce: Announce): string {
  const fields = [
    `info_hash=${escapeBytes(announce.infoHash)}`,
    `peer_id=${escapeBytes(announce.peerId)}`,
    `port=${announce.port}`,
    `uploaded=${announce.uploaded}`,
    `downloaded=${announce.downloaded}`,
    `left=${announce.left}`,
    `corrupt=${announce.corrupt}`,
    `key=${announce.key.toString(16).toUpperCase().padStart(8, '0')}`,
    ...(announce.event === '' ? [] : [`event=${announce.event}`]),
    `numwant=${announce.numWant}`,
    'compact=1',
    'no_peer_id=1',
    `redundant=${announce.redundant}`,
    ...(announce.trackerId ? [`trackerid=${escapeBytes(announce.trackerId)}`] : []),
  ]
  return withQuery(href, fields.join('&'))
}

/**
 * The body of an answer to an announce or scrape, as a dictionary.
 * @throws EngineError TRACKER_INVALID (tracker)
 */
export function parseBody(body: Uint8Array): Dict {
  let value: BencodeValue
  try {
    // Bytes behind it are forgiven: some trackers end with a line break. A list of 3,000 peers as dictionaries has 24,000 tokens.
    value = decodePrefix(body, { depth: LIMITS.bencode.answerDepth, tokens: 100_000 }).value
  } catch (cause) {
    throw new EngineError('TRACKER_INVALID', 'tracker', 'an answer that is not bencoded', { cause })
  }
  if (!(value instanceof Map)) throw new EngineError('TRACKER_INVALID', 'tracker', 'an answer that is no dictionary')
  return value
}

/** The refusal in an answer: `failure reason` and BEP 31's `retry in` (minutes or "never"). */
export function refusalOf(dict: Dict): Refusal | undefined {
  const reason = dict.get('failure reason')
  if (reason === undefined) return undefined
  const retry = dict.get('retry in')
  const minutes = typeof retry === 'bigint' ? Number(retry) : retry
  return {
    kind: 'refused',
    text: (reason instanceof Uint8Array && shownText(reason)) || 'no reason given',
    retryInMs:
      typeof minutes === 'number' && minutes > 0
        ? minutes * 60_000
        : retry instanceof Uint8Array && lossyText(retry.subarray(0, 16)) === 'never'
          ? Infinity
          : undefined,
  }
}

/** An answer without a failure (BEP 3, 7, 23, 24). What is odd in it is left out or clamped, never fatal. */
export function announceAnswer(dict: Dict): AnnounceAnswer {
  const trackerId = dict.get('tracker id')
  const warning = dict.get('warning message')
  return {
    intervalMs: intervalMs(numberOf(dict.get('interval'))),
    minIntervalMs: minIntervalMs(numberOf(dict.get('min interval'))),
    seeds: countOf(dict.get('complete')),
    leeches: countOf(dict.get('incomplete')),
    completed: countOf(dict.get('downloaded')),
    peers: peersOf(dict),
    trackerId:
      trackerId instanceof Uint8Array && trackerId.length > 0 && trackerId.length <= MOST_TRACKER_ID_BYTES
        ? trackerId.slice() // outlives the answer, whose bytes it would otherwise keep alive
        : undefined,
    warning: warning instanceof Uint8Array ? shownText(warning) : '',
    externalAddress: addressOf(dict.get('external ip')),
  }
}

function numberOf(value: BencodeValue | undefined): number | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}

/** A count for people: null when absent, negative or absurd. */
export function countOf(value: BencodeValue | undefined): number | null {
  const number = numberOf(value)
  return number !== undefined && number >= 0 && number <= MOST_COUNT ? number : null
}

function addressOf(value: BencodeValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array)) return undefined
  // BEP 24 wants 4 or 16 bytes; some trackers write text.
  if (value.length === 4 || value.length === 16) return endpointOfBytes(value, 1)?.address
  return endpoint(lossyText(value.subarray(0, 45)), 1)?.address
}

function peersOf(dict: Dict): Endpoint[] {
  const peers = dict.get('peers')
  const v6 = dict.get('peers6')
  const found = peers instanceof Uint8Array ? compactPeers(peers, 4) : Array.isArray(peers) ? listedPeers(peers) : []
  if (v6 instanceof Uint8Array) found.push(...compactPeers(v6, 6))
  return found.slice(0, LIMITS.tracker.peers)
}

/** Whole entries only: a torn tail is left out. */
function compactPeers(bytes: Uint8Array, family: 4 | 6): Endpoint[] {
  const whole = bytes.length - (bytes.length % (family === 4 ? 6 : 18))
  return parseCompact(bytes.subarray(0, whole), family, LIMITS.tracker.peers) ?? []
}

/** The dictionary form of BEP 3. Host names are left out: nobody resolves names that a stranger chose. */
function listedPeers(list: readonly BencodeValue[]): Endpoint[] {
  const found: Endpoint[] = []
  for (const entry of list) {
    if (found.length === LIMITS.tracker.peers) break
    if (!(entry instanceof Map)) continue
    const ip = entry.get('ip')
    const port = entry.get('port')
    if (!(ip instanceof Uint8Array) || ip.length > 45 || typeof port !== 'number') continue
    const one = endpoint(lossyText(ip), port)
    if (one) found.push(one)
  }
  return found
}
