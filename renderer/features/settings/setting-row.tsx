import { useId, useState } from 'react'
import { ENCRYPTION, type Encryption, type SettingKey, type Settings } from '#engine/api/settings.ts'
import { classNames } from '#renderer/lib/class-names.ts'
import { Button } from '#renderer/ui/button.tsx'
import { Switch } from '#renderer/ui/checkbox.tsx'
import { CommitField, Select } from '#renderer/ui/field.tsx'
import { FolderField } from '../folders/folder-field.tsx'
import { defaultOf, isChanged, parseSetting, shownValue, type SettingItem } from './setting-list.ts'
import styles from './settings.module.css'

type Value = Settings[SettingKey]

interface SettingRowProps {
  readonly item: SettingItem
  readonly value: Value
  /** Why the engine did not take it. */
  readonly refusal: string | undefined
  /** What came of it, as the engine says. */
  readonly outcome?: string | undefined
  readonly onChange: (value: Value) => void
}

/** Label, field, and what the default is; a bad value is refused here and never leaves the field. */
export function SettingRow({ item, value, refusal, outcome, onChange }: SettingRowProps) {
  const [typed, setTyped] = useState<string>()
  const hintId = useId()
  const changed = isChanged(item.key, value)
  const problem = typed ?? refusal
  return (
    <div className={classNames(styles.row, item.kind === 'folder' && styles.wide)}>
      <span className={styles.label}>
        {item.label}
        {changed && <span className={styles.changed} title="Changed" />}
      </span>
      <Control item={item} value={value} hintId={hintId} onProblem={setTyped} onChange={onChange} />
      <p
        id={hintId}
        className={problem === undefined ? styles.hint : styles.problem}
        role={problem === undefined ? undefined : 'alert'}
      >
        {problem ?? (
          <>
            {item.hint} {outcome} {defaultWords(item, changed)}{' '}
            {changed && (
              <Button
                look="link"
                className={styles.reset}
                aria-label={`Reset ${item.label}`}
                onClick={() => onChange(defaultOf(item.key)!)}
              >
                Reset
              </Button>
            )}
          </>
        )}
      </p>
    </div>
  )
}

function defaultWords(item: SettingItem, changed: boolean): string {
  const standard = defaultOf(item.key)
  if (standard === undefined || !changed) return ''
  const shown = shownValue(item, standard)
  return `Default: ${insideSentence(item, shown)}.`
}

/** What 0 means is a phrase, and phrases begin small inside a sentence. */
const insideSentence = (item: SettingItem, shown: string) =>
  shown === item.zero ? shown.charAt(0).toLowerCase() + shown.slice(1) : shown

interface ControlProps {
  readonly item: SettingItem
  readonly value: Value
  readonly hintId: string
  readonly onProblem: (problem: string | undefined) => void
  readonly onChange: (value: Value) => void
}

function Control({ item, value, hintId, onProblem, onChange }: ControlProps) {
  if (typeof value === 'boolean') {
    return <Switch label={item.label} on={value} describedBy={hintId} onSwitch={onChange} />
  }
  if (item.choices && typeof value === 'string') {
    const choices = Object.entries(item.choices).map(([choice, title]) => ({ value: choice, title }))
    return (
      <Select
        label={item.label}
        value={value}
        choices={choices}
        onChoose={chosen => {
          if (isEncryption(chosen)) onChange(chosen)
        }}
      />
    )
  }
  const shown = shownValue(item, value)
  const parse = (text: string) => parseSetting(item, text, insideSentence(item, shown))
  if (item.kind === 'folder') {
    return (
      <FolderSetting
        label={item.label}
        value={shown}
        parse={text => parse(text).problem}
        onProblem={onProblem}
        onChange={onChange}
      />
    )
  }
  return (
    <CommitField
      label={item.label}
      aria-describedby={hintId}
      value={shown}
      check={text => parse(text).problem}
      onProblem={onProblem}
      onFocus={event => event.target.select()}
      onCommit={text => {
        const parsed = parse(text)
        if (parsed.problem === undefined && parsed.value !== value) onChange(parsed.value)
      }}
    />
  )
}

const isEncryption = (text: string): text is Encryption => ENCRYPTION.some(known => known === text)

interface FolderSettingProps {
  readonly label: string
  readonly value: string
  readonly parse: (text: string) => string | undefined
  readonly onProblem: (problem: string | undefined) => void
  readonly onChange: (value: string) => void
}

/** A path is whole when its field is left; one that was picked is whole at once. */
function FolderSetting({ label, value, parse, onProblem, onChange }: FolderSettingProps) {
  const [draft, setDraft] = useState<string>()
  const commit = (text: string) => {
    const problem = parse(text)
    onProblem(problem)
    if (problem !== undefined) return setDraft(text)
    setDraft(undefined)
    if (text.trim() !== value) onChange(text.trim())
  }
  return (
    <FolderField
      label={label}
      value={draft ?? value}
      isBad={draft !== undefined && parse(draft) !== undefined}
      onValue={setDraft}
      onPicked={commit}
      onLeave={() => draft !== undefined && commit(draft)}
    />
  )
}
