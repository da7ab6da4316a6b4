import { configureStore } from '@reduxjs/toolkit'
import { connectionSlice } from '#renderer/engine/connection-slice.ts'
import { sessionReducer, settingsReducer } from '#renderer/engine/session.ts'
import { statsReducer } from '#renderer/engine/stats.ts'
import type { State } from '#renderer/engine/state.ts'
import { torrentsSlice } from '#renderer/engine/torrents-slice.ts'
import { addRequestsSlice } from '#renderer/features/add/add-requests.ts'
import { filesReducer } from '#renderer/features/files/files-slice.ts'
import { overviewReducer } from '#renderer/features/overview/overview-slice.ts'
import { peersReducer } from '#renderer/features/peers/peers-slice.ts'
import { trackersReducer } from '#renderer/features/trackers/trackers-slice.ts'

/** Every reducer, by name; a missing one does not compile. */
const reducer = {
  connection: connectionSlice.reducer,
  torrents: torrentsSlice.reducer,
  stats: statsReducer,
  session: sessionReducer,
  settings: settingsReducer,
  addRequests: addRequestsSlice.reducer,
  overview: overviewReducer,
  files: filesReducer,
  peers: peersReducer,
  trackers: trackersReducer,
}

export function createStore() {
  const store = configureStore({
    reducer,
    // Frames are thousands of rows: the development checks would walk through all of them.
    middleware: getDefault => getDefault({ serializableCheck: false, immutableCheck: false }),
    devTools: false,
  })
  return store satisfies { getState(): State }
}
