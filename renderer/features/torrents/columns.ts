import type { TableColumn } from '#renderer/ui/virtual-table.tsx'
import type { SortKey } from './sort-slice.ts'
import styles from './torrent-row.module.css'

/** The one list of columns, in the order of the cells of a row. Which of them fit is decided by the style sheet. */
export const COLUMNS: readonly TableColumn<SortKey>[] = [
  { key: 'queue', label: '#', isNumber: true, className: styles.queueHead, hint: 'Place in the queue' },
  { key: 'name', label: 'Name' },
  { key: 'size', label: 'Size', isNumber: true, className: styles.size, hint: 'What is wanted of it' },
  { key: 'progress', label: 'Progress', className: styles.progressHead },
  { key: 'state', label: 'State' },
  { key: 'down', label: 'Down', isNumber: true },
  { key: 'up', label: 'Up', isNumber: true },
  { key: 'eta', label: 'ETA', isNumber: true, hint: 'Time left, about' },
  { key: 'ratio', label: 'Ratio', isNumber: true, className: styles.ratio, hint: 'Uploaded for each byte downloaded' },
  { key: 'swarm', label: 'Swarm', isNumber: true, className: styles.swarm, hint: 'Seeds and peers, connected' },
  { key: 'added', label: 'Added', className: styles.added },
  { key: 'tracker', label: 'Tracker', className: styles.tracker },
]
