import { lossyText, utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { fromHex, infoHash, type InfoHash, infoHashV2, type InfoHashV2, toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { displayText } from './safe-path.ts'
import type { Magnet } from './types.ts'
import { trackerUrl, webSeedUrl } from './urls.ts'

/**
 * A magnet link (BEP 9, 52, 53). Unknown parameters, trackers of other schemes and malformed extras are left out.
 * @throws EngineError MAGNET_INVALID when there is no infohash, when one is malformed, or beyond 64 Ki chars
 */
export function parseMagnet(text: string): Magnet {
  const link = text.trim()
  if (link.length > LIMITS.magnet.chars) throw invalid(`it has more than ${LIMITS.magnet.chars} characters`)
  if (!/^magnet:\?/i.test(link)) throw invalid('it does not begin with magnet:?')
  const values = parametersOf(link.slice('magnet:?'.length))
  const of = (key: string) => values.get(key) ?? []
  const hashes = hashesOf(of('xt').map(lossyText))
  return {
    ...hashes,
    name: displayText(of('dn')[0] ?? new Uint8Array(0))
      .replaceAll('\n', ' ')
      .trim(),
    trackers: urlsOf(of('tr'), trackerUrl, LIMITS.magnet.trackers),
    webSeeds: urlsOf(of('ws'), webSeedUrl, LIMITS.magnet.webSeeds),
    peers: of('x.pe').map(lossyText).filter(isEndpoint).slice(0, LIMITS.magnet.peers),
    selectOnly: of('so').length > 0 ? indicesOf(of('so').map(lossyText).join(',')) : null,
  }
}

/** A magnet link that another client can use. @throws EngineError INTERNAL without any infohash */
export function magnetOf(
  torrent: Pick<Magnet, 'infoHashV1' | 'infoHashV2'> & Partial<Pick<Magnet, 'name' | 'trackers' | 'webSeeds'>>,
): string {
  const { infoHashV1, infoHashV2: v2, name = '', trackers = [], webSeeds = [] } = torrent
  if (!infoHashV1 && !v2) throw new EngineError('INTERNAL', 'bug', 'a magnet link without an infohash')
  const escaped = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, ''))
  return `magnet:?${[
    infoHashV1 && `xt=urn:btih:${toHex(infoHashV1)}`,
    v2 && `xt=urn:btmh:${SHA256_PREFIX}${toHex(v2)}`,
    name && `dn=${escaped(name)}`,
    ...trackers.map(url => `tr=${escaped(url)}`),
    ...webSeeds.map(url => `ws=${escaped(url)}`),
  ]
    .filter(Boolean)
    .join('&')}`
}

/** Multihash: SHA-256, 32 bytes. */
const SHA256_PREFIX = '1220'

/** Values by key, percent-decoded; `xt.1` counts as `xt`. Keys in lower case: some programs shout. */
function parametersOf(query: string): Map<string, Uint8Array[]> {
  const values = new Map<string, Uint8Array[]>()
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    if (equals < 0) continue
    const key = pair
      .slice(0, equals)
      .toLowerCase()
      .replace(/\.\d+$/, '')
    const known = values.get(key)
    const value = unescape(pair.slice(equals + 1))
    if (known) known.push(value)
    else values.set(key, [value])
  }
  return values
}

/** Bytes behind %xx and `+`; a `%` that escapes nothing stays. */
function unescape(text: string): Uint8Array {
  const bytes = utf8(text)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    const escaped = byte === 0x25 ? parseHexPair(bytes, at + 1) : -1
    if (escaped >= 0) at += 2
    bytes[length++] = escaped >= 0 ? escaped : byte === 0x2b ? 0x20 : byte
  }
  return bytes.subarray(0, length)
}

function parseHexPair(bytes: Uint8Array, at: number): number {
  const pair = String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0)
  return /^[0-9a-f]{2}$/i.test(pair) ? parseInt(pair, 16) : -1
}

/** The first of each kind counts; topics that are not BitTorrent's are ignored. */
function hashesOf(topics: readonly string[]): { infoHashV1: InfoHash | null; infoHashV2: InfoHashV2 | null } {
  let v1: InfoHash | null = null
  let v2: InfoHashV2 | null = null
  for (const topic of topics) {
    const [, kind = '', value = ''] = /^urn:(btih|btmh):(.*)$/is.exec(topic) ?? []
    if (/^btih$/i.test(kind)) v1 ??= parseV1(value)
    else if (kind !== '') v2 ??= parseV2(value)
  }
  if (!v1 && !v2) throw invalid('it names no torrent (xt=urn:btih:… or urn:btmh:…)')
  return { infoHashV1: v1, infoHashV2: v2 }
}

function parseV1(value: string): InfoHash {
  const bytes = value.length === 40 ? fromHex(value) : value.length === 32 ? fromBase32(value) : undefined
  if (!bytes) throw invalid('xt=urn:btih: needs 40 hexadecimal digits or 32 characters of base32')
  return infoHash(bytes)
}

function parseV2(value: string): InfoHashV2 {
  const bytes = value.length === 68 && value.startsWith(SHA256_PREFIX) ? fromHex(value.slice(4)) : undefined
  if (!bytes) throw invalid('xt=urn:btmh: needs 1220 and 64 hexadecimal digits')
  return infoHashV2(bytes)
}

/** RFC 4648, without padding, either case. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array((text.length * 5) >> 3)
  let bits = 0
  let held = 0
  let at = 0
  for (const char of text.toUpperCase()) {
    const digit = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(char)
    if (digit < 0) return undefined
    held = ((held << 5) | digit) & 0xfff
    bits += 5
    if (bits >= 8) bytes[at++] = held >> (bits -= 8)
  }
  return bytes
}

function urlsOf(values: readonly Uint8Array[], accept: (text: string) => string | undefined, limit: number): string[] {
  const urls = new Set<string>()
  for (const value of values) {
    if (urls.size === limit) break
    const url = accept(lossyText(value))
    if (url !== undefined) urls.add(url)
  }
  return Array.from(urls)
}

/** `1.2.3.4:6881`, `[2001:db8::1]:6881` or `host.example:6881`. */
function isEndpoint(text: string): boolean {
  const [, port = '0'] = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_.-]{1,253}):(\d{1,5})$/i.exec(text) ?? []
  return Number(port) > 0 && Number(port) < 65_536
}

/**
 * BEP 53: `0,2,4-6` as ascending indices, each once; bad parts are left out. Bounded by the files that a torrent may have,
 * whatever a range claims; ranges are merged before they are counted out.
 */
function indicesOf(text: string): number[] {
  const ranges = Array.from(text.matchAll(/(?<=^|,)(\d{1,10})(?:-(\d{1,10}))?(?=,|$)/g), ([, first, last = first]) => ({
    first: Number(first),
    last: Math.min(Number(last), LIMITS.metainfo.files - 1),
  })).sort((a, b) => a.first - b.first)
  const indices: number[] = []
  let next = 0
  for (const { first, last } of ranges) {
    for (next = Math.max(next, first); next <= last; next++) indices.push(next)
  }
  return indices
}

const invalid = (what: string) =>
  new EngineError('MAGNET_INVALID', 'input', `Not a valid magnet link: ${what}. Copy the whole link again.`)
