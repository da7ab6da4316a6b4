/** What is remembered across restarts, as records: their types, versions and the model that they add up to. */
import { decodeMessage, encodeMessage } from '#engine/api/codec.ts'
import { assertNever } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { FileStamp, Intent, TorrentResume } from '#engine/torrent/types.ts'
import type { RawRecord } from './framing.ts'

/** Everything about one torrent but its .torrent file, which lies at `torrents/<id>.torrent` unless `magnet` is set. */
export interface StoredTorrent {
  readonly id: TorrentId
  /** Text of the magnet link while its metadata is missing. */
  readonly magnet: string | null
  readonly savePath: string
  readonly addedAt: number
  readonly intent: Intent
  readonly sequential: boolean
  readonly limitDown: number
  readonly limitUp: number
  readonly trackers: readonly (readonly string[])[]
  readonly trackersByUser: boolean
  readonly skipCheck: boolean
  readonly stopAfterMetadata: boolean
  readonly resume: TorrentResume | null
}

/** What can change by a command. */
export type StoredChanges = Partial<
  Pick<
    StoredTorrent,
    'magnet' | 'intent' | 'sequential' | 'limitDown' | 'limitUp' | 'trackers' | 'trackersByUser' | 'savePath'
  >
>

export type Counters = Omit<TorrentResume, 'have' | 'priorities' | 'inPartFile' | 'stamps' | 'clean'>

export type StateRecord =
  /** Opens a snapshot: how many torrents follow. */
  | { readonly kind: 'snapshot'; readonly torrents: number }
  | { readonly kind: 'torrent'; readonly torrent: StoredTorrent }
  | { readonly kind: 'removed'; readonly id: TorrentId }
  /** Its files may be written from here on: older stamps are a lower bound. */
  | { readonly kind: 'unclean'; readonly id: TorrentId }
  | { readonly kind: 'change'; readonly id: TorrentId; readonly changes: StoredChanges }
  | { readonly kind: 'queue'; readonly order: readonly TorrentId[] }
  | { readonly kind: 'pieces'; readonly id: TorrentId; readonly pieceCount: number; readonly pieces: readonly number[] }
  | { readonly kind: 'counters'; readonly id: TorrentId; readonly counters: Counters }
  | { readonly kind: 'resume'; readonly id: TorrentId; readonly resume: TorrentResume }

const VERSION = 1
const KINDS = ['snapshot', 'torrent', 'removed', 'change', 'queue', 'pieces', 'counters', 'resume', 'unclean'] as const

export const encodeRecord = (record: StateRecord): RawRecord => ({
  version: VERSION,
  type: KINDS.indexOf(record.kind),
  payload: encodeMessage(plainOf(record)),
})

function plainOf(record: StateRecord): unknown {
  if (record.kind === 'resume') return { ...record, resume: plainResume(record.resume) }
  if (record.kind !== 'torrent') return record
  const { resume } = record.torrent
  return { ...record, torrent: { ...record.torrent, resume: resume && plainResume(resume) } }
}

const plainResume = (resume: TorrentResume) => ({
  ...resume,
  stamps: resume.stamps && resume.stamps.map(stamp => (stamp ? [stamp.size, stamp.mtimeMs] : null)),
})

/** The record, or `undefined` when it is of a kind or version that this program does not know. */
export function parseRecord(raw: RawRecord): StateRecord | undefined {
  const kind = KINDS[raw.type]
  if (raw.version !== VERSION || !kind) return undefined
  let body: unknown
  try {
    body = decodeMessage(raw.payload)
  } catch {
    return undefined
  }
  return isObject(body) ? shaped(kind, body) : undefined
}

type Body = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'
const isCount = (value: unknown): value is number => isNumber(value) && value >= 0
const isIndex = (value: unknown): value is number => isCount(value) && Number.isInteger(value)
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean'
const isIntent = (value: unknown): value is Intent => value === 'run' || value === 'pause'
const isId = (value: unknown): value is TorrentId => isText(value) && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(value)
const isListOf = <T>(value: unknown, isOne: (item: unknown) => item is T): value is T[] =>
  Array.isArray(value) && value.every(isOne)
const isTexts = (value: unknown): value is string[] => isListOf(value, isText)
const orNull = <T>(value: unknown, isOne: (item: unknown) => item is T): value is T | null =>
  value === null || isOne(value)
const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array

function shaped(kind: (typeof KINDS)[number], body: Body): StateRecord | undefined {
  switch (kind) {
    case 'snapshot':
      return isIndex(body.torrents) ? { kind, torrents: body.torrents } : undefined
    case 'torrent': {
      const torrent = isObject(body.torrent) && torrentOf(body.torrent)
      return torrent ? { kind, torrent } : undefined
    }
    case 'queue':
      return isListOf(body.order, isId) ? { kind, order: body.order } : undefined
    default:
      return isId(body.id) ? ofTorrent(kind, body.id, body) : undefined
  }
}

function ofTorrent(
  kind: 'removed' | 'unclean' | 'change' | 'pieces' | 'counters' | 'resume',
  id: TorrentId,
  body: Body,
): StateRecord | undefined {
  switch (kind) {
    case 'removed':
    case 'unclean':
      return { kind, id }
    case 'change': {
      const changes = isObject(body.changes) && changesOf(body.changes)
      return changes ? { kind, id, changes } : undefined
    }
    case 'pieces': {
      const { pieceCount, pieces } = body
      if (!isIndex(pieceCount) || pieceCount > LIMITS.metainfo.pieces || !isListOf(pieces, isIndex)) return undefined
      return pieces.every(piece => piece < pieceCount) ? { kind, id, pieceCount, pieces } : undefined
    }
    case 'counters': {
      const counters = isObject(body.counters) && countersOf(body.counters)
      return counters ? { kind, id, counters } : undefined
    }
    case 'resume': {
      const resume = isObject(body.resume) && resumeOf(body.resume)
      return resume ? { kind, id, resume } : undefined
    }
    default:
      return assertNever(kind)
  }
}

function torrentOf(body: Body): StoredTorrent | undefined {
  const { id, magnet, savePath, addedAt, skipCheck, stopAfterMetadata } = body
  const changes = changesOf(body)
  const resume = isObject(body.resume) ? resumeOf(body.resume) : null
  if (!isId(id) || !orNull(magnet, isText) || !isText(savePath) || !isNumber(addedAt)) return undefined
  if (!changes || resume === undefined || !isFlag(skipCheck) || !isFlag(stopAfterMetadata)) return undefined
  const { intent, sequential, limitDown, limitUp, trackers, trackersByUser } = changes
  if (intent === undefined || sequential === undefined || limitDown === undefined || limitUp === undefined)
    return undefined
  if (!trackers || trackersByUser === undefined) return undefined
  const fixed = { id, magnet, savePath, addedAt, skipCheck, stopAfterMetadata, resume }
  return { ...fixed, intent, sequential, limitDown, limitUp, trackers, trackersByUser }
}

/** `undefined` when a value is of the wrong shape; absent ones are left out. */
function changesOf(body: Body): StoredChanges | undefined {
  const { magnet, intent, sequential, limitDown, limitUp, trackers, trackersByUser, savePath } = body
  const isGood =
    (magnet === undefined || orNull(magnet, isText)) &&
    (intent === undefined || isIntent(intent)) &&
    (sequential === undefined || isFlag(sequential)) &&
    (limitDown === undefined || isCount(limitDown)) &&
    (limitUp === undefined || isCount(limitUp)) &&
    (trackers === undefined || isListOf(trackers, isTexts)) &&
    (trackersByUser === undefined || isFlag(trackersByUser)) &&
    (savePath === undefined || isText(savePath))
  if (!isGood) return undefined
  return {
    ...(magnet !== undefined && { magnet }),
    ...(intent !== undefined && { intent }),
    ...(sequential !== undefined && { sequential }),
    ...(limitDown !== undefined && { limitDown }),
    ...(limitUp !== undefined && { limitUp }),
    ...(trackers !== undefined && { trackers }),
    ...(trackersByUser !== undefined && { trackersByUser }),
    ...(savePath !== undefined && { savePath }),
  }
}

function countersOf(body: Body): Counters | undefined {
  const { downloaded, uploaded, corrupt, redundant, activeSeconds, seedingSeconds, completedAt, peers } = body
  if (!isCount(downloaded) || !isCount(uploaded) || !isCount(corrupt) || !isCount(redundant)) return undefined
  if (!isCount(activeSeconds) || !isCount(seedingSeconds)) return undefined
  if (!orNull(completedAt, isNumber) || !isTexts(peers)) return undefined
  return { downloaded, uploaded, corrupt, redundant, activeSeconds, seedingSeconds, completedAt, peers }
}

function resumeOf(body: Body): TorrentResume | undefined {
  const { have, priorities, inPartFile, clean } = body
  const counters = countersOf(body)
  if (!counters || !orNull(have, isBytes) || !orNull(priorities, isBytes) || !orNull(inPartFile, isBytes))
    return undefined
  if (!isFlag(clean)) return undefined
  const stamps = body.stamps === null ? null : Array.isArray(body.stamps) ? body.stamps.map(stampOf) : undefined
  // Views on what was read would keep the whole journal in memory.
  const kept = { have: have && have.slice(), priorities: priorities && priorities.slice() }
  return stamps === undefined
    ? undefined
    : { ...counters, ...kept, clean, inPartFile: inPartFile && inPartFile.slice(), stamps }
}

function stampOf(value: unknown): FileStamp | undefined {
  if (!Array.isArray(value)) return undefined
  const [size, mtimeMs] = value as unknown[]
  return isNumber(size) && isNumber(mtimeMs) ? { size, mtimeMs } : undefined
}
