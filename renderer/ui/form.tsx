import type { ReactNode } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import styles from './form.module.css'

/** Rows of label and field; Enter in a field is the sheet's verb. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={styles.form}
      onSubmit={event => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {children}
      <button type="submit" className={styles.enter} tabIndex={-1} aria-hidden="true" />
    </form>
  )
}

/** The label is for the eye: the field itself carries its name. */
export function FormRow({
  label,
  hint,
  isBad = false,
  children,
}: {
  label: string
  hint?: ReactNode
  isBad?: boolean
  children: ReactNode
}) {
  return (
    <>
      <span className={styles.label} aria-hidden="true">
        {label}
      </span>
      <div className={styles.value}>
        {children}
        {hint !== undefined && (
          <p className={classNames(styles.hint, isBad && styles.bad)} role={isBad ? 'alert' : undefined}>
            {hint}
          </p>
        )}
      </div>
    </>
  )
}
