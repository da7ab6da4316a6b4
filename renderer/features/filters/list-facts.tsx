import { formatCount, rateQuantity } from '#renderer/lib/format.ts'
import { useAppSelector } from '../services.ts'
import { selectVisibleIds } from '../torrents/visible-ids.ts'
import { GROUP_LABELS } from './filter-words.ts'
import styles from './list-facts.module.css'

/** What the list shows, in two short lines: the title of a narrow window. */
export function ListFacts() {
  const { group, tracker } = useAppSelector(state => state.filter)
  const count = useAppSelector(state => selectVisibleIds(state).length)
  const rates = useAppSelector(state => ratesText(state.session?.down ?? 0, state.session?.up ?? 0))
  const title = group !== null ? GROUP_LABELS[group] : tracker !== null ? tracker || 'No tracker' : 'All torrents'
  return (
    <div className={styles.facts}>
      <strong>{title}</strong>
      <span>
        {formatCount(count)} · {rates}
      </span>
    </div>
  )
}

/** Both directions; a unit they share is said once: "down 30.6 · up 7.4 MiB/s". */
function ratesText(down: number, up: number): string {
  const [downFigure, downUnit] = rateQuantity(down)
  const [upFigure, upUnit] = rateQuantity(up)
  return `down ${downFigure}${downUnit === upUnit ? '' : ` ${downUnit}`} · up ${upFigure} ${upUnit}`
}
