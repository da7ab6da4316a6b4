import type { ReactNode } from 'react'
import styles from './overview.module.css'

/** A line of a definition list: label, value, and at the end what can be done about it. */
export function Fact({ label, children, action }: { label: string; children: ReactNode; action?: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <span className={styles.value}>{children}</span>
        {action !== undefined && <span className={styles.actions}>{action}</span>}
      </dd>
    </>
  )
}
