import { useMemo, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { STAT } from '#renderer/engine/stats.ts'
import { DASH, formatBytes, formatRate, formatRatio } from '#renderer/lib/format.ts'
import { partOf } from '#renderer/lib/part-of.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { useAppSelector } from '../services.ts'
import { Fact } from './fact.tsx'
import { LimitsSheet } from './limits-sheet.tsx'
import styles from './overview.module.css'
import { TorrentGraph } from './torrent-graph.tsx'

/** Several torrents: what they add up to. */
export function SeveralOverview({ ids }: { ids: readonly TorrentId[] }) {
  const rows = useAppSelector(state => state.torrents.entities)
  const stats = useAppSelector(state => state.stats)
  const [edits, setEdits] = useState(false)
  const torrents = useMemo(() => ids.flatMap(id => rows[id] ?? []), [ids, rows])
  const sum = (column: 'down' | 'up' | 'left' | 'downloaded' | 'uploaded' | 'peers' | 'seeds') =>
    ids.reduce((total, id) => total + (stats[id]?.[STAT[column]] ?? 0), 0)
  const wanted = torrents.reduce((total, torrent) => total + torrent.wantedSize, 0)
  const common = (values: readonly string[]) => (new Set(values).size === 1 ? (values[0] ?? DASH) : 'Mixed')
  const limit = (of: (torrent: (typeof torrents)[number]) => number) =>
    common(torrents.map(torrent => (of(torrent) === 0 ? 'none' : formatRate(of(torrent)))))
  const left = sum('left')
  const [downloaded, uploaded] = [sum('downloaded'), sum('uploaded')]
  return (
    <div className={styles.overview}>
      <p className={styles.several}>
        {plural(torrents.length, 'torrent', 'torrents')} selected, {formatBytes(wanted)} together
      </p>
      <TorrentGraph ids={ids} />
      <div className={styles.facts}>
        <dl className={styles.list}>
          <Fact label="Downloaded">{left > 0 ? partOf(wanted - left, wanted) : formatBytes(wanted)}</Fact>
          <Fact label="Uploaded">{formatBytes(uploaded)}</Fact>
          <Fact label="Ratio">{downloaded > 0 ? formatRatio(uploaded / downloaded) : DASH}</Fact>
          <Fact label="Left">{left > 0 ? formatBytes(left) : 'Nothing'}</Fact>
          <Fact label="Connected">
            {plural(sum('seeds'), 'seed', 'seeds')}, {plural(sum('peers'), 'peer', 'peers')}
          </Fact>
        </dl>
        <dl className={styles.list}>
          <Fact label="Saved in">{common(torrents.map(torrent => torrent.savePath))}</Fact>
          <Fact label="Tracker">{common(torrents.map(torrent => torrent.trackerHost ?? DASH))}</Fact>
          <Fact
            label="Limits"
            action={
              <Button look="link" onClick={() => setEdits(true)}>
                Change…
              </Button>
            }
          >{`Down ${limit(torrent => torrent.limitDown)}, up ${limit(torrent => torrent.limitUp)}`}</Fact>
        </dl>
      </div>
      {edits && (
        <LimitsSheet
          ids={ids}
          title={`For ${plural(torrents.length, 'torrent', 'torrents')}`}
          down={torrents[0]?.limitDown ?? 0}
          up={torrents[0]?.limitUp ?? 0}
          onClose={() => setEdits(false)}
        />
      )}
    </div>
  )
}
