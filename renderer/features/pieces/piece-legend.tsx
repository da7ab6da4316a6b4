import { memo, useLayoutEffect, useRef } from 'react'
import { formatCount } from '#renderer/lib/format.ts'
import { paintLook } from './paint-pieces.ts'
import type { PieceColours } from './piece-colours.ts'
import { LOOK, type PieceCounts } from './piece-layout.ts'
import styles from './pieces.module.css'

/** What the colours and marks mean, with live counts; what does not occur is left out, verified and missing never are. */
export function PieceLegend({ counts, colours }: { counts: PieceCounts; colours: PieceColours }) {
  const entry = (look: number, words: string, count: number, level = 0) => (
    <span className={styles.entry} key={words}>
      <Swatch look={look | (level << 8)} colours={colours} />
      {words} {formatCount(count)}
    </span>
  )
  return (
    <div className={styles.legend}>
      {entry(LOOK.have, 'Verified', counts.have)}
      {counts.arriving > 0 && entry(LOOK.arriving, 'Arriving', counts.arriving, 7)}
      {counts.requested > 0 && entry(LOOK.requested, 'Asked for', counts.requested)}
      {counts.verifying > 0 && entry(LOOK.verifying, 'Checking', counts.verifying)}
      {counts.missing > 0 && counts.copies !== undefined && (
        <span className={styles.entry}>
          Missing {formatCount(counts.missing)}: 1 copy
          <span className={styles.ramp}>
            {[1, 2, 3, 4, 5].map(level => (
              <i key={level} className={styles[`heat${level}`]} />
            ))}
          </span>
          30+
        </span>
      )}
      {counts.missing > 0 && counts.copies === undefined && entry(LOOK.outline, 'Missing', counts.missing)}
      {counts.none > 0 && entry(LOOK.none, 'No copy', counts.none)}
      {counts.again > 0 && entry(LOOK.again, 'Bad, again', counts.again)}
      {counts.skipped > 0 && entry(LOOK.skipped, 'Not wanted', counts.skipped)}
    </div>
  )
}

const SIDE = 10

const Swatch = memo(function Swatch({ look, colours }: { look: number; colours: PieceColours }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    context.clearRect(0, 0, 2 * SIDE, 2 * SIDE)
    paintLook(context, look, { x: 0, y: 0, width: 2 * SIDE, height: 2 * SIDE }, colours, 2)
  }, [look, colours])
  return <canvas ref={canvas} width={2 * SIDE} height={2 * SIDE} className={styles.swatch} aria-hidden="true" />
})
