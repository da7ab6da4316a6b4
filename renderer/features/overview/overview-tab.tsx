import { useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { StatsRow, TorrentDetail, TorrentRow } from '#engine/api/model.ts'
import { STAT } from '#renderer/engine/stats.ts'
import {
  DASH,
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatEta,
  formatRate,
  formatRatio,
} from '#renderer/lib/format.ts'
import { partOf } from '#renderer/lib/part-of.ts'
import { plural } from '#renderer/lib/plural.ts'
import { roundFigure } from '#renderer/lib/round-figure.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { useAppSelector, usePlatform } from '../services.ts'
import { useCopy } from '../use-copy.ts'
import { Fact } from './fact.tsx'
import { LimitsSheet } from './limits-sheet.tsx'
import { selectOverview } from './overview-slice.ts'
import styles from './overview.module.css'
import { PieceStrip } from './piece-strip.tsx'
import { TorrentGraph } from './torrent-graph.tsx'

export function OverviewTab({ id }: { id: TorrentId }) {
  const torrent = useAppSelector(state => state.torrents.entities[id])
  const stats = useAppSelector(state => state.stats[id])
  const detail = useAppSelector(state => selectOverview(state, id))
  if (!torrent || !stats) return null
  return (
    <div className={styles.overview}>
      <div className={styles.strip}>
        <PieceStrip id={id} />
        <span className={styles.stripWords}>{stripWords(torrent, detail)}</span>
      </div>
      <TorrentGraph ids={[id]} />
      <div className={styles.facts}>
        <TransferFacts torrent={torrent} stats={stats} detail={detail} />
        <IdentityFacts torrent={torrent} detail={detail} />
      </div>
    </div>
  )
}

function stripWords(torrent: TorrentRow, detail: TorrentDetail | undefined): string {
  if (!torrent.hasMetadata) return 'Waiting for the file list'
  if (!detail) return `${formatCount(torrent.pieceCount)} pieces`
  const have = `${formatCount(detail.piecesHave)} of ${formatCount(torrent.pieceCount)} pieces`
  return detail.availability < 0 ? have : `${have} · ${detail.availability.toFixed(1)} copies`
}

interface FactsProps {
  readonly torrent: TorrentRow
  readonly detail: TorrentDetail | undefined
}

function TransferFacts({ torrent, stats, detail }: FactsProps & { stats: StatsRow }) {
  const [edits, setEdits] = useState(false)
  const left = stats[STAT.left]
  return (
    <dl className={styles.list}>
      <Fact label="Downloaded">{downloadedWords(torrent, left)}</Fact>
      <Fact label="Uploaded">{formatBytes(stats[STAT.uploaded])}</Fact>
      <Fact label="Ratio">{formatRatio(stats[STAT.ratio]) || DASH}</Fact>
      <Fact label="Left">{leftWords(torrent, left, stats[STAT.eta])}</Fact>
      <Fact label="Swarm">
        <SwarmWords stats={stats} />
      </Fact>
      <Fact
        label="Limits"
        action={
          <Button look="link" onClick={() => setEdits(true)}>
            Change…
          </Button>
        }
      >
        {limitWords(torrent)}
      </Fact>
      <Fact label="Wasted">
        <Wasted detail={detail} />
      </Fact>
      <Fact label="Active">{activeWords(detail)}</Fact>
      {edits && (
        <LimitsSheet
          ids={[torrent.id]}
          title={torrent.name}
          down={torrent.limitDown}
          up={torrent.limitUp}
          onClose={() => setEdits(false)}
        />
      )}
    </dl>
  )
}

function downloadedWords(torrent: TorrentRow, left: number): string {
  if (!torrent.hasMetadata) return DASH
  if (left <= 0) return formatBytes(torrent.wantedSize)
  return partOf(torrent.wantedSize - left, torrent.wantedSize)
}

function leftWords(torrent: TorrentRow, left: number, eta: number): string {
  if (!torrent.hasMetadata) return DASH
  if (left <= 0) return 'Nothing'
  return [formatBytes(left), formatEta(eta)].filter(Boolean).join(', ')
}

function SwarmWords({ stats }: { stats: StatsRow }) {
  const known = Math.max(0, stats[STAT.peersKnown]) + Math.max(0, stats[STAT.seedsKnown])
  return (
    <>
      {plural(stats[STAT.seeds], 'seed', 'seeds')}, {plural(stats[STAT.peers], 'peer', 'peers')}
      {known > 0 && <span className={`${styles.aside} ${styles.known}`}> of {formatCount(known)}</span>}
    </>
  )
}

function limitWords({ limitDown, limitUp }: TorrentRow): string {
  const parts = []
  if (limitDown > 0) parts.push(`down ${formatRate(limitDown)}`)
  if (limitUp > 0) parts.push(`up ${formatRate(limitUp)}`)
  return parts.length === 0 ? 'None' : parts.join(', ').replace(/^./, first => first.toUpperCase())
}

function Wasted({ detail }: { detail: TorrentDetail | undefined }) {
  if (!detail) return DASH
  const { corrupt, redundant } = detail
  if (corrupt + redundant === 0) return 'Nothing'
  const words = `${formatBytes(corrupt)} failed their check, ${formatBytes(redundant)} came twice`
  return <span title={words}>{formatBytes(corrupt + redundant)}</span>
}

function activeWords(detail: TorrentDetail | undefined): string {
  if (!detail) return DASH
  const { activeSeconds, seedingSeconds } = detail
  const active = formatDuration(activeSeconds)
  return seedingSeconds > 0 ? `${active}, seeding ${formatDuration(seedingSeconds)}` : active
}

function IdentityFacts({ torrent, detail }: FactsProps) {
  const copy = useCopy()
  const copyButton = (what: string, text: string) => (
    <Button look="link" aria-label={`Copy ${what}`} onClick={() => void copy(text, what)}>
      Copy
    </Button>
  )
  const hash = (value: string | null, what: string) => (
    <Fact label={what} action={value !== null && copyButton(what.replace('H', 'h'), value)}>
      {value === null ? DASH : <span className={styles.hash}>{`${value.slice(0, 6)}…${value.slice(-6)}`}</span>}
    </Fact>
  )
  return (
    <dl className={styles.list}>
      <Fact label="Saved in" action={<OpenFolder path={torrent.savePath} />}>
        <CutName name={torrent.savePath} />
      </Fact>
      <Fact label="Tracker">{torrent.trackerHost ?? DASH}</Fact>
      {hash(torrent.infohashV1, 'Hash v1')}
      {hash(torrent.infohashV2, 'Hash v2')}
      <Fact label="Magnet" action={detail && copyButton('magnet link', detail.magnet)}>
        {detail ? <span className={styles.hash}>{detail.magnet}</span> : DASH}
      </Fact>
      <Fact label="Pieces">
        {torrent.hasMetadata
          ? `${formatCount(torrent.pieceCount)} × ${roundFigure(formatBytes(torrent.pieceLength))}`
          : DASH}
        {torrent.private && <span className={styles.aside}> private</span>}
      </Fact>
      <Fact label="Added">{formatDate(torrent.addedAt)}</Fact>
      <Fact label="Created">{createdWords(torrent)}</Fact>
      <Fact label="Comment">
        {torrent.comment === '' ? DASH : <span title={torrent.comment}>{torrent.comment}</span>}
      </Fact>
    </dl>
  )
}

function OpenFolder({ path }: { path: string }) {
  const platform = usePlatform()
  const copy = useCopy()
  return platform.openPath ? (
    <Button look="link" onClick={() => void platform.openPath?.(path)}>
      Open
    </Button>
  ) : (
    <Button look="link" aria-label="Copy folder" onClick={() => void copy(path, 'folder')}>
      Copy
    </Button>
  )
}

function createdWords({ creationDate, createdBy }: TorrentRow): string {
  // The hour in which a stranger made it interests nobody.
  const date = creationDate === null ? '' : formatDate(creationDate * 1000).replace(/, \d\d:\d\d$/, '')
  return [date, createdBy].filter(words => words !== '' && words !== DASH).join(', ') || DASH
}
