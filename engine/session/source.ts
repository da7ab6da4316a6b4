import type { TorrentSource } from '#engine/api/commands.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import { addressClass } from '#engine/base/address-class.ts'
import { assertNever, EngineError } from '#engine/base/errors.ts'
import { toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { AddressRule } from '#engine/io/http.ts'
import type { Io } from '#engine/io/io.ts'
import { parseMagnet } from '#engine/metainfo/magnet.ts'
import { parseMetainfo } from '#engine/metainfo/metainfo.ts'
import type { Magnet, Metainfo } from '#engine/metainfo/types.ts'

/** What a source turned out to be. */
export type Parsed =
  | { readonly kind: 'file'; readonly id: TorrentId; readonly metainfo: Metainfo; readonly bytes: Uint8Array }
  | { readonly kind: 'magnet'; readonly id: TorrentId; readonly magnet: Magnet; readonly uri: string }

type SourceIo = Pick<Io, 'http' | 'hashes'>

/**
 * @param allowLocal whether an address may lead to this computer or its networks
 * @throws EngineError BENCODE_*, METAINFO_*, MAGNET_INVALID, SOURCE_UNRECOGNISED (input), HTTP_* and others (network)
 */
export async function readSource(
  io: SourceIo,
  source: TorrentSource,
  allowLocal: boolean,
  signal: AbortSignal,
): Promise<Parsed> {
  switch (source.kind) {
    case 'bytes':
      return parsedFile(source.bytes, io)
    case 'magnet':
      return parsedMagnet(source.uri)
    case 'url':
      if (/^magnet:/i.test(source.url)) return parsedMagnet(source.url)
      return parsedFile(await fetchTorrent(io, source.url, allowLocal, signal), io)
    default:
      return assertNever(source)
  }
}

export function parsedFile(bytes: Uint8Array, { hashes }: Pick<Io, 'hashes'>): Parsed {
  const metainfo = parseMetainfo(bytes, hashes)
  return { kind: 'file', id: torrentIdOf(metainfo), metainfo, bytes }
}

function parsedMagnet(text: string): Parsed {
  const magnet = parseMagnet(text)
  return { kind: 'magnet', id: torrentIdOf(magnet), magnet, uri: text }
}

const torrentIdOf = (of: Pick<Metainfo, 'infoHashV1' | 'infoHashV2'>): TorrentId =>
  toHex(of.infoHashV1 ?? of.infoHashV2 ?? new Uint8Array(20))

async function fetchTorrent(io: SourceIo, url: string, allowLocal: boolean, signal: AbortSignal): Promise<Uint8Array> {
  if (!/^https?:\/\//i.test(url)) {
    throw new EngineError(
      'SOURCE_UNRECOGNISED',
      'input',
      'This is neither a .torrent file, a magnet link nor an http address.',
    )
  }
  const { torrentBytes, redirects, totalMs, silentMs } = LIMITS.http
  const response = await io.http.get(
    {
      url,
      maxBytes: torrentBytes,
      maxRedirects: redirects,
      totalMs,
      silentMs,
      allow: addressRule(allowLocal || isPlainFile(url)),
    },
    signal,
  )
  if (response.status !== 200) {
    throw new EngineError(
      'HTTP_STATUS',
      'network',
      `The server answered ${response.status} instead of a .torrent file.`,
    )
  }
  return response.body
}

/**
 * A user may fetch a file from a machine of the own network; an address with a query could do something there.
 * (With the setting `allowLocalTrackers` that is allowed as well.)
 */
function isPlainFile(address: string): boolean {
  const { pathname, search } = new URL(address)
  return search === '' && /\.torrent$/i.test(pathname)
}

/** Whoever was sent to a public address is not led on to a local one. */
function addressRule(allowLocal: boolean): AddressRule {
  let wasPublic = false
  return ({ address }) => {
    const kind = addressClass(address)
    if (kind === 'public') wasPublic = true
    return kind === 'public' || (kind === 'local' && allowLocal && !wasPublic)
  }
}

/** Why this cannot be added, as a sentence; `undefined` when it can. */
export const refusalOf = (parsed: Parsed): string | undefined =>
  (parsed.kind === 'file' ? parsed.metainfo : parsed.magnet).infoHashV1
    ? undefined
    : 'BitTorrent v2-only torrents can be inspected, not downloaded by this version.'
