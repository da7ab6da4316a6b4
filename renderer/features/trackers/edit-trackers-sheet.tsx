import { useEffect, useRef, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { TextArea } from '#renderer/ui/text-area.tsx'
import { useAppDispatch, useAppSelector, useEngine } from '../services.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { failureText } from '../use-attempt.ts'
import { parseTiers } from './tracker-sentence.ts'
import styles from './trackers.module.css'

/** All trackers as text. The engine hands out whole addresses, secrets included, only when this is open. */
export function EditTrackersSheet({ id, onClose }: { id: TorrentId; onClose: () => void }) {
  const engine = useEngine()
  const dispatch = useAppDispatch()
  const torrent = useAppSelector(state => state.torrents.entities[id])
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState<string>()
  const [before, setBefore] = useState('')
  const [refused, setRefused] = useState<string>()
  useEffect(() => {
    let isOpen = true
    engine.call('torrent.getTrackers', { id }).then(
      ({ tiers }) => {
        if (!isOpen) return
        const whole = tiers.map(tier => tier.join('\n')).join('\n\n')
        setText(whole)
        setBefore(whole)
      },
      (error: unknown) => isOpen && setRefused(failureText(error)),
    )
    return () => {
      isOpen = false
    }
  }, [engine, id])
  useEffect(() => {
    if (text !== undefined && document.activeElement === document.body) field.current?.focus()
  }, [text])

  const { tiers, problem } = parseTiers(text ?? '')
  const isUnchanged = text === before
  const said = refused ?? problem
  const save = async () => {
    if (problem !== undefined || text === undefined || isUnchanged) return
    try {
      await engine.call('torrent.setTrackers', { id, tiers })
      dispatch(toastShown(`${torrent?.name ?? 'It'} has ${plural(tiers.flat().length, 'tracker', 'trackers')}`))
      onClose()
    } catch (error) {
      setRefused(failureText(error))
    }
  }
  return (
    <Sheet
      title="Edit trackers"
      facts={torrent?.name}
      onClose={onClose}
      initialFocus={field}
      keepOnPressOutside
      footnote={torrent?.private ? 'A private torrent: its tracker may not like others beside it.' : undefined}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            unavailable={
              text === undefined ? 'Reading them…' : (problem ?? (isUnchanged ? 'Nothing is changed' : undefined))
            }
            onClick={() => void save()}
          >
            Save trackers
          </Button>
        </>
      }
    >
      <div className={styles.edit}>
        <TextArea
          label="Trackers, one address a line; a blank line begins the next tier"
          areaRef={field}
          value={text ?? ''}
          rows={12}
          isBad={said !== undefined}
          isReadOnly={text === undefined}
          onValue={value => {
            setText(value)
            setRefused(undefined)
          }}
          onSubmit={() => void save()}
        />
        <p
          className={said === undefined ? styles.hint : styles.problem}
          role={said === undefined ? undefined : 'alert'}
        >
          {said ??
            'One address a line. A blank line begins the next tier, which is asked when the one above is silent.'}
        </p>
      </div>
    </Sheet>
  )
}
