import type { ReactNode } from 'react'
import type { FolderInfo } from '#engine/api/commands.ts'
import { Form, FormRow } from '#renderer/ui/form.tsx'
import { Select } from '#renderer/ui/field.tsx'
import { FolderField } from '../folders/folder-field.tsx'
import { folderProblem } from '../folders/paths.ts'
import { roomOf, writeProblem } from './add-plan.ts'
import styles from './add.module.css'

export const STARTS = [
  { value: 'now', title: 'Now' },
  { value: 'paused', title: 'Paused' },
] as const

interface SaveFormProps {
  readonly saveTo: string
  readonly onSaveTo: (path: string) => void
  readonly folder: FolderInfo | undefined
  /** What comes to lie there. */
  readonly bytes: number
  readonly ticked: ReactNode
  readonly start: boolean
  readonly onStart: (start: boolean) => void
  /** Enter in a field. */
  readonly onSubmit: () => void
}

/** Where it goes, whether there is room, and when it starts. */
export function SaveForm({ saveTo, onSaveTo, folder, bytes, ticked, start, onStart, onSubmit }: SaveFormProps) {
  const problem = folderProblem(saveTo) ?? writeProblem(folder)
  const room = roomOf(folder, bytes)
  return (
    <Form onSubmit={onSubmit}>
      <FormRow
        label="Save to"
        hint={problem ?? (folder && !folder.exists ? 'This folder will be made.' : undefined)}
        isBad={problem !== undefined}
      >
        <FolderField label="Save to" value={saveTo} onValue={onSaveTo} isBad={problem !== undefined} />
      </FormRow>
      <FormRow label="Room">
        <div className={styles.space}>
          {room.bar && (
            <div
              role="img"
              aria-label={`The drive is ${Math.round(room.bar.used * 100)} % full, this adds ${Math.round(room.bar.added * 100)} %`}
              className={styles.drive}
            >
              <i className={styles.used} style={{ inlineSize: `${room.bar.used * 100}%` }} />
              {room.bar.added > 0 && (
                <i
                  className={room.isShort ? styles.tooMuch : styles.added}
                  style={{ inlineSize: `${room.bar.added * 100}%` }}
                />
              )}
            </div>
          )}
          {ticked}
        </div>
      </FormRow>
      <FormRow label="Start">
        <Select
          label="Start"
          className={styles.start}
          value={start ? 'now' : 'paused'}
          choices={STARTS}
          onChoose={value => onStart(value === 'now')}
        />
      </FormRow>
    </Form>
  )
}
