import { useId, useRef, useState } from 'react'
import type { TorrentId } from '#engine/api/ids.ts'
import { classNames } from '#renderer/lib/class-names.ts'
import { formatBytes } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { sheetClosed } from '../commands/windows-slice.ts'
import { useAppDispatch, useAppSelector, useEngine } from '../services.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { failureText } from '../use-attempt.ts'
import styles from './remove-sheet.module.css'

type Fate = 'keep' | 'delete'

/** More names than these are a number. */
const MOST_NAMES = 5

/** Names what goes and asks what becomes of its data; Cancel has the focus. */
export function RemoveSheet({ ids, data }: { ids: readonly TorrentId[]; data: Fate }) {
  const dispatch = useAppDispatch()
  const engine = useEngine()
  const cancel = useRef<HTMLButtonElement>(null)
  const [fate, setFate] = useState(data)
  const entities = useAppSelector(state => state.torrents.entities)
  const [torrents] = useState(() => ids.flatMap(id => entities[id] ?? []))
  const close = () => dispatch(sheetClosed())
  const size = torrents.reduce((sum, torrent) => sum + torrent.wantedSize, 0)
  const what = plural(torrents.length, 'torrent', 'torrents')

  const remove = async () => {
    close()
    try {
      const { problems } = await engine.call('torrents.remove', { ids, data: fate })
      const kept = fate === 'keep' ? ', its data stays' : ' and its data'
      dispatch(toastShown(`Removed ${what}${torrents.length === 1 ? kept : kept.replace('its', 'their')}`))
      for (const problem of problems.slice(0, 2)) dispatch(toastShown(problem, 'error'))
    } catch (error) {
      dispatch(toastShown(failureText(error), 'error'))
    }
  }
  return (
    <Sheet
      title={`Remove ${what}`}
      width="small"
      onClose={close}
      initialFocus={cancel}
      actions={
        <>
          <Button ref={cancel} onClick={close}>
            Cancel
          </Button>
          <Button look={fate === 'keep' ? 'primary' : 'danger'} onClick={() => void remove()}>
            {fate === 'keep' ? 'Remove, keep the data' : 'Remove and delete the data'}
          </Button>
        </>
      }
    >
      <ul className={styles.names}>
        {torrents.slice(0, MOST_NAMES).map(torrent => (
          <li key={torrent.id}>
            <CutName name={torrent.name} className={styles.name} />
            <span>{torrent.hasMetadata ? formatBytes(torrent.wantedSize) : ''}</span>
          </li>
        ))}
        {torrents.length > MOST_NAMES && <li>and {plural(torrents.length - MOST_NAMES, 'other', 'others')}</li>}
      </ul>
      <fieldset className={styles.choices}>
        <legend>What becomes of the data</legend>
        <Choice
          isOn={fate === 'keep'}
          title="Keep the data"
          facts={`Up to ${formatBytes(size)} stay on disk; added again, they are not downloaded twice.`}
          onChoose={() => setFate('keep')}
        />
        <Choice
          isOn={fate === 'delete'}
          isDangerous
          title="Delete the data"
          facts="Cannot be undone. Files that belong to no removed torrent stay."
          onChoose={() => setFate('delete')}
        />
      </fieldset>
    </Sheet>
  )
}

interface ChoiceProps {
  readonly isOn: boolean
  readonly isDangerous?: boolean
  readonly title: string
  readonly facts: string
  readonly onChoose: () => void
}

function Choice({ isOn, isDangerous = false, title, facts, onChoose }: ChoiceProps) {
  const radioId = useId()
  const factsId = useId()
  return (
    <label htmlFor={radioId} className={classNames(styles.choice, isOn && styles.on)}>
      <input
        id={radioId}
        type="radio"
        name="fate"
        aria-label={title}
        aria-describedby={factsId}
        checked={isOn}
        onChange={onChoose}
      />
      <span className={styles.words}>
        <span className={isDangerous ? styles.danger : undefined}>{title}</span>
        <span id={factsId} className={styles.facts}>
          {facts}
        </span>
      </span>
    </label>
  )
}
