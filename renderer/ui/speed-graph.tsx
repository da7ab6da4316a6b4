import { rateScale, timeTicks, type RateScale } from './graph-scale.ts'
import styles from './speed-graph.module.css'
import { useSize } from './use-size.ts'

interface SpeedGraphProps {
  /** Bytes per second, one a second, the last one is now; NaN = unknown. Equally long. */
  readonly down: readonly number[]
  readonly up: readonly number[]
  readonly formatRate: (bytesPerSecond: number) => string
  readonly label: string
}

const GUTTER = 44
const FOOT = 18
const TOP = 6
const DOWN_SHARE = 0.76
/** Narrower, and two words on the time axis would touch. */
const WORD_WIDTH = 72

/** Down above the axis, up below it, each on its own round scale. */
export function SpeedGraph({ down, up, formatRate, label }: SpeedGraphProps) {
  const [ref, { width, height }] = useSize()
  const isDrawn = width > GUTTER + WORD_WIDTH && height > 2 * FOOT
  return (
    <div ref={ref} className={styles.graph}>
      {isDrawn && (
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
          <Drawing down={down} up={up} width={width} height={height} formatRate={formatRate} />
        </svg>
      )}
    </div>
  )
}

interface DrawingProps extends Omit<SpeedGraphProps, 'label'> {
  readonly width: number
  readonly height: number
}

function Drawing({ down, up, width, height, formatRate }: DrawingProps) {
  const span = down.length - 1
  const bottom = height - FOOT
  const zero = Math.round(TOP + (bottom - TOP) * DOWN_SHARE)
  const downScale = rateScale(down)
  const upScale = rateScale(up, 1)
  const x = (at: number) => GUTTER + ((width - GUTTER - 2) * at) / span
  const yDown = (rate: number) => Math.max(TOP, zero - ((zero - TOP) * rate) / downScale.top)
  const yUp = (rate: number) => Math.min(bottom, zero + ((bottom - zero) * rate) / upScale.top)
  const words = timeTicks(span, Math.max(2, Math.floor((width - GUTTER) / WORD_WIDTH) + 1))
  return (
    <>
      {downScale.ticks.map(tick => (
        <Tick key={tick.rate} y={yDown(tick.rate)} width={width} label={tick.label} />
      ))}
      <Tick y={yUp(upScale.top)} width={width} label={upLabel(upScale, downScale)} />
      <text x={GUTTER + 6} y={TOP + 12}>
        {downScale.unit}
      </text>
      <Series rates={down} x={x} y={yDown} zero={zero} kind="down" />
      <Series rates={up} x={x} y={yUp} zero={zero} kind="up" />
      {downScale.peak !== undefined && (
        <text className={styles.peak} x={width - 4} y={TOP + 12} textAnchor="end">
          {`peak ${formatRate(downScale.peak)}`}
        </text>
      )}
      {words.map(({ ago, label }) => (
        <text
          key={ago}
          x={x(span - ago)}
          y={height - 4}
          textAnchor={ago === 0 ? 'end' : ago === span ? 'start' : 'middle'}
        >
          {label}
        </text>
      ))}
    </>
  )
}

/** The lower axis names its unit only where it differs from the upper one's. */
const upLabel = (up: RateScale, down: RateScale) => {
  const { label } = up.ticks[up.ticks.length - 1]!
  return up.unit === down.unit ? label : `${label} ${up.unit.charAt(0)}`
}

function Tick({ y, width, label }: { y: number; width: number; label: string }) {
  const at = Math.round(y) + 0.5
  return (
    <>
      <path className={styles.rule} d={`M${GUTTER} ${at}H${width}`} />
      <text x={GUTTER - 6} y={at + 4} textAnchor="end">
        {label}
      </text>
    </>
  )
}

interface SeriesProps {
  readonly rates: readonly number[]
  readonly x: (at: number) => number
  readonly y: (rate: number) => number
  readonly zero: number
  readonly kind: 'down' | 'up'
}

function Series({ rates, x, y, zero, kind }: SeriesProps) {
  let line = ''
  let area = ''
  let runStart = -1
  const close = (end: number) => {
    if (runStart >= 0) area += `L${x(end).toFixed(1)} ${zero}L${x(runStart).toFixed(1)} ${zero}Z`
    runStart = -1
  }
  for (let at = 0; at < rates.length; at++) {
    const rate = rates[at]!
    if (Number.isNaN(rate)) {
      close(at - 1)
      continue
    }
    const point = `${runStart < 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(rate).toFixed(1)}`
    if (runStart < 0) runStart = at
    line += point
    area += point
  }
  close(rates.length - 1)
  return (
    <>
      <path className={styles[`${kind}Area`]} d={area} />
      <path className={styles[`${kind}Line`]} d={line} />
    </>
  )
}
