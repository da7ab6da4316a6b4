import { Search, X } from 'lucide-react'
import { useDeferredValue, useEffect, useState } from 'react'
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

const HELP = 'Words of the name; also state:paused, tracker:host, "words with blanks", -without'

/** Filters while one types. Escape empties it and goes back to the list. */
export function QueryBar() {
  const dispatch = useAppDispatch()
  const query = useAppSelector(state => state.filter.query)
  const count = useAppSelector(state => (query === '' ? 0 : selectVisibleIds(state).length))
  const [text, setText] = useState(query)
  // Typing is never held up by ten thousand rows: the list follows when it can.
  const settled = useDeferredValue(text)
  useEffect(() => {
    dispatch(queryTyped(settled))
  }, [dispatch, settled])
  useEffect(() => {
    // Cleared from elsewhere.
    if (query === '') setText('')
  }, [query])
  return (
    <div className={styles.query} role="search">
      <Icon of={Search} />
      <input
        type="text"
        role="searchbox"
        data-query
        aria-label="Filter the list"
        placeholder="Filter by name, state:, tracker:"
        title={HELP}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') setText('')
          if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
            event.preventDefault()
            requestAnimationFrame(focusList)
          }
        }}
      />
      {text === '' ? (
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
