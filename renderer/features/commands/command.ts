import { createSelector, type Dispatch } from '@reduxjs/toolkit'
import type { LucideIcon } from 'lucide-react'
import type { TorrentRow } from '#engine/api/model.ts'
import type { State } from '#renderer/engine/state.ts'
import { selectVisibleIds } from '../torrents/visible-ids.ts'
import type { Services } from '../services.ts'

export interface CommandContext extends Services {
  readonly state: State
  readonly dispatch: Dispatch
  /** What commands on torrents act upon: the selected ones that are in sight. */
  readonly targets: readonly TorrentRow[]
}

/** Defined once; menus, toolbar, palette, shortcuts and tooltips are made from it. */
export interface Command {
  readonly id: string
  readonly label: string
  readonly icon?: LucideIcon
  /** "Mod+Shift+H"; see lib/keys.ts. */
  readonly keys?: string
  /** selection: on torrents, and its keys work in the list · app: everywhere, also while typing */
  readonly scope: 'selection' | 'app'
  /** The key is somebody else's to listen for (the list, the paste event); here it is only shown. */
  readonly isKeyElsewhere?: boolean
  readonly isDangerous?: boolean
  /** Other words that find it in the palette. */
  readonly also?: string
  /** Why it cannot be run, as a sentence; undefined when it can. */
  unavailable?(context: CommandContext): string | undefined
  run(context: CommandContext): void | Promise<void>
}

/** The selected torrents that the filter shows: what nobody sees is not acted upon. */
const selectTargets: (state: State) => readonly TorrentRow[] = createSelector(
  [(state: State) => state.selection.ids, selectVisibleIds, (state: State) => state.torrents.entities],
  (ids, visible, rows) => {
    if (ids.length === 0) return []
    const selected = new Set(ids)
    return visible.flatMap(id => (selected.has(id) ? (rows[id] ?? []) : []))
  },
)

export function contextOf(state: State, dispatch: Dispatch, services: Services): CommandContext {
  return { ...services, state, dispatch, targets: selectTargets(state) }
}

export const idsOf = ({ targets }: CommandContext) => targets.map(torrent => torrent.id)
