import { useLayoutEffect, useRef } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { PIECE, PIECE_STATE_MASK } from '#engine/api/model.ts'
import { usePieceMap, type PieceMap } from '#renderer/engine/piece-maps.ts'
import { useSize } from '#renderer/ui/use-size.ts'
import { heatOf } from '../pieces/piece-layout.ts'
import { usePieceColours, type PieceColours } from '../pieces/piece-colours.ts'
import styles from './overview.module.css'

const HAVE_HEIGHT = 8
const HEAT_TOP = 10
const HEIGHT = 12

/** The whole torrent on one line: what is here, and below it how many copies there are of what is missing. */
export function PieceStrip({ id }: { id: TorrentId }) {
  const map = usePieceMap(id)
  const colours = usePieceColours()
  const [ref, { width }] = useSize()
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    if (canvas.current && width > 0) paintStrip(canvas.current, width, window.devicePixelRatio, colours, map)
  }, [map, colours, width])
  return (
    <div ref={ref} className={styles.stripBox}>
      <canvas ref={canvas} aria-hidden="true" />
    </div>
  )
}

function paintStrip(
  canvas: HTMLCanvasElement,
  width: number,
  scale: number,
  colours: PieceColours,
  map: PieceMap | undefined,
): void {
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(HEIGHT * scale)
  const context = canvas.getContext('2d')
  if (!context) return
  const haveHeight = Math.round(HAVE_HEIGHT * scale)
  context.fillStyle = colours.well
  context.fillRect(0, 0, canvas.width, haveHeight)
  if (!map) return
  const heatTop = Math.round(HEAT_TOP * scale)
  const hasHeat = map.availability.length === map.pieceCount
  for (let x = 0; x < canvas.width; x++) {
    const first = Math.floor((x * map.pieceCount) / canvas.width)
    const end = Math.max(first + 1, Math.floor(((x + 1) * map.pieceCount) / canvas.width))
    const { have, wanted, copies } = columnOf(map, first, end)
    if (have > 0) {
      context.globalAlpha = 0.25 + (0.75 * have) / (end - first)
      context.fillStyle = colours.have
      context.fillRect(x, 0, 1, haveHeight)
      context.globalAlpha = 1
    }
    if (!hasHeat || wanted === 0) continue
    context.fillStyle = copies === 0 ? colours.error : colours[`heat-${heatOf(copies / wanted) as 1 | 2 | 3 | 4 | 5}`]
    context.fillRect(x, heatTop, 1, canvas.height - heatTop)
  }
}

function columnOf(map: PieceMap, first: number, end: number) {
  let have = 0
  let wanted = 0
  let copies = 0
  for (let piece = first; piece < end; piece++) {
    const state = map.states[piece]! & PIECE_STATE_MASK
    if (state === PIECE.HAVE) have++
    else if (state !== PIECE.SKIPPED) {
      wanted++
      copies += map.availability[piece] ?? 0
    }
  }
  return { have, wanted, copies }
}
