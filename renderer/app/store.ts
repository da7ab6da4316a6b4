import { configureStore } from '@reduxjs/toolkit'
import { connectionSlice } from '#renderer/engine/connection-slice.ts'
import { sessionReducer, settingsReducer } from '#renderer/engine/session.ts'
import { statsReducer } from '#renderer/engine/stats.ts'
import type { State } from '#renderer/engine/state.ts'
import { torrentsSlice } from '#renderer/engine/torrents-slice.ts'
import { addRequestsSlice } from '#renderer/features/add/add-requests.ts'

/** Every reducer, by name; a missing one does not compile. */
const reducer = {
  connection: connectionSlice.reducer,
  torrents: torrentsSlice.reducer,
  stats: statsReducer,
  session: sessionReducer,
  settings: settingsReducer,
  addRequests: addRequestsSlice.reducer,
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
