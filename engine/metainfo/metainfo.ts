import { utf8 } from '#engine/base/bytes.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { infoHash, infoHashV2, toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { type BencodeDict, readDict, readDictPrefix } from '#engine/bencode/reader.ts'
import { checkPath, type FileList, pathCost } from './file-table.ts'
import { reconcile } from './hybrid.ts'
import { type ParsedFiles, parseFilesV1 } from './info-v1.ts'
import { parseFilesV2 } from './info-v2.ts'
import { MERKLE_BLOCK } from './merkle.ts'
import { parsePieceLayers } from './piece-layers.ts'
import { invalid, located, tooLarge } from './problems.ts'
import { displayName, displayText, safeElement } from './safe-path.ts'
import { parseSources, tiersOf } from './sources.ts'
import type { Metainfo } from './types.ts'
import { trackerUrl, webSeedUrl } from './urls.ts'

/** What the info dictionary alone says. */
type Info = Omit<
  Metainfo,
  'trackers' | 'webSeeds' | 'nodes' | 'listed' | 'comment' | 'createdBy' | 'creationDate' | 'pieceLayers' | 'warnings'
>

/** Seconds: as far as a JavaScript date reaches. Some makers write milliseconds, which stay as they are. */
const LAST_SECOND = 8_640_000_000_000

const V1_HASH = 20

/**
 * A .torrent file: v1, v2 or hybrid (BEP 3, 5, 12, 17, 19, 27, 47, 52). Infohashes are of the raw info dictionary.
 * `pieceHashes`, `infoBytes` and layers are views of `bytes`, which must not change afterwards.
 *
 * @throws EngineError BENCODE_SYNTAX, BENCODE_LIMIT, METAINFO_INVALID, METAINFO_LIMIT; blame `input`
 */
export function parseMetainfo(bytes: Uint8Array, hashes: Hashes): Metainfo {
  return located(0, () => parseFile(bytes, hashes))
}

function parseFile(bytes: Uint8Array, hashes: Hashes): Metainfo {
  if (bytes.length > LIMITS.metainfo.bytes) throw tooLarge(`its file has ${bytes.length} bytes`)
  const warnings: string[] = []
  const { dict: torrent, end } = readDictPrefix(bytes)
  // Several makers end the file with a line break.
  if (end < bytes.length) warnings.push(`${bytes.length - end} bytes after the end of the torrent file were ignored.`)
  const dict = torrent.optionalDict('info')
  if (!dict) throw invalid('it has no info dictionary')
  const info = located(torrent.document.offset(dict.token), () => parseInfoDict(dict, torrent.span('info')!, hashes))
  const { listed, nodes, ...sources } = parseSources(torrent, info.files.count > 1)
  if (listed.trackers.length > sources.trackers.flat().length)
    warnings.push('Trackers that cannot be used were ignored.')
  if (listed.webSeeds.length > sources.webSeeds.length) warnings.push('Web seeds that cannot be used were ignored.')
  const creationDate = torrent.optionalInt('creation date') ?? 0
  return {
    ...info,
    ...sources,
    // BEP 27: peers of a private torrent come from its trackers only.
    nodes: info.private ? [] : nodes,
    listed,
    comment: textOf(torrent, 'comment'),
    createdBy: textOf(torrent, 'created by'),
    creationDate: creationDate > 0 && creationDate <= LAST_SECOND ? creationDate : null,
    pieceLayers: info.infoHashV2 ? parsePieceLayers(torrent, info.files, info.pieceLength, hashes) : new Map(),
    warnings,
  }
}

/**
 * A torrent of which only the info dictionary is known: a magnet link's, from peers (BEP 9).
 * @param infoBytes kept, must not change
 * @param extras what the link says; unusable URLs are left out, each plain tracker is a tier of its own
 * @throws EngineError as `parseMetainfo`
 */
export function parseInfo(
  infoBytes: Uint8Array,
  hashes: Hashes,
  extras: {
    readonly trackers: readonly (string | readonly string[])[]
    readonly webSeeds: readonly string[]
  },
): Metainfo {
  const info = parseInfoDict(readDict(infoBytes), infoBytes, hashes)
  const tiers = extras.trackers.map(tier => (typeof tier === 'string' ? [tier] : tier))
  return {
    ...info,
    trackers: tiersOf(tiers, trackerUrl),
    // BEP 27: whoever wrote the link is not the tracker of a private torrent.
    webSeeds: info.private ? [] : tiersOf([extras.webSeeds], webSeedUrl).flat(),
    nodes: [],
    comment: '',
    createdBy: '',
    creationDate: null,
    pieceLayers: new Map(),
    warnings: [],
  }
}

/**
 * The path of each file by its index, element by element as the torrent spells it, the torrent's name first where there
 * are several files: what a web server knows the files by. Never for the disk. It keeps the parsed dictionary alive, so it
 * is made where it is needed.
 * @param infoBytes of a torrent that was accepted
 */
export function spelledPaths(infoBytes: Uint8Array): (index: number) => readonly Uint8Array[] {
  const info = readDict(infoBytes)
  const name = rawNameOf(info)
  const parsed = parseFilesV1(info, name) ?? parseFilesV2(info, pieceLengthOf(info))
  if (!parsed) throw invalid('it has neither piece hashes nor a file tree')
  const { isSingle, elementsOf } = parsed
  return isSingle ? elementsOf : index => [name, ...elementsOf(index)]
}

function parseInfoDict(info: BencodeDict, infoBytes: Uint8Array, hashes: Hashes): Info {
  const rawName = rawNameOf(info)
  checkPath(1, pathCost(rawName))
  const pieceLength = pieceLengthOf(info)
  const v1 = parseFilesV1(info, rawName)
  const v2 = parseFilesV2(info, pieceLength)
  const parsed = v1 ?? v2
  if (!parsed) throw invalid('it has neither piece hashes nor a file tree')
  if (v2 && (pieceLength < MERKLE_BLOCK || !Number.isInteger(Math.log2(pieceLength)))) {
    throw invalid(`its piece length of ${pieceLength} bytes is no power of two from ${MERKLE_BLOCK} on`)
  }
  if (v1 && v2) reconcile(v1, v2, pieceLength)
  if (parsed.files.contentLength === 0) throw invalid('its files are all empty')
  const pieceCount = v1 ? Math.ceil(v1.end / pieceLength) : piecesOf(parsed.files, pieceLength)
  if (pieceCount > LIMITS.metainfo.pieces) throw tooLarge(`more than ${LIMITS.metainfo.pieces} pieces`)

  const infoHashes = {
    infoHashV1: v1 ? infoHash(hashes.sha1(infoBytes)) : null,
    infoHashV2: v2 ? infoHashV2(hashes.sha256(infoBytes)) : null,
  }
  const fallback = toHex(infoHashes.infoHashV1 ?? infoHashes.infoHashV2!)
  const topFolder = parsed.isSingle ? '' : safeElement(rawName) || fallback
  return {
    kind: v1 && v2 ? 'hybrid' : v1 ? 'v1' : 'v2',
    ...infoHashes,
    name: displayName(parsed.isSingle ? parsed.elementsOf(0)[0]! : rawName) || fallback,
    topFolder,
    pieceLength,
    pieceCount,
    spaceLength: parsed.end,
    totalSize: parsed.files.contentLength,
    pieceHashes: v1 ? pieceHashesOf(info, pieceCount) : new Uint8Array(0),
    files: parsed.files.table(topFolder, elementsWithFallback(parsed, fallback)),
    private: (info.optionalInt('private') ?? 0) !== 0,
    infoBytes,
  }
}

function rawNameOf(info: BencodeDict): Uint8Array {
  const name = info.optionalBytes('name.utf-8') ?? info.optionalBytes('name')
  if (!name || name.length === 0) throw invalid('it has no name')
  return name
}

function pieceLengthOf(info: BencodeDict): number {
  const pieceLength = info.optionalInt('piece length')
  if (pieceLength === undefined || pieceLength < LIMITS.metainfo.pieceLengthMin)
    throw invalid('it has no valid piece length')
  if (pieceLength > LIMITS.metainfo.pieceLengthMax) throw tooLarge(`pieces of ${pieceLength} bytes`)
  return pieceLength
}

function pieceHashesOf(info: BencodeDict, pieceCount: number): Uint8Array {
  const pieces = info.optionalBytes('pieces')
  if (!pieces) throw invalid('its piece hashes are missing')
  if (pieces.length === pieceCount * V1_HASH) return pieces
  throw invalid(
    `it has ${pieces.length} bytes of piece hashes for ${pieceCount} pieces, which take ${pieceCount * V1_HASH}`,
  )
}

/** v2: every file begins a piece. */
function piecesOf(files: FileList, pieceLength: number): number {
  let count = 0
  for (let index = 0; index < files.count; index++) count += Math.ceil(files.length(index) / pieceLength)
  return count
}

/** A single file whose name has nothing usable in it is named by its infohash, as a folder would be. */
function elementsWithFallback({ isSingle, elementsOf }: ParsedFiles, fallback: string): ParsedFiles['elementsOf'] {
  if (!isSingle || safeElement(elementsOf(0)[0]!) !== '') return elementsOf
  return () => [utf8(fallback)]
}

const textOf = (torrent: BencodeDict, key: string): string =>
  displayText(torrent.optionalBytes(`${key}.utf-8`) ?? torrent.optionalBytes(key) ?? new Uint8Array(0))
