import type { AddTorrent } from '#engine/api/commands.ts'
import type { Settings } from '#engine/api/settings.ts'
import { parseEndpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { parseMagnet } from '#engine/metainfo/magnet.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import type { TorrentSpec } from '#engine/torrent/types.ts'
import { freshResume } from './state/model.ts'
import type { StoredTorrent } from './state/records.ts'
import { isAbsolutePath } from './settings.ts'
import type { Parsed } from './source.ts'

/** What is remembered of a torrent that a user adds. @throws EngineError INVALID_INPUT */
export function storedOf(parsed: Parsed, input: AddTorrent, settings: Settings, addedAt: number): StoredTorrent {
  const savePath = input.savePath ?? settings.downloadFolder
  if (!isAbsolutePath(savePath)) {
    throw new EngineError('INVALID_INPUT', 'input', `The folder must be a full path, and "${savePath}" is not.`)
  }
  return {
    id: parsed.id,
    magnet: parsed.kind === 'magnet' ? parsed.uri : null,
    savePath,
    addedAt,
    intent: (input.start ?? settings.startAdded) ? 'run' : 'pause',
    sequential: input.sequential ?? false,
    limitDown: 0,
    limitUp: 0,
    trackers: trackersOf(parsed),
    trackersByUser: false,
    skipCheck: input.skipCheck ?? false,
    stopAfterMetadata: input.stopAfterMetadata ?? false,
    resume: parsed.kind === 'file' ? resumeOf(parsed.metainfo, input) : null,
  }
}

/** A magnet's trackers are equals, but each is asked: every one is a tier of its own. */
export const trackersOf = (parsed: Parsed): readonly (readonly string[])[] =>
  parsed.kind === 'file' ? parsed.metainfo.trackers : parsed.magnet.trackers.map(url => [url])

function resumeOf({ files }: Metainfo, { priorities }: AddTorrent) {
  if (!priorities || priorities.length === 0) return null
  const bytes = new Uint8Array(files.count).fill(2)
  for (const [file, priority] of priorities) {
    if (file >= files.count) {
      throw new EngineError('INVALID_INPUT', 'input', `There is no file ${file}: the torrent has ${files.count}.`)
    }
    bytes[file] = priority
  }
  return freshResume(bytes)
}

/** @param metainfo null while a magnet's is missing */
export function specOf(stored: StoredTorrent, metainfo: Metainfo | null): TorrentSpec {
  const magnet = metainfo || stored.magnet === null ? null : parseMagnet(stored.magnet)
  const { id, trackers, savePath, addedAt, intent, sequential, limitDown, limitUp, trackersByUser, resume } = stored
  return {
    id,
    metainfo,
    magnet,
    trackers,
    savePath,
    addedAt,
    intent,
    sequential,
    limitDown,
    limitUp,
    trackersByUser,
    // Once something was found out about the data, that counts.
    skipCheck: stored.skipCheck && !resume?.have,
    stopAfterMetadata: stored.stopAfterMetadata && !metainfo,
    peers: (magnet?.peers ?? []).flatMap(text => parseEndpoint(text) ?? []),
    resume,
  }
}

/** Tiers of both, each tracker once: what is new comes behind. */
export function mergedTiers(
  old: readonly (readonly string[])[],
  more: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const known = new Set(old.flat())
  const added = more.map(tier => tier.filter(url => !known.has(url))).filter(tier => tier.length > 0)
  return added.length === 0 ? old : [...old, ...added]
}
