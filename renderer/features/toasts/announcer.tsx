import { useAppSelector } from '../services.ts'
import styles from './announcer.module.css'

/** The one live region: what the latest message says, read out politely. Figures that change are never here. */
export function Announcer() {
  const text = useAppSelector(state => state.toasts.at(-1)?.text ?? '')
  const isLost = useAppSelector(state => state.connection.phase === 'lost')
  return (
    <div role="status" aria-live="polite" className={styles.unseen}>
      {isLost ? 'Connection lost, trying again' : text}
    </div>
  )
}
