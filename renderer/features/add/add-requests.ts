import { createSlice, nanoid, type PayloadAction } from '@reduxjs/toolkit'
import type { TorrentSource } from '#engine/api/commands.ts'

/** One thing to add; `id` finds its source, whose bytes have no place in Redux. */
export interface AddRequest {
  readonly id: string
  readonly name: string
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly addRequests: readonly AddRequest[]
  }
}

const sources = new Map<string, TorrentSource>()

export const addRequestsSlice = createSlice({
  name: 'addRequests',
  initialState: [] as readonly AddRequest[],
  reducers: {
    requested: {
      prepare: (given: readonly { name: string; source: TorrentSource }[]) => ({
        payload: given.map(({ name, source }) => {
          const id = nanoid()
          sources.set(id, source)
          return { id, name }
        }),
      }),
      reducer: (state, { payload }: PayloadAction<readonly AddRequest[]>) => [...state, ...payload],
    },
    settled: {
      prepare: (ids: readonly string[]) => {
        for (const id of ids) sources.delete(id)
        return { payload: ids }
      },
      reducer: (state, { payload }: PayloadAction<readonly string[]>) =>
        state.filter(request => !payload.includes(request.id)),
    },
  },
})

/** Asks for the add sheet. More while it is open join it. */
export const { requested: addRequested, settled: addSettled } = addRequestsSlice.actions

/** Undefined once settled. */
export const sourceOf = (id: string) => sources.get(id)
