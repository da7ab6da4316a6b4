import { Gauge, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { TorrentRow as Torrent } from '#engine/api/model.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { classNames } from '#renderer/lib/class-names.ts'
import { DASH, formatBytes, formatDate, formatRate } from '#renderer/lib/format.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { useAppSelector } from '../services.ts'
import { CardRate, EtaCell, Progress, RateCell, RatioCell, SizeCell, SwarmCell } from './cells.tsx'
import { StatusIcon } from './status-icon.tsx'
import { statusOf, type StatusView } from './status.ts'
import { useRemedy } from './use-remedy.ts'
import styles from './torrent-row.module.css'

/** The view changes only with its torrent, or with the two figures that some words quote. */
function useStatus(torrent: Torrent | undefined): StatusView | undefined {
  const id = torrent?.id ?? ''
  const quotesCheck = torrent?.status === 'checking'
  const quotesPeers = torrent?.status === 'metadata'
  const checked = useAppSelector(state =>
    quotesCheck ? Math.floor((state.stats[id]?.[STAT.progress] ?? 0) * 100) / 100 : 0,
  )
  const connected = useAppSelector(state =>
    quotesPeers ? (state.stats[id]?.[STAT.seeds] ?? 0) + (state.stats[id]?.[STAT.peers] ?? 0) : 0,
  )
  return torrent && statusOf(torrent, { checked, connected })
}

const TALKING: ReadonlySet<Torrent['status']> = new Set(['downloading', 'seeding', 'stalled', 'metadata'])

/** Takes an id, not a torrent: the row is drawn again when its own data change and at no other time. */
export const TorrentRow = memo(function TorrentRow({ id }: { id: TorrentId }) {
  const torrent = useAppSelector(state => state.torrents.entities[id])
  const view = useStatus(torrent)
  if (!torrent || !view) return null
  const isDone = torrent.hasMetadata && torrent.queuePosition === 0
  // What has no rates gives its room to the words.
  const isLong = view.isProblem || view.remedy !== null || torrent.status === 'metadata'
  return (
    <>
      <span role="gridcell" className={styles.queue}>
        {torrent.queuePosition > 0 ? torrent.queuePosition : ''}
      </span>
      <span role="gridcell" className={styles.name}>
        <CutName name={torrent.name} />
      </span>
      <SizeCell torrent={torrent} />
      <span role="gridcell">
        <Progress
          id={id}
          pattern={view.pattern}
          isKnown={torrent.hasMetadata}
          isPale={isDone && (view.pattern === 'idle' || view.pattern === 'done')}
        />
      </span>
      <StateCell torrent={torrent} view={view} isLong={isLong} />
      {!isLong && (
        <>
          <RateCell id={id} column={STAT.down} isWanted={torrent.status === 'stalled'} />
          <RateCell id={id} column={STAT.up} isWanted={false} />
          <EtaCell id={id} />
        </>
      )}
      <RatioCell id={id} />
      <SwarmCell id={id} isTalking={TALKING.has(torrent.status)} />
      <span role="gridcell" className={styles.added}>
        {formatDate(torrent.addedAt)}
      </span>
      <span role="gridcell" className={styles.tracker}>
        {torrent.trackerHost ?? DASH}
      </span>
    </>
  )
})

/** The same torrent on two lines, for a narrow window. */
export const TorrentCard = memo(function TorrentCard({ id }: { id: TorrentId }) {
  const torrent = useAppSelector(state => state.torrents.entities[id])
  const view = useStatus(torrent)
  if (!torrent || !view) return null
  return (
    <span role="gridcell" className={styles.card}>
      <span className={styles.cardLine}>
        <CutName name={torrent.name} className={styles.grow} />
        <span className={styles.second}>{torrent.hasMetadata ? formatBytes(torrent.wantedSize) : ''}</span>
      </span>
      <span className={styles.cardFacts}>
        <StatusWord view={view} />
        <span className={styles.grow} />
        {view.remedy ? (
          <RemedyButton id={id} view={view} />
        ) : (
          <>
            <CardRate id={id} />
            {torrent.hasMetadata && (
              <span className={styles.cardProgress}>
                <Progress id={id} pattern={view.pattern} isKnown isPale={false} />
              </span>
            )}
          </>
        )}
      </span>
    </span>
  )
})

function StateCell({ torrent, view, isLong }: { torrent: Torrent; view: StatusView; isLong: boolean }) {
  return (
    <span
      role="gridcell"
      {...(isLong && { 'aria-colspan': 4 })}
      className={classNames(styles.state, isLong && styles.long)}
      title={view.detail === '' ? view.word : view.detail}
    >
      <StatusWord view={view} />
      <Marks torrent={torrent} view={view} />
      {view.remedy && <RemedyButton id={torrent.id} view={view} />}
    </span>
  )
}

const StatusWord = ({ view }: { view: StatusView }) => (
  <>
    <StatusIcon glyph={view.glyph} tone={view.tone} />
    <span className={classNames(styles.word, view.isProblem && (view.tone === 'error' ? styles.bad : styles.away))}>
      {view.word}
    </span>
  </>
)

/** Small marks after the word: they do not change the state, they qualify it. */
function Marks({ torrent, view }: { torrent: Torrent; view: StatusView }) {
  const limits = [
    torrent.limitDown > 0 && `down ${formatRate(torrent.limitDown)}`,
    torrent.limitUp > 0 && `up ${formatRate(torrent.limitUp)}`,
  ].filter(Boolean)
  const refused = torrent.reason?.kind === 'tracker-refused' && !view.isProblem
  return (
    <>
      {limits.length > 0 && <Mark of={Gauge} text={`Limited: ${limits.join(', ')}`} />}
      {refused && <Mark of={TriangleAlert} text={view.detail} />}
    </>
  )
}

const Mark = ({ of, text }: { of: typeof Gauge; text: string }) => (
  <span role="img" aria-label={text} title={text} className={styles.mark}>
    <Icon of={of} />
  </span>
)

function RemedyButton({ id, view }: { id: TorrentId; view: StatusView }) {
  const apply = useRemedy()
  if (!view.remedy) return null
  const { label, does } = view.remedy
  return (
    <Button look="link" className={styles.remedy} tabIndex={-1} onClick={() => apply(id, does)}>
      {label}
    </Button>
  )
}
