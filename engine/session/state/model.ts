import { assertNever } from '#engine/base/errors.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { TorrentResume } from '#engine/torrent/types.ts'
import type { StateRecord, StoredTorrent } from './records.ts'

/** All torrents in queue order. */
export type StateModel = Map<TorrentId, StoredTorrent>

const NOTHING_YET: TorrentResume = {
  have: null,
  priorities: null,
  inPartFile: null,
  stamps: null,
  clean: false,
  downloaded: 0,
  uploaded: 0,
  corrupt: 0,
  redundant: 0,
  activeSeconds: 0,
  seedingSeconds: 0,
  completedAt: null,
  peers: [],
}

/** What is remembered of a torrent that has not run yet; `priorities` has one byte per file, null = all normal. */
export const freshResume = (priorities: Uint8Array | null): TorrentResume => ({ ...NOTHING_YET, priorities })

/** Moves the model by one record. A record about a torrent that is not there changes nothing. */
export function applyRecord(model: StateModel, record: StateRecord): void {
  switch (record.kind) {
    case 'snapshot':
      return
    case 'torrent':
      model.set(record.torrent.id, record.torrent)
      return
    case 'removed':
      model.delete(record.id)
      return
    case 'unclean':
      return update(model, record.id, torrent => ({
        ...torrent,
        resume: torrent.resume && { ...torrent.resume, clean: false },
      }))
    case 'queue':
      return reorder(model, record.order)
    case 'change':
      return update(model, record.id, torrent => ({ ...torrent, ...record.changes }))
    case 'resume':
      return update(model, record.id, torrent => ({ ...torrent, resume: record.resume }))
    case 'counters':
      return update(model, record.id, torrent => ({
        ...torrent,
        resume: { ...(torrent.resume ?? NOTHING_YET), ...record.counters },
      }))
    case 'pieces':
      return update(model, record.id, torrent => {
        const resume = torrent.resume ?? NOTHING_YET
        const have = withPieces(resume.have, record.pieceCount, record.pieces)
        return { ...torrent, resume: { ...resume, have, clean: false } }
      })
    default:
      return assertNever(record)
  }
}

function update(model: StateModel, id: TorrentId, change: (torrent: StoredTorrent) => StoredTorrent): void {
  const torrent = model.get(id)
  if (torrent) model.set(id, change(torrent))
}

/** Those named come first, in that order; whoever is not named keeps its place behind them. */
function reorder(model: StateModel, order: readonly TorrentId[]): void {
  const named = order.flatMap(id => model.get(id) ?? [])
  const all = new Map([...named, ...model.values()].map(torrent => [torrent.id, torrent]))
  model.clear()
  for (const torrent of all.values()) model.set(torrent.id, torrent)
}

function withPieces(have: Uint8Array | null, pieceCount: number, pieces: readonly number[]): Uint8Array {
  const bytes = new Uint8Array((pieceCount + 7) >>> 3)
  if (have?.length === bytes.length) bytes.set(have)
  for (const piece of pieces) bytes[piece >>> 3]! |= 0x80 >>> (piece & 7)
  return bytes
}
