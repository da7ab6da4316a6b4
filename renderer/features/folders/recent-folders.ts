import { createSelector } from '@reduxjs/toolkit'
import type { State } from '#renderer/engine/state.ts'

const MOST = 8

/** Where torrents go: the download folder, then the folders of the torrents added last. */
export const selectRecentFolders = createSelector(
  [(state: State) => state.torrents.entities, (state: State) => state.settings?.downloadFolder ?? ''],
  (torrents, downloadFolder): readonly string[] => {
    const rows = Object.values(torrents).toSorted((a, b) => b.addedAt - a.addedAt)
    const folders = new Set([downloadFolder, ...rows.map(row => row.savePath)].filter(Boolean))
    return [...folders].slice(0, MOST)
  },
)
