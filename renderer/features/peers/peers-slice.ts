import type { UnknownAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import type { PeerRow } from '#engine/api/model.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import type { State } from '#renderer/engine/state.ts'

/** Connected peers of the torrent whose Peers tab is open; null until told. */
export type PeersState = { readonly id: TorrentId; readonly peers: readonly PeerRow[] } | null

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly peers: PeersState
  }
}

export function peersReducer(state: PeersState = null, action: UnknownAction): PeersState {
  if (!frameReceived.match(action)) return state
  const { detail, full } = action.payload
  if (detail?.peers) return { id: detail.id, peers: detail.peers }
  return full ? null : state
}

export const selectPeers = (state: State, id: TorrentId) => (state.peers?.id === id ? state.peers.peers : undefined)
