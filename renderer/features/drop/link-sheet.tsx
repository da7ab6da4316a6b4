import { useRef, useState } from 'react'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { addRequested } from '../add/add-requests.ts'
import { sheetClosed } from '../commands/windows-slice.ts'
import { useAppDispatch } from '../services.ts'
import { sourcesInText } from './sources.ts'
import styles from './link-sheet.module.css'

/** A field for links and hashes, as many as somebody has. */
export function LinkSheet() {
  const dispatch = useAppDispatch()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState('')
  const sources = sourcesInText(text)
  const close = () => dispatch(sheetClosed())
  const add = () => {
    if (sources.length === 0) return
    close()
    dispatch(addRequested(sources))
  }
  const isUnread = text.trim() !== '' && sources.length === 0
  return (
    <Sheet
      title="Add by link or hash"
      facts="Magnet links, addresses of .torrent files, or info-hashes; one a line."
      width="small"
      onClose={close}
      initialFocus={field}
      keepOnPressOutside
      footnote={isUnread ? 'No link or hash in this text' : undefined}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            look="primary"
            unavailable={sources.length === 0 ? 'Paste a link or a hash first' : undefined}
            onClick={add}
          >
            {sources.length > 1 ? `Add ${plural(sources.length, 'torrent', 'torrents')}…` : 'Add…'}
          </Button>
        </>
      }
    >
      <textarea
        ref={field}
        className={styles.field}
        aria-label="Links or hashes"
        spellCheck={false}
        rows={5}
        placeholder="magnet:?xt=urn:btih:…"
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          // Lines come by pasting: Enter means "go". Shift makes a new line for those who type.
          if (event.key !== 'Enter' || event.shiftKey || sources.length === 0) return
          event.preventDefault()
          add()
        }}
      />
    </Sheet>
  )
}
