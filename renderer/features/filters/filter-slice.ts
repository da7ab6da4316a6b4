import { createSlice, type PayloadAction } from '@reduxjs/toolkit'
import type { Group } from '../torrents/status.ts'

/** What the sidebar and the query bar narrow the list to; null and '' narrow nothing. */
export interface FilterState {
  readonly group: Group | null
  /** A host, or '' for torrents without a tracker. */
  readonly tracker: string | null
  readonly query: string
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly filter: FilterState
  }
}

const initialState: FilterState = { group: null, tracker: null, query: '' }

export const filterSlice = createSlice({
  name: 'filter',
  initialState,
  reducers: {
    groupChosen: (state, { payload }: PayloadAction<Group | null>) => ({ ...state, group: payload, tracker: null }),
    trackerChosen: (state, { payload }: PayloadAction<string>) => ({
      ...state,
      tracker: state.tracker === payload ? null : payload,
    }),
    queryTyped: (state, { payload }: PayloadAction<string>) => ({ ...state, query: payload }),
    cleared: () => initialState,
  },
})

export const { groupChosen, trackerChosen, queryTyped, cleared: filterCleared } = filterSlice.actions
