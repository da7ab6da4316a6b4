import { createSelector, createSlice, type PayloadAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import type { State } from '#renderer/engine/state.ts'

/** By torrent, so it survives sorting and filtering. */
export interface SelectionState {
  readonly ids: readonly TorrentId[]
  /** The row that keys move from, and the one whose details are shown. */
  readonly cursor: TorrentId | null
  /** Where a range begins. */
  readonly anchor: TorrentId | null
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly selection: SelectionState
  }
}

const initialState: SelectionState = { ids: [], cursor: null, anchor: null }

/** only: this one · toggle: in or out · range: from the anchor to here · move: the cursor goes, the selection stays */
export type PickMode = 'only' | 'toggle' | 'range' | 'move'

export const selectionSlice = createSlice({
  name: 'selection',
  initialState,
  reducers: {
    /** `order` is the list as shown; a range is cut out of it. */
    picked: (
      state,
      { payload: { id, mode, order } }: PayloadAction<{ id: TorrentId; mode: PickMode; order: readonly TorrentId[] }>,
    ): SelectionState => {
      switch (mode) {
        case 'only':
          return { ids: [id], cursor: id, anchor: id }
        case 'move':
          return { ...state, cursor: id }
        case 'toggle': {
          const ids = state.ids.includes(id) ? state.ids.filter(other => other !== id) : [...state.ids, id]
          return { ids, cursor: id, anchor: id }
        }
        default: {
          const anchor = state.anchor ?? state.cursor ?? id
          const from = order.indexOf(anchor)
          const to = order.indexOf(id)
          if (from < 0 || to < 0) return { ids: [id], cursor: id, anchor: id }
          return { ids: order.slice(Math.min(from, to), Math.max(from, to) + 1), cursor: id, anchor }
        }
      }
    },
    allPicked: (state, { payload }: PayloadAction<readonly TorrentId[]>): SelectionState => ({
      ids: payload,
      cursor: state.cursor ?? payload[0] ?? null,
      anchor: state.anchor ?? payload[0] ?? null,
    }),
  },
  extraReducers: builder => {
    builder.addCase(frameReceived, (state, { payload: { full, rows, removed } }): SelectionState | void => {
      if (state.cursor === null && state.ids.length === 0) return
      if (!full && removed.length === 0) return
      const present = full ? new Set(rows.map(row => row.id)) : undefined
      const gone = new Set(removed)
      const stays = (id: TorrentId) => (present ? present.has(id) : !gone.has(id))
      const kept = (id: TorrentId | null) => (id !== null && stays(id) ? id : null)
      return { ids: state.ids.filter(stays), cursor: kept(state.cursor), anchor: kept(state.anchor) }
    })
  },
})

export const { picked, allPicked } = selectionSlice.actions

export const selectSelected: (state: State) => ReadonlySet<TorrentId> = createSelector(
  [(state: State) => state.selection.ids],
  ids => new Set(ids),
)
