import type { CSSProperties } from 'react'
import styles from './progress-bar.module.css'

/** The pattern names the state without colour. */
export type BarPattern =
  | 'downloading'
  | 'seeding'
  | 'idle' // a complete seed nobody asks
  | 'stalled'
  | 'checking'
  | 'moving'
  | 'paused'
  | 'queued'
  | 'finding'
  | 'done'
  | 'failed'
  | 'away'
  | 'plain'

interface ProgressBarProps {
  /** 0..1, verified. */
  readonly value: number
  /** 0..1, received and not verified: the pale head. */
  readonly pending?: number
  readonly pattern: BarPattern
  /** What is read out; without it the bar is decoration beside its figure. */
  readonly label?: string
}

const percent = (part: number) => `${Math.min(100, Math.max(0, part * 100)).toFixed(2)}%`

/** A bar never stands alone: its figure is text beside it. */
export function ProgressBar({ value, pending = 0, pattern, label }: ProgressBarProps) {
  const widths = { '--value': percent(value), '--pending': percent(Math.min(pending, 1 - value)) } as CSSProperties
  const role = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }
  return (
    <span {...role} className={`${styles.bar} ${styles[pattern]}`} style={widths}>
      <i />
      {pending > 0 && <i />}
    </span>
  )
}
