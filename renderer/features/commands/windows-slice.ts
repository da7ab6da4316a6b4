import { createSlice, type PayloadAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import type { State } from '#renderer/engine/state.ts'

/** What lies over the window; one at a time. The add sheet is not here: it opens by its requests. */
export type Sheet =
  | { readonly kind: 'remove'; readonly ids: readonly TorrentId[]; readonly data: 'keep' | 'delete' }
  | { readonly kind: 'link' }
  | { readonly kind: 'palette' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'settings' }

export const DETAILS_TABS = ['overview', 'files', 'peers', 'trackers', 'pieces'] as const
export type DetailsTab = (typeof DETAILS_TABS)[number]

export interface WindowsState {
  readonly sheet: Sheet | null
  readonly details: boolean
  readonly detailsTab: DetailsTab
  readonly sidebar: boolean
  /** A phone, or a window as narrow as one: details are a page of their own and the sidebar a drawer. */
  readonly isNarrow: boolean
  /** The details page of a narrow window. */
  readonly page: boolean
  readonly drawer: boolean
}

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly windows: WindowsState
  }
}

const initialState: WindowsState = {
  sheet: null,
  details: true,
  detailsTab: 'overview',
  sidebar: true,
  isNarrow: false,
  page: false,
  drawer: false,
}

export const windowsSlice = createSlice({
  name: 'windows',
  initialState,
  reducers: {
    sheetOpened: (state, { payload }: PayloadAction<Sheet>) => ({ ...state, sheet: payload, drawer: false }),
    sheetClosed: state => ({ ...state, sheet: null }),
    /** Without a tab the one that was open last. */
    detailsOpened: (state, { payload }: PayloadAction<DetailsTab | undefined>) => ({
      ...state,
      [state.isNarrow ? 'page' : 'details']: true,
      detailsTab: payload ?? state.detailsTab,
    }),
    detailsClosed: state => ({ ...state, [state.isNarrow ? 'page' : 'details']: false }),
    sidebarToggled: state => ({ ...state, sidebar: !state.sidebar }),
    narrowed: (state, { payload }: PayloadAction<boolean>) => ({
      ...state,
      isNarrow: payload,
      page: false,
      drawer: false,
    }),
    drawerMoved: (state, { payload }: PayloadAction<boolean>) => ({ ...state, drawer: payload }),
  },
})

export const { sheetOpened, sheetClosed, detailsOpened, detailsClosed, sidebarToggled, narrowed, drawerMoved } =
  windowsSlice.actions

/** Details are open for something; with nothing selected there is nothing to detail. */
export const selectHasDetails = ({ windows, selection }: State) =>
  selection.ids.length > 0 && (windows.isNarrow ? windows.page : windows.details)
