import { createSlice, type PayloadAction } from '@reduxjs/toolkit'

export const SORT_KEYS = [
  'queue',
  'name',
  'size',
  'progress',
  'state',
  'down',
  'up',
  'eta',
  'ratio',
  'swarm',
  'added',
  'tracker',
] as const
export type SortKey = (typeof SORT_KEYS)[number]

export interface SortState {
  readonly key: SortKey
  readonly descending: boolean
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly sort: SortState
  }
}

/** Where the first click shows the most interesting end. */
const DESCENDING_FIRST: ReadonlySet<SortKey> = new Set(['size', 'down', 'up', 'ratio', 'swarm', 'added'])

const initialState: SortState = { key: 'queue', descending: false }

export const sortSlice = createSlice({
  name: 'sort',
  initialState,
  reducers: {
    sorted: (state, { payload: key }: PayloadAction<SortKey>) => ({
      key,
      descending: state.key === key ? !state.descending : DESCENDING_FIRST.has(key),
    }),
  },
})

export const { sorted } = sortSlice.actions
