import { Keys } from '#renderer/ui/keys.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { useAppDispatch } from '../services.ts'
import { useShownKeys } from './command-items.tsx'
import type { Command } from './command.ts'
import { commands } from './registry.ts'
import { sheetClosed } from './windows-slice.ts'
import styles from './shortcuts-sheet.module.css'

const LIST_KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['↑', '↓', 'Home', 'End', 'PgUp', 'PgDn'], 'Move in the list'],
  [['Shift', '↓'], 'Extend the selection'],
  [['Ctrl', 'Space'], 'Add or take out one torrent'],
  [['a … z'], 'Go to the name that begins so'],
  [['Shift', 'F10'], 'Menu of the torrent'],
]

export function ShortcutsSheet() {
  const dispatch = useAppDispatch()
  return (
    <Sheet title="Keyboard shortcuts" onClose={() => dispatch(sheetClosed())}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reached by keys */}
      <div className={styles.columns} tabIndex={0} role="group" aria-label="All shortcuts">
        <Section title="Torrents" scope="selection" />
        <Section title="Window" scope="app" />
        <section>
          <h2>List</h2>
          <dl>
            {LIST_KEYS.map(([keys, does]) => (
              <div key={does} className={styles.line}>
                <dt>{does}</dt>
                <dd>
                  <Keys of={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Sheet>
  )
}

const Section = ({ title, scope }: { title: string; scope: Command['scope'] }) => (
  <section>
    <h2>{title}</h2>
    <dl>
      {commands
        .filter(command => command.scope === scope && command.keys !== undefined)
        .map(command => (
          <Line key={command.id} command={command} />
        ))}
    </dl>
  </section>
)

function Line({ command }: { command: Command }) {
  const keys = useShownKeys(command.id)
  return keys ? (
    <div className={styles.line}>
      <dt>{command.label}</dt>
      <dd>
        <Keys of={keys} />
      </dd>
    </div>
  ) : null
}
