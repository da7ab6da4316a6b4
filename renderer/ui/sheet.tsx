import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode, RefObject } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import styles from './sheet.module.css'

interface SheetProps {
  readonly title: ReactNode
  /** One line under the title. */
  readonly facts?: ReactNode
  readonly width?: 'small' | 'normal' | 'wide' | 'settings' | 'palette'
  readonly onClose: () => void
  /** What takes the focus; else the first control. */
  readonly initialFocus?: RefObject<HTMLElement | null>
  /** Facts at the left of the foot. */
  readonly footnote?: ReactNode
  /** Buttons, the verb last. */
  readonly actions?: ReactNode
  /** The title is drawn by the content: it still names the sheet. */
  readonly bare?: boolean
  /** A press beside it does not close what took work to fill in. */
  readonly keepOnPressOutside?: boolean
  readonly role?: 'dialog' | 'alertdialog'
  readonly children?: ReactNode
}

/** Title, one line of facts, content edge to edge, a foot with one verb. It is open as long as it is rendered. */
export function Sheet({
  title,
  facts,
  width = 'normal',
  onClose,
  initialFocus,
  footnote,
  actions,
  bare = false,
  keepOnPressOutside = false,
  role,
  children,
}: SheetProps) {
  return (
    <Dialog.Root open onOpenChange={open => !open && onClose()} disablePointerDismissal={keepOnPressOutside}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.scrim} />
        <Dialog.Popup
          className={classNames(styles.sheet, styles[width])}
          {...(initialFocus && { initialFocus })}
          {...(role && { role })}
        >
          {bare ? (
            <Dialog.Title className={styles.unseen}>{title}</Dialog.Title>
          ) : (
            <header className={styles.head}>
              <Dialog.Title className={styles.title}>{title}</Dialog.Title>
              {facts !== undefined && (
                <Dialog.Description className={styles.facts} render={<div />}>
                  {facts}
                </Dialog.Description>
              )}
            </header>
          )}
          {children}
          {actions !== undefined && (
            <footer className={styles.foot}>
              <div className={styles.footnote}>{footnote}</div>
              {actions}
            </footer>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
