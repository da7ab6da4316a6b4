import type { UnknownAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import type { TorrentDetail } from '#engine/api/model.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import type { State } from '#renderer/engine/state.ts'

/** Slow facts of the torrent whose details are open; null until told. */
export type OverviewState = TorrentDetail | null

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly overview: OverviewState
  }
}

export function overviewReducer(state: OverviewState = null, action: UnknownAction): OverviewState {
  if (!frameReceived.match(action)) return state
  const { detail, full } = action.payload
  return detail?.overview ?? (full ? null : state)
}

/** What another torrent left behind is nothing. */
export const selectOverview = (state: State, id: TorrentId) => (state.overview?.id === id ? state.overview : undefined)
