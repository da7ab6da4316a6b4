import { useCallback, useMemo, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { usePieceMap, type PieceMap } from '#renderer/engine/piece-maps.ts'
import { classNames } from '#renderer/lib/class-names.ts'
import { formatBytes, formatCount } from '#renderer/lib/format.ts'
import { roundFigure } from '#renderer/lib/round-figure.ts'
import { useSize } from '#renderer/ui/use-size.ts'
import { selectFiles } from '../files/files-slice.ts'
import { FindingFiles } from '../trackers/finding-files.tsx'
import { useAppSelector } from '../services.ts'
import { PieceCanvas } from './piece-canvas.tsx'
import { usePieceColours } from './piece-colours.ts'
import { lanesOf, type Lane } from './piece-lanes.ts'
import { countPieces, layOutPieces, type PieceCounts } from './piece-layout.ts'
import { PieceLegend } from './piece-legend.tsx'
import styles from './pieces.module.css'

/** Narrower, and the map needs the room more than the lanes do. */
const ROOM_FOR_LANES = 640
const LANES = 188
const GUTTER = 32
/** More borders than this are a mesh, not lines. */
const MOST_BORDERS = 400

export function PiecesTab({ id }: { id: TorrentId }) {
  const map = usePieceMap(id)
  const torrent = useAppSelector(state => state.torrents.entities[id])
  if (torrent && !torrent.hasMetadata) return <FindingFiles id={id} />
  if (!map || !torrent) return <p className={styles.note}>Reading the piece map…</p>
  return <Pieces id={id} map={map} pieceLength={torrent.pieceLength} />
}

function Pieces({ id, map, pieceLength }: { id: TorrentId; map: PieceMap; pieceLength: number }) {
  const files = useAppSelector(state => selectFiles(state, id))
  const colours = usePieceColours()
  const [ref, size] = useSize()
  const [pointedAt, setPointedAt] = useState<number>()
  const counts = useMemo(() => countPieces(map.states, availabilityOf(map)), [map])
  const hasLanes = (files?.list.length ?? 0) > 1 && size.width >= ROOM_FOR_LANES
  const width = size.width - GUTTER - (hasLanes ? LANES : 0)
  const layout = useMemo(() => layOutPieces(map.pieceCount, width, size.height), [map.pieceCount, width, size.height])
  const lanes = useMemo(
    () => (hasLanes && files && layout ? lanesOf(files.list, files.done, files.priorities, layout) : []),
    [hasLanes, files, layout],
  )
  const list = files?.list
  const borders = useMemo(
    () => (list && list.length <= MOST_BORDERS ? list.slice(1).map(file => file.firstPiece) : []),
    [list],
  )
  const pointAt = useCallback((piece: number | undefined) => setPointedAt(piece), [])
  return (
    <>
      <p className={styles.summary}>{summaryOf(counts, map.pieceCount, pieceLength)}</p>
      <div className={styles.area}>
        <div ref={ref} className={styles.measure}>
          <div className={styles.map}>
            {hasLanes && <Lanes lanes={lanes} pointedAt={pointedAt} />}
            {layout && (
              <PieceCanvas id={id} map={map} layout={layout} colours={colours} borders={borders} onPointAt={pointAt} />
            )}
          </div>
        </div>
      </div>
      <PieceLegend counts={counts} colours={colours} />
    </>
  )
}

const availabilityOf = (map: PieceMap) => (map.availability.length === map.pieceCount ? map.availability : undefined)

/** "1 013 of 2 890 pieces verified · 32 MiB each · 24.3 copies of what is missing" */
function summaryOf(counts: PieceCounts, pieceCount: number, pieceLength: number): string {
  const parts = [
    `${formatCount(counts.have)} of ${formatCount(pieceCount)} pieces verified`,
    `${roundFigure(formatBytes(pieceLength))} each`,
  ]
  if (counts.copies !== undefined) parts.push(`${counts.copies.toFixed(1)} copies of what is missing`)
  return parts.join(' · ')
}

function Lanes({ lanes, pointedAt }: { lanes: readonly Lane[]; pointedAt: number | undefined }) {
  return (
    <div className={styles.lanes}>
      {lanes.map(lane => (
        <div
          key={lane.firstPiece + lane.title}
          className={classNames(
            styles.lane,
            pointedAt !== undefined && pointedAt >= lane.firstPiece && pointedAt <= lane.lastPiece && styles.pointedAt,
          )}
          style={{ insetBlockStart: lane.top, blockSize: lane.height }}
          title={lane.title}
        >
          <bdi className={styles.laneName}>{lane.name}</bdi>
          <span className={styles.figure}>{lane.figure}</span>
        </div>
      ))}
    </div>
  )
}
