import { useLayoutEffect } from 'react'
import { drawerMoved, narrowed, selectHasDetails } from '#renderer/features/commands/windows-slice.ts'
import { DetailsPane } from '#renderer/features/details/details-pane.tsx'
import { Sidebar } from '#renderer/features/filters/sidebar.tsx'
import { useAppDispatch, useAppSelector } from '#renderer/features/services.ts'
import { StatusBar } from '#renderer/features/status-bar/status-bar.tsx'
import { BottomBar, PageBar, Toolbar, TopBar } from '#renderer/features/toolbar/toolbar.tsx'
import { EmptyList } from '#renderer/features/torrents/empty-list.tsx'
import { TorrentTable } from '#renderer/features/torrents/torrent-table.tsx'
import { selectVisibleIds } from '#renderer/features/torrents/visible-ids.ts'
import { classNames } from '#renderer/lib/class-names.ts'
import { Drawer } from '#renderer/ui/drawer.tsx'
import { SplitPane } from '#renderer/ui/split-pane.tsx'
import { useMedia } from '#renderer/ui/use-media.ts'
import { ConnectionBanner } from '#renderer/features/toasts/connection-banner.tsx'
import styles from './layout.module.css'

/** One window or one phone: the same parts, put elsewhere. */
export function Layout() {
  const dispatch = useAppDispatch()
  const isNarrow = useMedia('(max-width: 719px)')
  useLayoutEffect(() => void dispatch(narrowed(isNarrow)), [dispatch, isNarrow])
  return isNarrow ? <Phone /> : <Window />
}

function Window() {
  const hasSidebar = useAppSelector(state => state.windows.sidebar)
  const hasDetails = useAppSelector(selectHasDetails)
  return (
    <div className={classNames(styles.window, !hasSidebar && styles.wide)}>
      <Toolbar />
      {hasSidebar && (
        <div className={styles.sidebar}>
          <Sidebar />
        </div>
      )}
      <main className={styles.main}>
        <ConnectionBanner />
        <SplitPane
          id="list-and-details"
          label="Height of the details"
          top={<List />}
          bottom={
            hasDetails ? (
              <div className={styles.details} data-region="details">
                <DetailsPane />
              </div>
            ) : undefined
          }
        />
      </main>
      <StatusBar />
    </div>
  )
}

function Phone() {
  const dispatch = useAppDispatch()
  const hasDrawer = useAppSelector(state => state.windows.drawer)
  const hasDetails = useAppSelector(selectHasDetails)
  return (
    <div className={styles.phone}>
      {hasDetails ? (
        <>
          <PageBar />
          <div className={styles.page} data-region="details">
            <DetailsPane />
          </div>
        </>
      ) : (
        <>
          <TopBar />
          <main className={styles.main}>
            <ConnectionBanner />
            <List />
          </main>
          <BottomBar />
        </>
      )}
      <Drawer label="Filters" isOpen={hasDrawer} onClose={() => dispatch(drawerMoved(false))}>
        <Sidebar onChosen={() => dispatch(drawerMoved(false))} />
      </Drawer>
    </div>
  )
}

function List() {
  const hasAny = useAppSelector(state => selectVisibleIds(state).length > 0)
  const isKnown = useAppSelector(state => state.connection.hasFrame)
  // Before the first frame nobody knows whether the list is empty.
  if (!isKnown) return <div className={styles.unknown} aria-busy="true" />
  return hasAny ? <TorrentTable /> : <EmptyList />
}
