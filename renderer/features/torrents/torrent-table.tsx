import { useCallback, useMemo } from 'react'
import { ContextMenu } from '#renderer/ui/menu.tsx'
import { useToken } from '#renderer/ui/use-token.ts'
import { VirtualTable, type Reach } from '#renderer/ui/virtual-table.tsx'
import { CommandItems } from '../commands/command-items.tsx'
import { commandNamed } from '../commands/registry.ts'
import { useRunCommand } from '../commands/use-commands.ts'
import { detailsOpened } from '../commands/windows-slice.ts'
import { useAppDispatch, useAppSelector, useAppStore } from '../services.ts'
import { COLUMNS } from './columns.ts'
import { allPicked, picked, selectSelected } from './selection-slice.ts'
import { sorted, type SortKey } from './sort-slice.ts'
import { TorrentCard, TorrentRow } from './torrent-row.tsx'
import { selectVisibleIds } from './visible-ids.ts'
import styles from './torrent-row.module.css'

const MENU = [
  ['resume', 'pause', 'open'],
  ['announce', 'recheck', 'cancel-check', 'sequential'],
  ['queue-top', 'queue-up', 'queue-down', 'queue-bottom'],
  ['copy-magnet', 'copy-name', 'copy-hash', 'copy-path', 'export'],
  ['remove', 'remove-data'],
] as const

const renderRow = (id: string) => <TorrentRow id={id} />
const renderCard = (id: string) => <TorrentCard id={id} />

export function TorrentTable() {
  const store = useAppStore()
  const dispatch = useAppDispatch()
  const run = useRunCommand()
  const ids = useAppSelector(selectVisibleIds)
  const selected = useAppSelector(selectSelected)
  const cursor = useAppSelector(state => state.selection.cursor)
  const sort = useAppSelector(state => state.sort)
  const isNarrow = useAppSelector(state => state.windows.isNarrow)
  const rowHeight = useToken('--h-row', 28)
  const cardHeight = useToken('--h-card', 60)

  const onReach = useCallback(
    (id: string, mode: Reach) => {
      const state = store.getState()
      const { ids: before } = state.selection
      // A finger has no second button and no double click: pressing what is selected opens it.
      if (state.windows.isNarrow && mode === 'only' && before.length === 1 && before[0] === id) {
        dispatch(detailsOpened())
      }
      dispatch(picked({ id, mode, order: selectVisibleIds(state) }))
    },
    [dispatch, store],
  )
  const onOpen = useCallback(() => run(commandNamed('open')), [run])
  const onSort = useCallback((key: SortKey) => dispatch(sorted(key)), [dispatch])
  const menu = useMemo(() => <CommandItems groups={MENU} />, [])

  return (
    <ContextMenu menu={menu}>
      {/* The menu key opens at the focused row, since that is where the event comes from. */}
      <div className={styles.frame} data-region="list">
        <h1 className={styles.unseen}>Torrents</h1>
        <VirtualTable
          label="Torrents"
          columns={COLUMNS}
          ids={ids}
          rowHeight={isNarrow ? cardHeight : rowHeight}
          row={isNarrow ? renderCard : renderRow}
          rowClassName={isNarrow ? styles.cardRow : styles.row}
          hasHead={!isNarrow}
          textOf={id => store.getState().torrents.entities[id]?.name ?? ''}
          selected={selected}
          cursor={cursor}
          sort={sort}
          onSort={onSort}
          onReach={onReach}
          onAll={() => dispatch(allPicked(ids))}
          onOpen={onOpen}
        />
      </div>
    </ContextMenu>
  )
}
