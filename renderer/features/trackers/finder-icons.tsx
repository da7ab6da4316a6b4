import { Ban, CircleCheck, Clock, TriangleAlert, type LucideIcon } from 'lucide-react'
import type { FinderRow } from '#engine/api/model.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { finderTone, type FinderTone } from './finder-words.ts'
import type { TrackerTone } from './tracker-sentence.ts'
import styles from './trackers.module.css'

const GLYPHS: Record<TrackerTone | FinderTone, LucideIcon> = {
  good: CircleCheck,
  waiting: Clock,
  off: Ban,
  warning: TriangleAlert,
  error: TriangleAlert,
}

export const TrackerIcon = ({ tone }: { tone: TrackerTone }) => <Icon of={GLYPHS[tone]} className={styles[tone]} />

export function FinderIcon({ finder }: { finder: FinderRow }) {
  const tone = finderTone(finder)
  return <Icon of={GLYPHS[tone]} className={styles[tone]} />
}
