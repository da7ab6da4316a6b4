import { ArrowDownToLine, Search } from 'lucide-react'
import { useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Keys } from '#renderer/ui/keys.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { useAppDispatch, useAppStore } from '../services.ts'
import { picked } from '../torrents/selection-slice.ts'
import { useShownKeys } from './command-items.tsx'
import type { Command } from './command.ts'
import { findInPalette, type Found } from './palette-search.ts'
import { commands } from './registry.ts'
import { useCommandContext, useRunCommand } from './use-commands.ts'
import { detailsOpened, sheetClosed } from './windows-slice.ts'
import styles from './palette.module.css'

/** Everything the app can do, and every torrent, by typing a part of its name. */
export function Palette() {
  const dispatch = useAppDispatch()
  const store = useAppStore()
  const run = useRunCommand()
  const contextNow = useCommandContext()
  const listId = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [place, setPlace] = useState(0)
  // The world as it was when the palette opened: lines do not change under the hand.
  const context = useMemo(() => contextNow(), [contextNow])
  const { sections, lines } = useMemo(() => findInPalette(text, commands, context), [text, context])
  const chosen = lines[Math.min(place, lines.length - 1)]
  const close = () => dispatch(sheetClosed())

  const choose = (found: Found | undefined) => {
    if (!found || found.unavailable !== undefined) return
    close()
    if (found.kind === 'command') {
      // After the sheet has gone and given the focus back, so that a command may move it.
      requestAnimationFrame(() => requestAnimationFrame(() => run(found.command)))
    } else {
      store.dispatch(picked({ id: found.id, mode: 'only', order: [] }))
      store.dispatch(detailsOpened())
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && lines.length > 0) {
      event.preventDefault()
      const next = (place + step + lines.length) % lines.length
      setPlace(next)
      document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: 'nearest' })
    }
    if (event.key === 'Enter') {
      event.preventDefault()
      choose(chosen)
    }
  }
  return (
    <Sheet title="All commands" bare width="palette" onClose={close} initialFocus={input}>
      <div className={styles.search}>
        <Icon of={Search} />
        <input
          ref={input}
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={chosen ? `${listId}-${lines.indexOf(chosen)}` : undefined}
          aria-label="Find a command or a torrent"
          placeholder="Find a command or a torrent"
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={event => {
            setText(event.target.value)
            setPlace(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div role="listbox" id={listId} aria-label="Commands and torrents" className={styles.list}>
        {sections.map(section => (
          <div key={section.title} role="group" aria-label={section.title}>
            <div role="presentation" className={styles.heading}>
              {section.title}
            </div>
            {section.lines.map(found => {
              const at = lines.indexOf(found)
              return (
                <Line
                  key={found.key}
                  id={`${listId}-${at}`}
                  found={found}
                  isOn={found === chosen}
                  onPoint={() => setPlace(at)}
                  onChoose={() => choose(found)}
                />
              )
            })}
          </div>
        ))}
        {lines.length === 0 && <p className={styles.none}>Nothing is called “{text}”.</p>}
      </div>
      <div className={styles.foot}>
        <Keys of={['↑', '↓']} /> choose <Keys of={['Enter']} /> run <Keys of={['Esc']} /> close
        <span className={styles.grow} />
        {plural(lines.length, 'entry', 'entries')}
      </div>
    </Sheet>
  )
}

interface LineProps {
  readonly id: string
  readonly found: Found
  readonly isOn: boolean
  readonly onPoint: () => void
  readonly onChoose: () => void
}

function Line({ id, found, isOn, onPoint, onChoose }: LineProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the combobox above has the keys
    <div
      role="option"
      id={id}
      tabIndex={-1}
      aria-selected={isOn}
      aria-disabled={found.unavailable !== undefined}
      className={classNames(styles.line, isOn && styles.on)}
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      <span className={styles.glyph}>
        {found.kind === 'torrent' ? (
          <Icon of={ArrowDownToLine} />
        ) : (
          found.command.icon && <Icon of={found.command.icon} />
        )}
      </span>
      <span className={styles.name}>{marked(found)}</span>
      {found.unavailable !== undefined && <span className={styles.why}>{found.unavailable}</span>}
      {found.kind === 'command' && <CommandKeys command={found.command} />}
    </div>
  )
}

function CommandKeys({ command }: { command: Command }) {
  const keys = useShownKeys(command.id)
  return keys ? <Keys of={keys} /> : null
}

/** The typed part in bold. */
function marked({ name, from, length }: Found): ReactNode {
  if (length === 0) return name
  return (
    <>
      {name.slice(0, from)}
      <b>{name.slice(from, from + length)}</b>
      {name.slice(from + length)}
    </>
  )
}
