/** Piece maps as typed arrays outside Redux: thousands of bytes that a canvas reads, with a version that says when. */
import { useSyncExternalStore } from 'react'
import type { PiecesFrame } from '#engine/api/frame.ts'
import type { TorrentId } from '#engine/api/ids.ts'

/** Read only, and replaced as an object (not as bytes) whenever `version` rises. */
export interface PieceMap {
  readonly id: TorrentId
  readonly version: number
  readonly pieceCount: number
  /** One byte a piece: `PIECE`, its flags and how much arrived. Changed in place. */
  readonly states: Uint8Array
  /** Copies among connected peers, one byte a piece; empty until told. */
  readonly availability: Uint8Array
  /** Indexes that changed with this version, or null: all of them. */
  readonly changed: readonly number[] | null
}

// One torrent is watched at a time, so one map is all that is kept.
let map: PieceMap | undefined
const listeners = new Set<() => void>()
const NOTHING = new Uint8Array(0)

export function applyPieces(id: TorrentId, frame: PiecesFrame): void {
  const before = map?.id === id && map.pieceCount === frame.pieceCount ? map : undefined
  const states = frame.states ?? before?.states
  // Changes to a map we were never given mean that this one is not ours: the full one is on its way.
  if (!states) return
  const changed: number[] = []
  for (let at = 0; at + 1 < frame.changes.length; at += 2) {
    const piece = frame.changes[at] ?? 0
    if (piece < states.length) states[piece] = frame.changes[at + 1] ?? 0
    changed.push(piece)
  }
  map = {
    id,
    version: (before?.version ?? 0) + 1,
    pieceCount: frame.pieceCount,
    states,
    availability: frame.availability ?? before?.availability ?? NOTHING,
    changed: frame.states || frame.availability ? null : changed,
  }
  for (const listener of listeners) listener()
}

export function forgetPieces(): void {
  map = undefined
  for (const listener of listeners) listener()
}

export const pieceMapOf = (id: TorrentId) => (map?.id === id ? map : undefined)

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** The map of a torrent whose pieces are being watched; undefined until the engine has sent it. */
export function usePieceMap(id: TorrentId): PieceMap | undefined {
  return useSyncExternalStore(subscribe, () => pieceMapOf(id))
}
