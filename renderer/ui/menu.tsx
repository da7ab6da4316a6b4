import { ContextMenu as BaseContext } from '@base-ui/react/context-menu'
import { Menu as Base } from '@base-ui/react/menu'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Icon } from './icon.tsx'
import { Keys } from './keys.tsx'
import styles from './menu.module.css'

/** Opens under its trigger. `children` are made only when it opens. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles.positioner} sideOffset={4} align="start">
          <Base.Popup className={styles.popup}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

/** Opens where the pointer asked, or at the focus for the menu key. */
export function ContextMenu({ children, menu }: { children: ReactElement; menu: ReactNode }) {
  return (
    <BaseContext.Root>
      <BaseContext.Trigger render={children} />
      <BaseContext.Portal>
        <BaseContext.Positioner className={styles.positioner}>
          <BaseContext.Popup className={styles.popup}>{menu}</BaseContext.Popup>
        </BaseContext.Positioner>
      </BaseContext.Portal>
    </BaseContext.Root>
  )
}

interface MenuItemProps {
  readonly label: string
  readonly icon?: LucideIcon | undefined
  readonly keys?: readonly string[] | undefined
  /** Why it cannot be run. */
  readonly unavailable?: string | undefined
  readonly isDangerous?: boolean
  readonly onRun: () => void
}

export function MenuItem({ label, icon, keys, unavailable, isDangerous = false, onRun }: MenuItemProps) {
  return (
    <Base.Item
      className={classNames(styles.item, isDangerous && styles.danger)}
      disabled={unavailable !== undefined}
      {...(unavailable !== undefined && { title: unavailable, 'aria-description': unavailable })}
      label={label}
      onClick={onRun}
    >
      <span className={styles.glyph}>{icon && <Icon of={icon} />}</span>
      <span className={styles.label}>{label}</span>
      {keys && <Keys of={keys} />}
    </Base.Item>
  )
}

export const MenuSeparator = () => <Base.Separator className={styles.separator} />
