import { TriangleAlert, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Button } from './button.tsx'
import { CutName } from './cut-name.tsx'
import { Icon } from './icon.tsx'
import styles from './toast.module.css'

interface ToastProps {
  readonly tone: 'plain' | 'error'
  readonly text: string
  readonly action?: { readonly label: string; readonly onRun: () => void } | undefined
  readonly onDismiss: () => void
  readonly onHold: (held: boolean) => void
}

/** Says what happened; held open while the pointer or the focus is in it. */
export function Toast({ tone, text, action, onDismiss, onHold }: ToastProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only waits while somebody reads
    <li
      className={styles.toast}
      onPointerEnter={() => onHold(true)}
      onPointerLeave={() => onHold(false)}
      onFocus={() => onHold(true)}
      onBlur={() => onHold(false)}
    >
      {tone === 'error' && <Icon of={TriangleAlert} className={styles.warning} />}
      {tone === 'error' ? (
        <span className={styles.text}>{text}</span>
      ) : (
        <CutName name={text} className={classNames(styles.text, styles.short)} />
      )}
      {action && (
        <Button look="link" onClick={action.onRun}>
          {action.label}
        </Button>
      )}
      <Button look="plain" size="small" icon={X} hint="Dismiss" onClick={onDismiss} />
    </li>
  )
}

/** Bottom left, the newest below. `F8` finds it by its label. */
export const ToastList = ({ children }: { children: ReactNode }) => (
  <section aria-label="Messages" tabIndex={-1} data-region="toasts">
    <ol className={styles.list}>{children}</ol>
  </section>
)
