import {
  ClipboardPaste,
  FilePlus,
  FilterX,
  Keyboard,
  Link,
  PanelBottom,
  PanelLeft,
  Search,
  Settings,
  SquareTerminal,
} from 'lucide-react'
import { addRequested } from '../add/add-requests.ts'
import { sourcesInText } from '../drop/sources.ts'
import { filterCleared } from '../filters/filter-slice.ts'
import { allPicked } from '../torrents/selection-slice.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { selectVisibleIds } from '../torrents/visible-ids.ts'
import type { Command, CommandContext } from './command.ts'
import { focusQuery, focusRegion } from './regions.ts'
import {
  detailsClosed,
  detailsOpened,
  selectHasDetails,
  sheetOpened,
  sidebarToggled,
  type DetailsTab,
} from './windows-slice.ts'

const TABS: readonly (readonly [DetailsTab, string])[] = [
  ['overview', 'Overview'],
  ['files', 'Files'],
  ['peers', 'Peers'],
  ['trackers', 'Trackers'],
  ['pieces', 'Pieces'],
]

const needsTorrents = ({ state }: CommandContext) =>
  state.torrents.ids.length === 0 ? 'There are no torrents' : undefined

export const appCommands: readonly Command[] = [
  {
    id: 'add-file',
    label: 'Add file…',
    icon: FilePlus,
    keys: 'Mod+O',
    scope: 'app',
    also: 'open torrent',
    run: async ({ platform, dispatch }) => {
      const files = await platform.pickTorrents()
      if (files.length === 0) return
      dispatch(addRequested(files.map(({ name, bytes }) => ({ name, source: { kind: 'bytes', bytes } }))))
    },
  },
  {
    id: 'add-link',
    label: 'Add link or hash…',
    icon: Link,
    keys: 'Mod+U',
    scope: 'app',
    also: 'magnet url',
    run: ({ dispatch }) => void dispatch(sheetOpened({ kind: 'link' })),
  },
  {
    id: 'paste',
    label: 'Add from the clipboard',
    icon: ClipboardPaste,
    keys: 'Mod+V',
    isKeyElsewhere: true,
    scope: 'app',
    also: 'paste magnet link',
    run: async ({ platform, dispatch }) => {
      const sources = sourcesInText(await platform.readClipboard())
      // Nothing there, or not allowed to look: the sheet has a field to paste into.
      dispatch(sources.length > 0 ? addRequested(sources) : sheetOpened({ kind: 'link' }))
    },
  },
  {
    id: 'toggle-all',
    label: 'Pause or resume all',
    keys: 'Mod+.',
    scope: 'app',
    unavailable: needsTorrents,
    run: async ({ engine, state, dispatch }) => {
      const rows = Object.values(state.torrents.entities)
      const running = rows.filter(row => row.status !== 'paused' && row.status !== 'done' && row.status !== 'stopping')
      const ids = (running.length > 0 ? running : rows).map(row => row.id)
      await engine.call(running.length > 0 ? 'torrents.pause' : 'torrents.resume', { ids })
      dispatch(toastShown(running.length > 0 ? 'Paused everything' : 'Resumed everything'))
    },
  },
  {
    id: 'select-all',
    label: 'Select all',
    keys: 'Mod+A',
    isKeyElsewhere: true,
    scope: 'selection',
    unavailable: needsTorrents,
    run: ({ state, dispatch }) => void dispatch(allPicked(selectVisibleIds(state))),
  },
  {
    id: 'select-others',
    label: 'Invert the selection',
    keys: 'Mod+Shift+A',
    scope: 'selection',
    unavailable: needsTorrents,
    run: ({ state, dispatch }) => {
      const selected = new Set(state.selection.ids)
      dispatch(allPicked(selectVisibleIds(state).filter(id => !selected.has(id))))
    },
  },
  {
    id: 'find',
    label: 'Filter the list',
    icon: Search,
    keys: 'Mod+F',
    scope: 'app',
    also: 'search find query',
    run: focusQuery,
  },
  {
    id: 'clear-filter',
    label: 'Show all torrents',
    icon: FilterX,
    scope: 'app',
    also: 'clear filter',
    unavailable: ({ state: { filter } }) =>
      filter.group === null && filter.tracker === null && filter.query === '' ? 'Nothing is filtered' : undefined,
    run: ({ dispatch }) => void dispatch(filterCleared()),
  },
  {
    id: 'sidebar',
    label: 'Show or hide the sidebar',
    icon: PanelLeft,
    keys: 'Mod+B',
    scope: 'app',
    run: ({ dispatch }) => void dispatch(sidebarToggled()),
  },
  {
    id: 'details',
    label: 'Show or hide details',
    icon: PanelBottom,
    keys: 'Mod+J',
    scope: 'app',
    run: ({ state, dispatch }) => void dispatch(selectHasDetails(state) ? detailsClosed() : detailsOpened()),
  },
  ...TABS.map(([tab, name], place): Command => ({
    id: `details-${tab}`,
    label: `Details: ${name}`,
    keys: `Mod+${place + 1}`,
    scope: 'app',
    // A browser keeps these for its own tabs.
    unavailable: ({ platform, state }) =>
      state.selection.cursor === null
        ? 'Select a torrent first'
        : platform.kind === 'web' && selectHasDetails(state) && state.windows.detailsTab === tab
          ? 'It is open'
          : undefined,
    run: ({ dispatch }) => void dispatch(detailsOpened(tab)),
  })),
  {
    id: 'next-region',
    label: 'Next part of the window',
    keys: 'F6',
    scope: 'app',
    run: () => focusRegion(1),
  },
  {
    id: 'previous-region',
    label: 'Previous part of the window',
    keys: 'Shift+F6',
    scope: 'app',
    run: () => focusRegion(-1),
  },
  {
    id: 'messages',
    label: 'Go to the messages',
    keys: 'F8',
    scope: 'app',
    unavailable: ({ state }) => (state.toasts.length === 0 ? 'There are no messages' : undefined),
    run: () => document.querySelector<HTMLElement>('[data-region=toasts] button')?.focus(),
  },
  {
    id: 'palette',
    label: 'All commands…',
    icon: SquareTerminal,
    keys: 'Mod+K',
    scope: 'app',
    run: ({ dispatch }) => void dispatch(sheetOpened({ kind: 'palette' })),
  },
  {
    id: 'settings',
    label: 'Preferences…',
    icon: Settings,
    keys: 'Mod+,',
    scope: 'app',
    also: 'settings options',
    run: ({ dispatch }) => void dispatch(sheetOpened({ kind: 'settings' })),
  },
  {
    id: 'shortcuts',
    label: 'Keyboard shortcuts',
    icon: Keyboard,
    keys: 'F1',
    scope: 'app',
    also: 'help keys ?',
    run: ({ dispatch }) => void dispatch(sheetOpened({ kind: 'shortcuts' })),
  },
]
