import { Check, ChevronDown, Search, type LucideIcon } from 'lucide-react'
import { Select as BaseSelect } from '@base-ui/react/select'
import { useState, type ComponentProps, type ReactNode, type Ref } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Icon } from './icon.tsx'
import styles from './field.module.css'

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'size' | 'onChange' | 'ref'> {
  readonly label: string
  readonly onValue: (value: string) => void
  /** Outlined as wrong; the reason stands beside it. */
  readonly isBad?: boolean
  readonly size?: 'normal' | 'small'
  readonly icon?: LucideIcon
  /** Inside the outline, at the end. */
  readonly after?: ReactNode
  readonly inputRef?: Ref<HTMLInputElement> | undefined
}

export function TextField({
  label,
  onValue,
  isBad = false,
  size = 'normal',
  icon,
  after,
  className,
  inputRef,
  ...rest
}: TextFieldProps) {
  return (
    <span className={classNames(styles.field, size === 'small' && styles.small, isBad && styles.bad, className)}>
      {icon && <Icon of={icon} />}
      <input
        type="text"
        spellCheck={false}
        autoComplete="off"
        {...rest}
        ref={inputRef}
        aria-label={label}
        aria-invalid={isBad || undefined}
        onChange={event => onValue(event.target.value)}
      />
      {after}
    </span>
  )
}

/** Filters something below it; Escape empties it first, and only an empty one lets Escape through. */
export function SearchField(props: Omit<TextFieldProps, 'icon' | 'onKeyDown'>) {
  return (
    <TextField
      {...props}
      icon={Search}
      type="search"
      onKeyDown={event => {
        if (event.key !== 'Escape' || event.currentTarget.value === '') return
        event.stopPropagation()
        event.preventDefault()
        props.onValue('')
      }}
    />
  )
}

interface CommitFieldProps extends Omit<TextFieldProps, 'value' | 'onValue' | 'isBad' | 'onBlur' | 'onKeyDown'> {
  /** As shown while nobody edits it. */
  readonly value: string
  /** Why this text is refused, or undefined. */
  readonly check: (text: string) => string | undefined
  /** Enter, or leaving the field with something else in it; never with a refused text. */
  readonly onCommit: (text: string) => void
  /** Told while editing; the field only draws its outline. */
  readonly onProblem?: (problem: string | undefined) => void
}

/** A value that is taken when it is whole: on Enter or on leaving. Escape brings back what was. */
export function CommitField({ value, check, onCommit, onProblem, ...rest }: CommitFieldProps) {
  const [draft, setDraft] = useState<string>()
  const problem = draft === undefined || draft === value ? undefined : check(draft)
  const edit = (text: string | undefined) => {
    setDraft(text)
    onProblem?.(text === undefined || text === value ? undefined : check(text))
  }
  const commit = () => {
    if (draft === undefined || problem !== undefined) return
    edit(undefined)
    if (draft !== value) onCommit(draft)
  }
  return (
    <TextField
      {...rest}
      value={draft ?? value}
      isBad={problem !== undefined}
      onValue={edit}
      onBlur={commit}
      onKeyDown={event => {
        if (event.key === 'Enter') commit()
        if (event.key !== 'Escape' || draft === undefined) return
        event.stopPropagation()
        edit(undefined)
      }}
    />
  )
}

interface SelectProps<Value extends string> {
  readonly label: string
  readonly value: Value | undefined
  readonly choices: readonly { readonly value: Value; readonly title: string }[]
  readonly onChoose: (value: Value) => void
  /** Shown while `value` is undefined. */
  readonly placeholder?: string
  readonly look?: 'field' | 'bare'
  readonly className?: string | undefined
  readonly tabIndex?: number
}

export function Select<Value extends string>({
  label,
  value,
  choices,
  onChoose,
  placeholder = '',
  look = 'field',
  className,
  tabIndex,
}: SelectProps<Value>) {
  return (
    <BaseSelect.Root
      items={choices.map(choice => ({ value: choice.value, label: choice.title }))}
      value={value ?? null}
      onValueChange={chosen => chosen !== null && onChoose(chosen)}
      modal={false}
    >
      <BaseSelect.Trigger
        aria-label={label}
        className={classNames(look === 'field' ? styles.field : styles.bare, styles.select, className)}
        {...(tabIndex !== undefined && { tabIndex })}
      >
        <BaseSelect.Value className={styles.chosen}>
          {(chosen: Value | null) => choices.find(choice => choice.value === chosen)?.title ?? placeholder}
        </BaseSelect.Value>
        <BaseSelect.Icon className={styles.chevron}>
          <Icon of={ChevronDown} size={look === 'bare' ? 'small' : 'normal'} />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner className={styles.positioner} sideOffset={4} alignItemWithTrigger={false}>
          <BaseSelect.Popup className={styles.popup}>
            <BaseSelect.List>
              {choices.map(choice => (
                <BaseSelect.Item key={choice.value} value={choice.value} className={styles.item}>
                  <span className={styles.mark}>
                    <BaseSelect.ItemIndicator>
                      <Icon of={Check} />
                    </BaseSelect.ItemIndicator>
                  </span>
                  <BaseSelect.ItemText>{choice.title}</BaseSelect.ItemText>
                </BaseSelect.Item>
              ))}
            </BaseSelect.List>
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  )
}
