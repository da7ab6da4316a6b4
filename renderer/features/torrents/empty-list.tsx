import { ClipboardPaste, Plus } from 'lucide-react'
import { formatBytes } from '#renderer/lib/format.ts'
import { Button } from '#renderer/ui/button.tsx'
import { useCommand } from '../commands/use-commands.ts'
import { sheetOpened } from '../commands/windows-slice.ts'
import { filterCleared } from '../filters/filter-slice.ts'
import { filterWords } from '../filters/filter-words.ts'
import { useAppDispatch, useAppSelector } from '../services.ts'
import styles from './empty-list.module.css'

/** Nothing to show: what to do first, or which filter hides everything. */
export function EmptyList() {
  const hasTorrents = useAppSelector(state => state.torrents.ids.length > 0)
  return hasTorrents ? <NoMatch /> : <FirstSteps />
}

function FirstSteps() {
  const addFile = useCommand('add-file')
  const paste = useCommand('paste')
  const dispatch = useAppDispatch()
  const folder = useAppSelector(state => state.session?.downloadFolder ?? state.settings?.downloadFolder ?? '')
  const free = useAppSelector(state => state.session?.freeSpace ?? null)
  return (
    <div className={styles.empty} data-region="list">
      <svg viewBox="0 0 56 56" className={styles.drawing} aria-hidden="true">
        <path d="M8 34v10a4 4 0 0 0 4 4h32a4 4 0 0 0 4-4V34M28 8v28M18 26l10 10 10-10" />
      </svg>
      <h1>Drop a .torrent here or paste a magnet link</h1>
      <p>
        Downloads go to <bdi>{folder}</bdi>
        {free !== null && `, ${formatBytes(free)} free`}.{' '}
        <Button look="link" onClick={() => dispatch(sheetOpened({ kind: 'settings' }))}>
          Change…
        </Button>
      </p>
      <div className={styles.actions}>
        <Button look="primary" icon={Plus} onClick={addFile.run}>
          Add file…
        </Button>
        <Button icon={ClipboardPaste} onClick={paste.run}>
          Paste link
        </Button>
      </div>
    </div>
  )
}

function NoMatch() {
  const dispatch = useAppDispatch()
  const filter = useAppSelector(state => state.filter)
  const count = useAppSelector(state => state.torrents.ids.length)
  return (
    <div className={styles.empty} data-region="list">
      <h1>No match</h1>
      <p>
        None of {count === 1 ? 'the 1 torrent' : `${count} torrents`} is {filterWords(filter)}.
      </p>
      <div className={styles.actions}>
        <Button onClick={() => dispatch(filterCleared())}>Clear the filter</Button>
      </div>
    </div>
  )
}
