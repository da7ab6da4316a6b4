import { configureStore } from '@reduxjs/toolkit'
import { connectionSlice } from '#renderer/engine/connection-slice.ts'
import { sessionReducer, settingsReducer } from '#renderer/engine/session.ts'
import { statsReducer } from '#renderer/engine/stats.ts'
import type { State } from '#renderer/engine/state.ts'
import { torrentsSlice } from '#renderer/engine/torrents-slice.ts'
import { addRequestsSlice } from '#renderer/features/add/add-requests.ts'
import { windowsSlice } from '#renderer/features/commands/windows-slice.ts'
import { filesReducer } from '#renderer/features/files/files-slice.ts'
import { filterSlice } from '#renderer/features/filters/filter-slice.ts'
import { overviewReducer } from '#renderer/features/overview/overview-slice.ts'
import { peersReducer } from '#renderer/features/peers/peers-slice.ts'
import { toastsSlice } from '#renderer/features/toasts/toasts-slice.ts'
import { selectionSlice } from '#renderer/features/torrents/selection-slice.ts'
import { sortSlice } from '#renderer/features/torrents/sort-slice.ts'
import { trackersReducer } from '#renderer/features/trackers/trackers-slice.ts'
import { readPreferences } from './preferences.ts'

/** Every reducer, by name; a missing one does not compile. */
const reducer = {
  connection: connectionSlice.reducer,
  torrents: torrentsSlice.reducer,
  stats: statsReducer,
  session: sessionReducer,
  settings: settingsReducer,
  filter: filterSlice.reducer,
  selection: selectionSlice.reducer,
  sort: sortSlice.reducer,
  windows: windowsSlice.reducer,
  toasts: toastsSlice.reducer,
  addRequests: addRequestsSlice.reducer,
  overview: overviewReducer,
  files: filesReducer,
  peers: peersReducer,
  trackers: trackersReducer,
}

export function createStore() {
  const preloadedState = readPreferences()
  const store = configureStore({
    reducer,
    ...(preloadedState && { preloadedState }),
    // Frames are thousands of rows: the development checks would walk through all of them.
    middleware: getDefault => getDefault({ serializableCheck: false, immutableCheck: false }),
    devTools: false,
  })
  return store satisfies { getState(): State }
}
