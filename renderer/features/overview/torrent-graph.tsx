import { ArrowDown, ArrowUp } from 'lucide-react'
import { useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { formatRate } from '#renderer/lib/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Segments } from '#renderer/ui/segments.tsx'
import { SpeedGraph } from '#renderer/ui/speed-graph.tsx'
import { useAppSelector } from '../services.ts'
import { useNow } from '../use-now.ts'
import styles from './overview.module.css'
import { speedHistory } from './speed-history.ts'

const SPANS = [
  { value: '60', title: '1 min' },
  { value: '600', title: '10 min' },
] as const

const YOUNG_SECONDS = 90

/** Speeds of one torrent; `several` adds up many. */
export function TorrentGraph({ ids }: { ids: readonly TorrentId[] }) {
  const [chosen, setSpan] = useState<(typeof SPANS)[number]['value']>()
  const down = useAppSelector(state => sumOf(ids, id => state.stats[id]?.[STAT.down] ?? 0))
  const up = useAppSelector(state => sumOf(ids, id => state.stats[id]?.[STAT.up] ?? 0))
  useNow(1000)
  // A young transfer would be a sliver at the edge of ten minutes.
  const isYoung = ids.every(id =>
    speedHistory
      .read(id, 600)
      .down.slice(0, -YOUNG_SECONDS)
      .every(rate => !(rate > 0)),
  )
  const span = chosen ?? (isYoung ? '60' : '600')
  const rates = addUp(ids.map(id => speedHistory.read(id, Number(span))))
  return (
    <div className={styles.graph}>
      <div className={styles.graphHead}>
        <span className={styles.down}>
          <Icon of={ArrowDown} size="small" />
          <span>{formatRate(down)}</span>
        </span>
        <span className={styles.up}>
          <Icon of={ArrowUp} size="small" />
          <span>{formatRate(up)}</span>
        </span>
        <Segments label="Time shown" choices={SPANS} value={span} onChoose={setSpan} />
      </div>
      <SpeedGraph
        {...rates}
        formatRate={formatRate}
        label={`Speed of the last ${span === '60' ? 'minute' : '10 minutes'}; now down ${formatRate(down)}, up ${formatRate(up)}`}
      />
    </div>
  )
}

const sumOf = (ids: readonly TorrentId[], of: (id: TorrentId) => number) => ids.reduce((sum, id) => sum + of(id), 0)

type Rates = { readonly down: readonly number[]; readonly up: readonly number[] }

function addUp(all: readonly Rates[]): Rates {
  const [first, ...others] = all
  if (!first) return { down: [], up: [] }
  const add = (a: readonly number[], b: readonly number[]) => a.map((value, at) => value + (b[at] ?? 0))
  return others.reduce((sum, rates) => ({ down: add(sum.down, rates.down), up: add(sum.up, rates.up) }), first)
}
