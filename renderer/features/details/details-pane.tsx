import { X } from 'lucide-react'
import { useEffect, type ComponentType } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { setDetailWatch } from '#renderer/engine/interest.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { formatPercent } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Tabs } from '#renderer/ui/tabs.tsx'
import { detailsClosed, detailsOpened, type DetailsTab } from '../commands/windows-slice.ts'
import { FilesTab } from '../files/files-tab.tsx'
import { OverviewTab } from '../overview/overview-tab.tsx'
import { SeveralOverview } from '../overview/several-overview.tsx'
import { PeersTab } from '../peers/peers-tab.tsx'
import { PiecesTab } from '../pieces/pieces-tab.tsx'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { StatusIcon } from '../torrents/status-icon.tsx'
import { statusOf } from '../torrents/status.ts'
import { TrackersTab } from '../trackers/trackers-tab.tsx'
import styles from './details-pane.module.css'
import { watchedParts } from './watched-parts.ts'

const TABS: readonly { readonly name: DetailsTab; readonly title: string }[] = [
  { name: 'overview', title: 'Overview' },
  { name: 'files', title: 'Files' },
  { name: 'peers', title: 'Peers' },
  { name: 'trackers', title: 'Trackers' },
  { name: 'pieces', title: 'Pieces' },
]

const WHAT: Record<DetailsTab, string> = {
  overview: 'facts',
  files: 'files',
  peers: 'peers',
  trackers: 'trackers',
  pieces: 'pieces',
}

/** What is known about the selected torrent; nothing is asked for but the open tab. */
export function DetailsPane() {
  const tab = useAppSelector(state => state.windows.detailsTab)
  const ids = useAppSelector(state => state.selection.ids)
  const dispatch = useAppDispatch()
  const only = ids.length === 1 ? ids[0] : undefined
  const Content = CONTENTS[tab]
  useDetailWatch(only, tab)
  return (
    <section className={styles.details} aria-label="Details">
      <Tabs
        label="Details"
        tabs={TABS}
        open={tab}
        onOpen={name => dispatch(detailsOpened(name))}
        aside={
          <div className={styles.aside}>
            {only !== undefined && <Who id={only} />}
            {ids.length > 1 && <span className={styles.name}>{plural(ids.length, 'torrent', 'torrents')}</span>}
            <Button look="plain" icon={X} hint="Close details" onClick={() => dispatch(detailsClosed())} />
          </div>
        }
      >
        {only === undefined ? <NotOne ids={ids} tab={tab} /> : <Content key={only} id={only} />}
      </Tabs>
    </section>
  )
}

function useDetailWatch(id: TorrentId | undefined, tab: DetailsTab): void {
  const hasMetadata = useAppSelector(state =>
    id === undefined ? false : (state.torrents.entities[id]?.hasMetadata ?? false),
  )
  useEffect(() => {
    setDetailWatch(id === undefined ? null : { id, parts: watchedParts(tab, hasMetadata) })
  }, [id, tab, hasMetadata])
  useEffect(() => () => setDetailWatch(null), [])
}

const CONTENTS: Record<DetailsTab, ComponentType<{ id: TorrentId }>> = {
  overview: OverviewTab,
  files: FilesTab,
  peers: PeersTab,
  trackers: TrackersTab,
  pieces: PiecesTab,
}

function NotOne({ ids, tab }: { ids: readonly TorrentId[]; tab: DetailsTab }) {
  if (ids.length === 0) return <p className={styles.note}>Select a torrent to see its {WHAT[tab]}.</p>
  if (tab === 'overview') return <SeveralOverview ids={ids} />
  return (
    <p className={styles.note}>
      {plural(ids.length, 'torrent', 'torrents')} selected. Select one to see its {WHAT[tab]}.
    </p>
  )
}

/** Name and state, because the list may have scrolled away. */
function Who({ id }: { id: TorrentId }) {
  const torrent = useAppSelector(state => state.torrents.entities[id])
  const progress = useAppSelector(state => state.stats[id]?.[STAT.progress] ?? 0)
  const connected = useAppSelector(state => (state.stats[id]?.[STAT.peers] ?? 0) + (state.stats[id]?.[STAT.seeds] ?? 0))
  if (!torrent) return null
  const view = statusOf(torrent, { checked: progress, connected })
  const saysHow = !torrent.hasMetadata || progress >= 1 || view.isProblem || torrent.status === 'checking'
  return (
    <>
      <CutName name={torrent.name} className={styles.name} />
      <span className={styles.state} title={view.detail || undefined}>
        <StatusIcon glyph={view.glyph} tone={view.tone} />
        <span className={view.isProblem ? styles[view.tone] : undefined}>
          {view.word}
          {!saysHow && ` ${formatPercent(progress)}`}
        </span>
      </span>
    </>
  )
}
