import type { Ref } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import styles from './text-area.module.css'

interface TextAreaProps {
  readonly label: string
  readonly value: string
  readonly onValue: (value: string) => void
  readonly rows: number
  readonly isBad?: boolean
  readonly isReadOnly?: boolean
  readonly placeholder?: string
  /** Ctrl+Enter: Enter alone is a new line. */
  readonly onSubmit?: () => void
  readonly areaRef?: Ref<HTMLTextAreaElement>
}

/** Lines that are addresses: they wrap nowhere. */
export function TextArea({
  label,
  value,
  onValue,
  rows,
  isBad,
  isReadOnly,
  placeholder,
  onSubmit,
  areaRef,
}: TextAreaProps) {
  return (
    <textarea
      ref={areaRef}
      className={classNames(styles.area, isBad && styles.bad)}
      aria-label={label}
      aria-invalid={isBad || undefined}
      value={value}
      rows={rows}
      wrap="off"
      spellCheck={false}
      autoComplete="off"
      readOnly={isReadOnly}
      placeholder={placeholder}
      onChange={event => onValue(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSubmit?.()
      }}
    />
  )
}
