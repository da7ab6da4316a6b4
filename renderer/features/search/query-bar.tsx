import { Search, X } from 'lucide-react'
import { classNames } from '#renderer/lib/class-names.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { keyCaps } from '#renderer/lib/keys.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Keys } from '#renderer/ui/keys.tsx'
import { focusList } from '../commands/regions.ts'
import { queryTyped } from '../filters/filter-slice.ts'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { selectVisibleIds } from '../torrents/visible-ids.ts'
import styles from './query-bar.module.css'

const takeFocus = (input: HTMLInputElement | null) => input?.focus()

const HELP = 'Words of the name; also state:paused, tracker:host, "words with blanks", -without'

interface QueryBarProps {
  /** It has a narrow bar to itself: takes all the room, and the focus at once. */
  readonly isOnlyGuest?: boolean
  readonly onLeave?: () => void
}

/** Filters while one types. Escape empties it and goes back to the list. */
export function QueryBar({ isOnlyGuest = false, onLeave }: QueryBarProps) {
  const dispatch = useAppDispatch()
  const query = useAppSelector(state => state.filter.query)
  const count = useAppSelector(state => (query === '' ? 0 : selectVisibleIds(state).length))
  const setText = (text: string) => dispatch(queryTyped(text))
  return (
    <div className={classNames(styles.query, isOnlyGuest && styles.alone)} role="search">
      <Icon of={Search} />
      <input
        type="text"
        role="searchbox"
        data-query
        ref={isOnlyGuest ? takeFocus : undefined}
        aria-label="Filter the list"
        placeholder="Filter by name, state:, tracker:"
        title={HELP}
        spellCheck={false}
        autoComplete="off"
        value={query}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') {
            setText('')
            onLeave?.()
          }
          if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
            event.preventDefault()
            requestAnimationFrame(focusList)
          }
        }}
      />
      {query === '' && isOnlyGuest ? null : query === '' ? (
        <Keys bare of={keyCaps('Mod+F')} />
      ) : (
        <>
          <span className={styles.count}>{formatCount(count)} found</span>
          <Button look="plain" size="small" icon={X} hint="Clear the filter" onClick={() => setText('')} />
        </>
      )}
    </div>
  )
}
