import { Gauge } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#renderer/ui/button.tsx'
import { Popover } from '#renderer/ui/popover.tsx'
import { useAppSelector } from '../services.ts'
import { LimitForm } from './limit.tsx'
import styles from './status-bar.module.css'

/** Both limits behind one button, where there is no status bar. */
export function LimitsButton() {
  const [isOpen, setOpen] = useState(false)
  const down = useAppSelector(state => state.settings?.limitDown ?? 0)
  const up = useAppSelector(state => state.settings?.limitUp ?? 0)
  const close = () => setOpen(false)
  return (
    <Popover
      title="Limits"
      open={isOpen}
      onOpen={setOpen}
      trigger={<Button look="plain" icon={Gauge} aria-label="Limits" />}
    >
      <h3 className={styles.hint}>Download at most</h3>
      <LimitForm name="Download" direction="down" limit={down} onDone={close} />
      <h3 className={styles.hint}>Upload at most</h3>
      <LimitForm name="Upload" direction="up" limit={up} onDone={close} />
    </Popover>
  )
}
