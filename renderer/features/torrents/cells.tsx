import { memo } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { TorrentRow } from '#engine/api/model.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { bytesQuantity, formatEta, formatPercent, formatRate, formatRatio, rateQuantity } from '#renderer/lib/format.ts'
import { ProgressBar } from '#renderer/ui/progress-bar.tsx'
import { useAppSelector } from '../services.ts'
import type { StatusView } from './status.ts'
import styles from './torrent-row.module.css'

/** A number cell each: when a figure moves, nothing but its cell is drawn again. */

export const SizeCell = ({ torrent }: { torrent: TorrentRow }) => {
  const [figure, unit] = torrent.hasMetadata ? bytesQuantity(torrent.wantedSize) : ['', '']
  return (
    <span role="gridcell" className={`${styles.number} ${styles.size}`}>
      {figure}
      <span className={styles.sizeUnit}>{unit}</span>
    </span>
  )
}

/** Rounded down to what is shown, so that a bar moves no more often than its figure. */
const shownProgress = (fraction: number) => Math.floor(fraction * 1000) / 1000

/** Figure and bar; a cell of the table wraps it, a card holds it among others. */
export const Progress = memo(function Progress({
  id,
  pattern,
  isKnown,
  isPale,
}: {
  id: TorrentId
  pattern: StatusView['pattern']
  isKnown: boolean
  isPale: boolean
}) {
  const value = useAppSelector(state => shownProgress(state.stats[id]?.[STAT.progress] ?? 0))
  const pending = useAppSelector(state => shownProgress(state.stats[id]?.[STAT.pending] ?? 0))
  return (
    <span className={styles.progress}>
      <em className={isPale ? styles.pale : undefined}>{isKnown ? formatPercent(value) : ''}</em>
      <ProgressBar value={value} pending={pattern === 'downloading' ? pending : 0} pattern={pattern} />
    </span>
  )
})

/** Blank where nothing can flow; a faint zero only where data is wanted and none comes. */
export const RateCell = memo(function RateCell({
  id,
  column,
  isWanted,
}: {
  id: TorrentId
  column: typeof STAT.down | typeof STAT.up
  isWanted: boolean
}) {
  const rate = useAppSelector(state => state.stats[id]?.[column] ?? 0)
  const [figure, unit] = rate === 0 && !isWanted ? ['', ''] : rateQuantity(rate)
  return (
    <span role="gridcell" className={`${styles.number} ${rate === 0 ? styles.faint : ''}`}>
      {figure}
      <span className={styles.rateUnit}>{unit}</span>
    </span>
  )
})

export const EtaCell = memo(function EtaCell({ id }: { id: TorrentId }) {
  const text = useAppSelector(state => formatEta(state.stats[id]?.[STAT.eta] ?? -1))
  return (
    <span role="gridcell" className={styles.number}>
      {text}
    </span>
  )
})

export const RatioCell = memo(function RatioCell({ id }: { id: TorrentId }) {
  const text = useAppSelector(state => formatRatio(state.stats[id]?.[STAT.ratio] ?? -1))
  return (
    <span role="gridcell" className={`${styles.number} ${styles.ratio}`}>
      {text}
    </span>
  )
})

/** Connected seeds and peers; blank for what talks to nobody. */
export const SwarmCell = memo(function SwarmCell({ id, isTalking }: { id: TorrentId; isTalking: boolean }) {
  const seeds = useAppSelector(state => state.stats[id]?.[STAT.seeds] ?? 0)
  const peers = useAppSelector(state => state.stats[id]?.[STAT.peers] ?? 0)
  const faint = (count: number) => <span className={count === 0 ? styles.faint : undefined}>{count}</span>
  return (
    <span role="gridcell" className={`${styles.number} ${styles.swarm}`}>
      {(isTalking || seeds + peers > 0) && (
        <>
          {faint(seeds)} / {faint(peers)}
        </>
      )}
    </span>
  )
})

/** On a card the figure that matters most: what comes, else what goes. */
export const CardRate = memo(function CardRate({ id }: { id: TorrentId }) {
  const down = useAppSelector(state => state.stats[id]?.[STAT.down] ?? 0)
  const up = useAppSelector(state => state.stats[id]?.[STAT.up] ?? 0)
  if (down > 0) return <span>{formatRate(down)}</span>
  return (
    <span>
      {up > 0 && (
        <>
          <span className={styles.faint}>up</span> {formatRate(up)}
        </>
      )}
    </span>
  )
})
