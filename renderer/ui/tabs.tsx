import { Tabs as Base } from '@base-ui/react/tabs'
import type { ReactNode } from 'react'
import styles from './tabs.module.css'

interface TabsProps<Name extends string> {
  readonly label: string
  readonly tabs: readonly { readonly name: Name; readonly title: string }[]
  readonly open: Name
  readonly onOpen: (name: Name) => void
  /** Right of the tabs, on the same line. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** Tabs over one panel: only the open tab's content exists. */
export function Tabs<Name extends string>({ label, tabs, open, onOpen, aside, children }: TabsProps<Name>) {
  return (
    <Base.Root className={styles.root} value={open} onValueChange={value => onOpen(value as Name)}>
      <div className={styles.head}>
        <Base.List className={styles.list} aria-label={label} activateOnFocus>
          {tabs.map(tab => (
            <Base.Tab key={tab.name} className={styles.tab} value={tab.name}>
              {tab.title}
            </Base.Tab>
          ))}
        </Base.List>
        {aside}
      </div>
      {tabs.map(tab => (
        <Base.Panel key={tab.name} className={styles.panel} value={tab.name} tabIndex={-1}>
          {tab.name === open && children}
        </Base.Panel>
      ))}
    </Base.Root>
  )
}
