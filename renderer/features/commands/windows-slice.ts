import { createSlice, type PayloadAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'

/** What lies over the window; one at a time. The add sheet is not here: it opens by its requests. */
export type Sheet =
  | { readonly kind: 'remove'; readonly ids: readonly TorrentId[]; readonly data: 'keep' | 'delete' }
  | { readonly kind: 'link' }
  | { readonly kind: 'palette' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'settings' }

export type DetailsTab = 'overview' | 'files' | 'peers' | 'trackers' | 'pieces'

export interface WindowsState {
  readonly sheet: Sheet | null
  readonly details: boolean
  readonly detailsTab: DetailsTab
  readonly sidebar: boolean
  /** The sidebar laid over a narrow window. */
  readonly drawer: boolean
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly windows: WindowsState
  }
}

const initialState: WindowsState = { sheet: null, details: true, detailsTab: 'overview', sidebar: true, drawer: false }

export const windowsSlice = createSlice({
  name: 'windows',
  initialState,
  reducers: {
    sheetOpened: (state, { payload }: PayloadAction<Sheet>) => ({ ...state, sheet: payload, drawer: false }),
    sheetClosed: state => ({ ...state, sheet: null }),
    /** Without a tab the one that was open last. */
    detailsOpened: (state, { payload }: PayloadAction<DetailsTab | undefined>) => ({
      ...state,
      details: true,
      detailsTab: payload ?? state.detailsTab,
    }),
    detailsClosed: state => ({ ...state, details: false }),
    sidebarToggled: state => ({ ...state, sidebar: !state.sidebar }),
    drawerMoved: (state, { payload }: PayloadAction<boolean>) => ({ ...state, drawer: payload }),
  },
})

export const { sheetOpened, sheetClosed, detailsOpened, detailsClosed, sidebarToggled, drawerMoved } =
  windowsSlice.actions
