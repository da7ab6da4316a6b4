import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { PIECE, PIECE_FAILED_BIT, PIECE_STATE_MASK, type PieceInfo } from '#engine/api/model.ts'
import type { PieceMap } from '#renderer/engine/piece-maps.ts'
import { formatBytes, formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { roundFigure } from '#renderer/lib/round-figure.ts'
import { useEngine } from '../services.ts'
import { rangeWords } from './range-words.ts'
import { cellOf, firstPieceOf, lastPieceOf, type PieceLayout } from './piece-layout.ts'
import styles from './pieces.module.css'

/** A pointer that only passes asks nothing. */
const ASK_AFTER_MS = 120
const EDGE = 4

interface PieceCardProps {
  readonly id: TorrentId
  readonly map: PieceMap
  readonly layout: PieceLayout
  readonly piece: number
}

export function PieceCard({ id, map, layout, piece }: PieceCardProps) {
  const info = usePieceInfo(id, piece)
  const card = useRef<HTMLDivElement>(null)
  const cell = cellOf(layout, piece)
  const [first, last] = [firstPieceOf(layout, cell), lastPieceOf(layout, cell)]
  const x = (cell % layout.columns) * layout.pitch
  const y = Math.floor(cell / layout.columns) * layout.pitch

  // On the roomier side, and inside the tab's panel: the map's own box may be lower than the card.
  useLayoutEffect(() => {
    const element = card.current
    const box = element?.parentElement?.getBoundingClientRect()
    const panel = element?.closest('[role=tabpanel]')?.getBoundingClientRect()
    if (!element || !box || !panel) return
    const { offsetWidth, offsetHeight } = element
    const isLeft = x > box.width / 2
    const left = isLeft ? x - offsetWidth - layout.pitch : x + 2 * layout.pitch
    const top = Math.max(
      panel.top - box.top + EDGE,
      Math.min(y - offsetHeight / 2, panel.bottom - box.top - offsetHeight - EDGE),
    )
    element.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
  })

  return (
    <div ref={card} className={styles.card} aria-live="polite">
      <div className={styles.cardTitle}>
        {first === last ? `Piece ${formatCount(first)}` : `Pieces ${formatCount(first)}–${formatCount(last)}`}
        {info && first === last && <span>{roundFigure(formatBytes(info.length))}</span>}
      </div>
      {first === last ? (
        <SingleFacts map={map} piece={piece} info={info} />
      ) : (
        <RunFacts map={map} first={first} last={last} />
      )}
      {info?.files.slice(0, 3).map(file => (
        <div key={file.path} className={styles.cardLine} title={file.path}>
          <bdi>{shortPath(file.path)}</bdi>, {rangeWords(file.from, file.to)}
        </div>
      ))}
      {info && info.files.length > 3 && <div>{plural(info.files.length - 3, 'more file', 'more files')}</div>}
      {info && first === last && info.peers.length > 0 && <div className={styles.cardLine}>At {peerWords(info)}</div>}
    </div>
  )
}

function SingleFacts({ map, piece, info }: { map: PieceMap; piece: number; info: PieceInfo | undefined }) {
  const value = map.states[piece] ?? 0
  const state = value & PIECE_STATE_MASK
  const isTold = map.availability.length === map.pieceCount
  const copies = info?.availability ?? (isTold ? map.availability[piece]! : undefined)
  const nobody = copies === 0 && state !== PIECE.HAVE && state !== PIECE.SKIPPED
  return (
    <>
      <div>{stateWords(value)}</div>
      {copies !== undefined && (
        <div className={nobody ? styles.bad : undefined}>
          {copies === 0 ? 'No copy among the connected peers' : `${copyWords(copies)} among the connected peers`}
        </div>
      )}
    </>
  )
}

function RunFacts({ map, first, last }: { map: PieceMap; first: number; last: number }) {
  let have = 0
  let rarest = 255
  for (let piece = first; piece <= last; piece++) {
    const state = map.states[piece]! & PIECE_STATE_MASK
    if (state === PIECE.HAVE) have++
    else if (state !== PIECE.SKIPPED) rarest = Math.min(rarest, map.availability[piece] ?? 255)
  }
  const count = last - first + 1
  return (
    <>
      <div>{`${formatCount(have)} of ${formatCount(count)} verified`}</div>
      {have < count && map.availability.length === map.pieceCount && (
        <div className={rarest === 0 ? styles.bad : undefined}>
          {rarest === 0 ? 'One has no copy among the connected peers' : `Rarest: ${copyWords(rarest)}`}
        </div>
      )}
    </>
  )
}

const copyWords = (copies: number) => (copies >= 255 ? '255 copies or more' : plural(copies, 'copy', 'copies'))

function stateWords(value: number): string {
  const again = (value & PIECE_FAILED_BIT) !== 0 ? 'Was bad; ' : ''
  switch (value & PIECE_STATE_MASK) {
    case PIECE.HAVE:
      return 'Verified'
    case PIECE.SKIPPED:
      return 'Not wanted'
    case PIECE.VERIFYING:
      return `${again}being checked`.replace(/^b/, 'B')
    case PIECE.ACTIVE: {
      const arrived = value >> 4
      const words = arrived === 0 ? 'asked for' : `about ${Math.round((arrived * 100) / 15)} % arrived`
      return again === '' ? words.charAt(0).toUpperCase() + words.slice(1) : `${again}${words}`
    }
    default:
      return again === '' ? 'Missing' : 'Was bad; missing'
  }
}

const shortPath = (path: string) => path.split('/').slice(-2).join(' / ')

const peerWords = ({ peers, peerCount }: PieceInfo) =>
  peerCount > 3 ? `${peers.slice(0, 2).join(', ')} and ${formatCount(peerCount - 2)} more` : peers.join(', ')

function usePieceInfo(id: TorrentId, piece: number): PieceInfo | undefined {
  const engine = useEngine()
  const [info, setInfo] = useState<PieceInfo>()
  useEffect(() => {
    let isWanted = true
    const timer = setTimeout(() => {
      engine.call('torrent.pieceInfo', { id, piece }).then(
        answer => isWanted && setInfo(answer),
        // What the map shows stays: a torrent that has just gone has nothing more to tell.
        () => undefined,
      )
    }, ASK_AFTER_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [engine, id, piece])
  return info
}
