/** Glyphs that the set lacks, drawn on its grid of 24. */
import { createLucideIcon } from 'lucide-react'

/** Two strokes: the set's own are two boxes, which close up at 16 px. */
export const Pause = createLucideIcon('pause-strokes', [
  ['path', { d: 'M8.5 5.5v13', key: 'left' }],
  ['path', { d: 'M15.5 5.5v13', key: 'right' }],
])

/** A lens with three dots: still looking. */
export const Finding = createLucideIcon('finding', [
  ['circle', { cx: '10.5', cy: '10.5', r: '6.5', key: 'lens' }],
  ['path', { d: 'm15.3 15.3 5 5', key: 'handle' }],
  ['path', { d: 'M8 10.5h.01M10.5 10.5h.01M13 10.5h.01', key: 'dots' }],
])
