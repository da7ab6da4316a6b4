import { createEntityAdapter, createSlice, type EntityState } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import type { TorrentRow } from '#engine/api/model.ts'
import { frameReceived } from './frame-received.ts'

export type TorrentsState = EntityState<TorrentRow, TorrentId>

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly torrents: TorrentsState
  }
}

const adapter = createEntityAdapter<TorrentRow>()

/** Identity and slow fields. What moves every second is in `stats`. */
export const torrentsSlice = createSlice({
  name: 'torrents',
  initialState: adapter.getInitialState(),
  reducers: {},
  extraReducers: builder => {
    builder.addCase(frameReceived, (state, { payload: { full, rows, removed } }) => {
      if (full) adapter.setAll(state, rows)
      else {
        if (removed.length > 0) adapter.removeMany(state, removed)
        if (rows.length > 0) adapter.setMany(state, rows)
      }
    })
  },
})
