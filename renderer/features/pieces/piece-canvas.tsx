import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import type { PieceMap } from '#renderer/engine/piece-maps.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { PiecePainting } from './paint-pieces.ts'
import { PieceCard } from './piece-card.tsx'
import type { PieceColours } from './piece-colours.ts'
import { cellOf, firstPieceOf, lastPieceOf, type PieceLayout } from './piece-layout.ts'
import styles from './pieces.module.css'

interface PieceCanvasProps {
  readonly id: TorrentId
  readonly map: PieceMap
  readonly layout: PieceLayout
  readonly colours: PieceColours
  /** First piece of each file but the first: where borders are drawn. */
  readonly borders: readonly number[]
  readonly onPointAt: (piece: number | undefined) => void
}

/** The map itself: one canvas, a cursor that arrow keys move, and the card of the piece under cursor or pointer. */
export function PieceCanvas({ id, map, layout, colours, borders, onPointAt }: PieceCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const painting = useRef<PiecePainting>(undefined)
  const scale = useDevicePixelRatio()
  const [hovered, setHovered] = useState<number>()
  const [cursor, setCursor] = useState(0)
  const [hasFocus, setHasFocus] = useState(false)
  const size = { inlineSize: layout.columns * layout.pitch, blockSize: layout.rows * layout.pitch }
  const borderKey = useMemo(() => borders.join(), [borders])

  useLayoutEffect(() => {
    if (!canvas.current) return
    painting.current = new PiecePainting(canvas.current, layout, colours, scale)
    painting.current.paint(map)
    painting.current.paintBorders(borders)
    // A change of the map alone is painted below, cell by cell.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [layout, colours, scale, borderKey])

  useLayoutEffect(() => {
    painting.current?.paint(map)
  }, [map])

  const cursorPiece = Math.min(cursor, layout.pieceCount - 1)
  const shown = hovered ?? (hasFocus ? cursorPiece : undefined)
  useEffect(() => onPointAt(shown), [shown, onPointAt])

  const pieceAt = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const column = Math.floor((event.clientX - box.left) / layout.pitch)
    const cell = Math.floor((event.clientY - box.top) / layout.pitch) * layout.columns + column
    return column >= 0 && column < layout.columns && cell >= 0 && cell < layout.cells
      ? firstPieceOf(layout, cell)
      : undefined
  }
  const moveCursor = (event: KeyboardEvent) => {
    const cell = cellOf(layout, cursorPiece)
    const steps: Record<string, number> = {
      ArrowRight: cell + 1,
      ArrowLeft: cell - 1,
      ArrowDown: cell + layout.columns,
      ArrowUp: cell - layout.columns,
      PageDown: cell + 10 * layout.columns,
      PageUp: cell - 10 * layout.columns,
      Home: event.ctrlKey ? 0 : cell - (cell % layout.columns),
      End: event.ctrlKey ? layout.cells - 1 : cell - (cell % layout.columns) + layout.columns - 1,
    }
    const next = steps[event.key]
    if (next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    setHovered(undefined)
    setCursor(firstPieceOf(layout, Math.max(0, Math.min(layout.cells - 1, next))))
  }

  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label="Piece"
      aria-valuemin={0}
      aria-valuemax={layout.pieceCount - 1}
      aria-valuenow={cursorPiece}
      aria-valuetext={pieceWords(layout, cursorPiece)}
      className={styles.canvas}
      style={size}
      onKeyDown={moveCursor}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
      onPointerMove={event => setHovered(pieceAt(event))}
      onPointerLeave={() => setHovered(undefined)}
      onPointerDown={event => {
        const piece = pieceAt(event)
        if (piece !== undefined) setCursor(piece)
      }}
    >
      <canvas ref={canvas} aria-hidden="true" style={size} />
      {hasFocus && <Cursor layout={layout} piece={cursorPiece} />}
      {shown !== undefined && <PieceCard key={`${id} ${shown}`} id={id} map={map} layout={layout} piece={shown} />}
    </div>
  )
}

function pieceWords(layout: PieceLayout, piece: number): string {
  const cell = cellOf(layout, piece)
  const [first, last] = [firstPieceOf(layout, cell), lastPieceOf(layout, cell)]
  return first === last ? `Piece ${formatCount(first)}` : `Pieces ${formatCount(first)} to ${formatCount(last)}`
}

function Cursor({ layout, piece }: { layout: PieceLayout; piece: number }) {
  const cell = cellOf(layout, piece)
  const x = (cell % layout.columns) * layout.pitch
  const y = Math.floor(cell / layout.columns) * layout.pitch
  const side = layout.pitch - 1
  return (
    <span
      className={styles.cursor}
      style={{ transform: `translate(${x}px, ${y}px)`, inlineSize: side, blockSize: side }}
    />
  )
}

/** Changes with zoom, and when the window moves to another display. */
function useDevicePixelRatio(): number {
  const [ratio, setRatio] = useState(() => window.devicePixelRatio)
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`)
    const read = () => setRatio(window.devicePixelRatio)
    query.addEventListener('change', read)
    return () => query.removeEventListener('change', read)
  }, [ratio])
  return ratio
}
