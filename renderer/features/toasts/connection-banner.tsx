import { Unplug } from 'lucide-react'
import { useAppSelector } from '../services.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import styles from './connection-banner.module.css'

/** The list stays as it was last known; this says that it may be old. */
export function ConnectionBanner() {
  const isLost = useAppSelector(state => state.connection.phase === 'lost')
  if (!isLost) return null
  return (
    <p className={styles.banner}>
      <Icon of={Unplug} />
      Connection lost, trying again. What is shown may be old.
    </p>
  )
}
