import type { ReactNode } from 'react'
import { Group, Panel, Separator, useDefaultLayout } from 'react-resizable-panels'
import styles from './split-pane.module.css'

interface SplitPaneProps {
  /** Remembers where the divider was put. */
  readonly id: string
  readonly label: string
  readonly top: ReactNode
  /** Undefined: no divider, and the top has it all. */
  readonly bottom: ReactNode | undefined
}

/** Two parts above each other with a divider that pointer and arrow keys move. */
export function SplitPane({ id, label, top, bottom }: SplitPaneProps) {
  const isSplit = bottom !== undefined
  const { defaultLayout, onLayoutChanged } = useDefaultLayout({
    id,
    panelIds: isSplit ? ['top', 'bottom'] : ['top'],
    storage: localStorage,
  })
  return (
    <Group
      orientation="vertical"
      className={styles.group}
      defaultLayout={defaultLayout}
      onLayoutChanged={onLayoutChanged}
    >
      <Panel id="top" minSize="20%" className={styles.panel}>
        {top}
      </Panel>
      {isSplit && (
        <>
          <Separator className={styles.divider} aria-label={label} />
          <Panel id="bottom" defaultSize="40%" minSize="20%" className={styles.panel}>
            {bottom}
          </Panel>
        </>
      )}
    </Group>
  )
}
