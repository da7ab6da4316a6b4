import { useRef } from 'react'
import type { TorrentPreview } from '#engine/api/commands.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { useAppDispatch } from '../services.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { picked } from '../torrents/selection-slice.ts'
import { useAttempt } from '../use-attempt.ts'
import { sourceOf, type AddRequest } from './add-requests.ts'
import styles from './add.module.css'

interface AlreadyHereProps {
  readonly request: AddRequest
  readonly preview: TorrentPreview
  readonly onClose: () => void
}

/** A torrent that is in the list: its trackers may be new, and a private one is never mixed with others. */
export function AlreadyHere({ request, preview, onClose }: AlreadyHereProps) {
  const attempt = useAttempt()
  const dispatch = useAppDispatch()
  const cancel = useRef<HTMLButtonElement>(null)
  const trackers = preview.trackers.flat().length
  const mayMerge = !preview.private && trackers > 0
  const show = () => {
    dispatch(picked({ id: preview.id, mode: 'only', order: [] }))
    onClose()
  }
  const merge = async () => {
    const source = sourceOf(request.id)
    if (!source || !(await attempt('torrents.add', { source }))) return
    dispatch(toastShown(`Added ${plural(trackers, 'tracker', 'trackers')} to ${preview.name}`))
    onClose()
  }
  return (
    <Sheet
      title="Already in the list"
      facts={preview.name}
      width="small"
      onClose={onClose}
      initialFocus={cancel}
      actions={
        <>
          <Button ref={cancel} onClick={onClose}>
            {mayMerge ? 'Cancel' : 'Close'}
          </Button>
          <Button onClick={show}>Show it</Button>
          {mayMerge && (
            <Button look="primary" onClick={() => void merge()}>
              {`Add its ${plural(trackers, 'tracker', 'trackers')}`}
            </Button>
          )}
        </>
      }
    >
      <p className={styles.words}>
        {mayMerge
          ? 'The trackers named in this one can be added to the torrent that is there. Nothing else changes.'
          : preview.private
            ? 'It is private: it stays with the trackers it has.'
            : 'There is nothing in this one that the torrent in the list does not have.'}
      </p>
    </Sheet>
  )
}
