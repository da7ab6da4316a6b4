import { formatRate } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { useAppSelector } from '../services.ts'
import { selectVisibleIds } from '../torrents/visible-ids.ts'
import { GROUP_LABELS } from './filter-words.ts'
import styles from './list-facts.module.css'

/** What the list shows, in two short lines: the title of a narrow window. */
export function ListFacts() {
  const { group, tracker } = useAppSelector(state => state.filter)
  const count = useAppSelector(state => selectVisibleIds(state).length)
  const down = useAppSelector(state => formatRate(state.session?.down ?? 0))
  const up = useAppSelector(state => formatRate(state.session?.up ?? 0))
  const title = group !== null ? GROUP_LABELS[group] : tracker !== null ? tracker || 'No tracker' : 'All torrents'
  return (
    <div className={styles.facts}>
      <strong>{title}</strong>
      <span>
        {plural(count, 'torrent', 'torrents')} · down {down} · up {up}
      </span>
    </div>
  )
}
