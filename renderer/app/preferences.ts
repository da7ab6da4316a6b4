import type { SortState } from '#renderer/features/torrents/sort-slice.ts'
import { SORT_KEYS, sortSlice } from '#renderer/features/torrents/sort-slice.ts'
import { DETAILS_TABS, windowsSlice, type WindowsState } from '#renderer/features/commands/windows-slice.ts'
import type { State } from '#renderer/engine/state.ts'

const KEY = 'freshet.view'

interface Kept {
  readonly sort: SortState
  readonly windows: WindowsState
}

/** What of the view survives a restart, or undefined when there is nothing or it makes no sense. */
export function readPreferences(): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Partial<Record<string, unknown>> | null
    if (!kept) return undefined
    const sort = sortSlice.getInitialState()
    const windows = windowsSlice.getInitialState()
    const key = SORT_KEYS.find(known => known === kept['sortKey'])
    return {
      sort: key ? { key, descending: kept['descending'] === true } : sort,
      windows: {
        ...windows,
        details: kept['details'] !== false,
        detailsTab: DETAILS_TABS.find(known => known === kept['detailsTab']) ?? windows.detailsTab,
        sidebar: kept['sidebar'] !== false,
      },
    }
  } catch {
    return undefined
  }
}

/** Writes it down whenever it changes. */
export function keepPreferences(store: { getState(): State; subscribe(listener: () => void): unknown }): void {
  let last = ''
  store.subscribe(() => {
    const { sort, windows } = store.getState()
    const text = JSON.stringify({
      sortKey: sort.key,
      descending: sort.descending,
      details: windows.details,
      detailsTab: windows.detailsTab,
      sidebar: windows.sidebar,
    })
    if (text === last) return
    last = text
    try {
      localStorage.setItem(KEY, text)
    } catch {
      // A full or forbidden storage costs the memory of the view, nothing else.
    }
  })
}
