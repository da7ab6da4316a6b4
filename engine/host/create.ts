import { lstat } from 'node:fs/promises'
import { EngineError } from '#engine/base/errors.ts'
import { toHex } from '#engine/base/ids.ts'
import { fileChanged, hashPieces } from '#engine/io/node/piece-hasher.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { buildInfo, buildTorrent, type InfoDraft, type PieceHashes } from '#engine/metainfo/build.ts'
import { magnetOf } from '#engine/metainfo/magnet.ts'
import { parseInfo, parseMetainfo } from '#engine/metainfo/metainfo.ts'
import { chosenPieceLength, inTorrentOrder, isPieceLength, placeFiles } from '#engine/metainfo/piece-plan.ts'
import type { TorrentKind } from '#engine/metainfo/piece-plan.ts'
import { listedUrl, trackerUrl, webSeedUrl } from '#engine/metainfo/urls.ts'
import { findFiles, type FoundFile, inBatches, type LeftOut } from './create-plan.ts'
import { version } from './version.ts'

export { isPieceLength }
export const TORRENT_KINDS: readonly TorrentKind[] = ['v1', 'v2', 'hybrid']

/** WebSocket trackers serve peers in browsers; we write them down for those. */
export const isTrackerUrl = (text: string): boolean =>
  trackerUrl(text) === text || (/^wss?:\/\//i.test(text) && listedUrl(text) === text)
export const isWebSeedUrl = (text: string): boolean => webSeedUrl(text) !== undefined

export interface CreateChoice {
  readonly kind: TorrentKind
  /** Bytes; `undefined`: as fits the size. */
  readonly pieceLength: number | undefined
  readonly private: boolean
  /** '' for none. */
  readonly source: string
  /** Asked for files and folders: path below the top, with `/`. */
  excludes(path: string): boolean
}

/** A torrent whose files are known and not yet read. */
export interface CreatePlan {
  readonly draft: InfoDraft
  /** As `draft.files`. */
  readonly files: readonly FoundFile[]
  readonly leftOut: readonly LeftOut[]
  /** Paths that this and other clients store under another name on some system: seeding from here would miss them. */
  readonly renamed: readonly string[]
  /** Bytes. */
  readonly totalSize: number
}

/** What goes around the info dictionary. */
export interface CreateExtras {
  /** BEP 12. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly comment: string
  /** Seconds since 1970; null for a file that is the same every time. */
  readonly creationDate: number | null
}

export interface CreatedTorrent {
  /** The .torrent file. */
  readonly bytes: Uint8Array
  /** Hex. */
  readonly infohashV1: string | null
  readonly infohashV2: string | null
  readonly magnet: string
}

/**
 * Looks at what a torrent is to be made of, and makes sure that clients will read it, before hours are spent on hashing.
 * @throws EngineError as `findFiles`; INVALID_INPUT when clients would refuse the torrent
 */
export async function planTorrent(path: string, choice: CreateChoice, signal: AbortSignal): Promise<CreatePlan> {
  const { name, files: found, leftOut } = await findFiles(path, file => choice.excludes(file), signal)
  const files = inTorrentOrder(found)
  const totalSize = files.reduce((sum, { length }) => sum + length, 0)
  const { kind, private: isPrivate, source, pieceLength = chosenPieceLength(totalSize) } = choice
  const plan = placeFiles(files, kind, pieceLength)
  const draft: InfoDraft = { name, kind, pieceLength, files, plan, private: isPrivate, source }
  return { draft, files, leftOut, renamed: renamedOf(draft), totalSize }
}

/** Reads the torrent as it will be, with hashes of nothing. */
function renamedOf(draft: InfoDraft): string[] {
  try {
    const { infoBytes } = buildInfo(draft, blankHashes(draft), nodeHashes)
    const { files, topFolder } = parseInfo(infoBytes, nodeHashes, { trackers: [], webSeeds: [] })
    const read: string[] = []
    for (let index = 0; index < files.count; index++)
      if (!files.attributes(index).padding)
        read.push(files.path(index).slice(topFolder === '' ? 0 : topFolder.length + 1))
    return draft.files
      .map(({ path }) => (path.length > 0 ? path.join('/') : draft.name))
      .filter((path, at) => path !== read[at])
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.blame !== 'input') throw thrown
    const advice = 'Try larger pieces, fewer files or shorter names'
    throw new EngineError('INVALID_INPUT', 'input', `Clients would refuse this torrent. ${advice}. ${thrown.message}`, {
      cause: thrown,
    })
  }
}

function blankHashes({ kind, plan }: InfoDraft): PieceHashes {
  const sizeOf = (isWanted: boolean, length: number) => (isWanted ? plan.pieceCount * length : 0)
  return { v1: new Uint8Array(sizeOf(kind !== 'v2', 20)), v2: new Uint8Array(sizeOf(kind !== 'v1', 32)).fill(1) }
}

/**
 * Reads and hashes everything.
 * @param onProgress bytes that were hashed so far
 * @throws EngineError DISK_CHANGED, DISK_*, naming the file; ABORTED
 */
export async function createTorrent(
  { draft, files }: CreatePlan,
  extras: CreateExtras,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<CreatedTorrent> {
  const { kind, pieceLength, plan } = draft
  const toHash = plan.placed.flatMap(({ index, offset, length }) => {
    const file = files[index]
    return file && length > 0 ? [{ path: file.place, offset, length, mtimeMs: file.mtimeMs }] : []
  })
  const { spaceLength, pieceCount } = plan
  const wanted = { wantsV1: kind !== 'v2', wantsV2: kind !== 'v1' }
  const hashes = await hashPieces(
    { files: toHash, pieceLength, pieceCount, spaceLength, ...wanted },
    onProgress,
    signal,
  )
  await checkUnchanged(files, signal)
  const isFolder = files[0]?.path.length !== 0
  const bytes = buildTorrent(buildInfo(draft, hashes, nodeHashes), {
    ...extras,
    // BEP 19: of a folder it is the address that paths are put behind.
    webSeeds: extras.webSeeds.map(url => (isFolder && !url.endsWith('/') ? `${url}/` : url)),
    createdBy: `Freshet ${version}`,
  })
  const made = parseMetainfo(bytes, nodeHashes)
  return {
    bytes,
    infohashV1: made.infoHashV1 && toHex(made.infoHashV1),
    infohashV2: made.infoHashV2 && toHex(made.infoHashV2),
    magnet: magnetOf({ ...made, trackers: extras.trackers.flat(), webSeeds: made.webSeeds }),
  }
}

/** Also what was changed after its last piece was read. */
const checkUnchanged = (files: readonly FoundFile[], signal: AbortSignal): Promise<void> =>
  inBatches(files, signal, async ({ place, length, mtimeMs }) => {
    const found = await lstat(place).catch(() => undefined)
    if (found?.isFile() !== true || found.size !== length || found.mtimeMs !== mtimeMs) throw fileChanged(place)
  })
