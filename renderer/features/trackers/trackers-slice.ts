import type { UnknownAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import type { FinderRow, TrackerRow } from '#engine/api/model.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import type { State } from '#renderer/engine/state.ts'

/** Trackers of the torrent whose Trackers tab is open; null until told. */
export type TrackersState = {
  readonly id: TorrentId
  readonly trackers: readonly TrackerRow[]
  readonly finders: readonly FinderRow[]
} | null

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly trackers: TrackersState
  }
}

export function trackersReducer(state: TrackersState = null, action: UnknownAction): TrackersState {
  if (!frameReceived.match(action)) return state
  const { detail, full } = action.payload
  if (detail?.trackers) return { id: detail.id, trackers: detail.trackers, finders: detail.finders ?? [] }
  return full ? null : state
}

export const selectTrackers = (state: State, id: TorrentId) => (state.trackers?.id === id ? state.trackers : undefined)
