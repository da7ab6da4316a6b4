import { ProgressBar, type BarPattern } from './progress-bar.tsx'
import styles from './percent-bar.module.css'

/** A bar and its figure. */
export function PercentBar({ value, words, pattern }: { value: number; words: string; pattern: BarPattern }) {
  return (
    <span className={styles.percent}>
      <span className={styles.words}>{words}</span>
      <ProgressBar value={value} pattern={pattern} />
    </span>
  )
}
