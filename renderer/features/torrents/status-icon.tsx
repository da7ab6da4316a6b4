import {
  ArrowDown,
  ArrowUp,
  Check,
  HardDrive,
  Hourglass,
  List,
  RotateCw,
  TriangleAlert,
  Unplug,
  type LucideIcon,
} from 'lucide-react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Finding, Pause } from '#renderer/ui/glyphs.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import type { Glyph, Tone } from './status.ts'
import styles from './status-icon.module.css'

export const GLYPHS: Record<Glyph, LucideIcon> = {
  down: ArrowDown,
  up: ArrowUp,
  done: Check,
  stalled: Hourglass,
  queued: List,
  checking: RotateCw,
  paused: Pause,
  warning: TriangleAlert,
  finding: Finding,
  full: HardDrive,
  away: Unplug,
}

/** A state's glyph in its colour; its word stands beside it. */
export const StatusIcon = ({ glyph, tone }: { glyph: Glyph; tone: Tone }) => (
  <Icon of={GLYPHS[glyph]} className={classNames(styles[tone])} />
)
