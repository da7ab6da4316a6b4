import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement } from 'react'
import styles from './tooltip.module.css'

/** One line of help at whatever it wraps, on hover and on keyboard focus. Wrap the app in `TooltipProvider` once. */
export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Base.Root
      onOpenChange={(isOpen, details) => {
        // Help that happens to be open is not what somebody wants to leave: Escape goes on to the sheet.
        if (!isOpen && details.reason === 'escape-key') details.allowPropagation()
      }}
    >
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className={styles.positioner}>
          <Base.Popup className={styles.popup}>{text}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export const TooltipProvider = ({ children }: { children: ReactElement }) => (
  <Base.Provider delay={500}>{children}</Base.Provider>
)
