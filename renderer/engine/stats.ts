import type { UnknownAction } from '@reduxjs/toolkit'
import type { TorrentId } from '#engine/api/ids.ts'
import { STATS_COLUMNS, type StatsRow } from '#engine/api/model.ts'
import { frameReceived } from './frame-received.ts'

export type StatsState = Readonly<Record<TorrentId, StatsRow>>

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly stats: StatsState
  }
}

type Columns = typeof STATS_COLUMNS
/** `STAT.down` is the place of the column `down` in a `StatsRow`. */
export const STAT = Object.fromEntries(STATS_COLUMNS.map((name, place) => [name, place])) as {
  readonly [
    K in Exclude<keyof Columns, keyof (readonly unknown[])> as Columns[K]
  ]: K extends `${infer N extends number}` ? N : never
}

/** Numbers that move every tick: whole rows replaced, no drafts. */
export function statsReducer(state: StatsState = {}, action: UnknownAction): StatsState {
  if (!frameReceived.match(action)) return state
  const { full, stats, removed } = action.payload
  if (full) return Object.fromEntries(stats.map(row => [row[0], row]))
  if (stats.length === 0 && removed.length === 0) return state
  const next: Record<TorrentId, StatsRow> = { ...state }
  for (const id of removed) delete next[id]
  for (const row of stats) next[row[0]] = row
  return next
}
