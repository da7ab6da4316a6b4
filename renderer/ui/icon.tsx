import type { LucideIcon } from 'lucide-react'
import { classNames } from '#renderer/lib/class-names.ts'
import styles from './icon.module.css'

/** Drawn on a grid of 24, shown at 16: this is 1.5 px on screen. */
const STROKE = 2.25

/** One line-drawn set for all. Decoration: the name belongs to the control around it. */
export function Icon({
  of: Glyph,
  size = 'normal',
  className,
}: {
  of: LucideIcon
  size?: 'small' | 'normal' | 'large'
  className?: string | undefined
}) {
  return (
    <Glyph
      aria-hidden="true"
      focusable="false"
      strokeWidth={STROKE}
      className={classNames(styles.icon, styles[size], className)}
    />
  )
}
