import { Popover as Base } from '@base-ui/react/popover'
import type { ReactElement, ReactNode } from 'react'
import styles from './popover.module.css'

/** A small surface under (or above) its trigger. `title` is what it asks. */
export function Popover({
  trigger,
  title,
  open,
  onOpen,
  children,
}: {
  trigger: ReactElement
  title: string
  open: boolean
  onOpen: (open: boolean) => void
  children: ReactNode
}) {
  return (
    <Base.Root open={open} onOpenChange={onOpen}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} sideOffset={4} align="end" collisionPadding={8}>
          <Base.Popup className={styles.popup}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
