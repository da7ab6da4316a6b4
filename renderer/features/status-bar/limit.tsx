import type { LucideIcon } from 'lucide-react'
import { useId, useState, type FormEvent } from 'react'
import { formatRate } from '#renderer/lib/format.ts'
import { parseRate } from '#renderer/lib/parse-rate.ts'
import { roundFigure } from '#renderer/lib/round-figure.ts'
import { Button } from '#renderer/ui/button.tsx'
import { TextField } from '#renderer/ui/field.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Popover } from '#renderer/ui/popover.tsx'
import { useAppSelector } from '../services.ts'
import { useAttempt } from '../use-attempt.ts'
import styles from './status-bar.module.css'

const MIB = 2 ** 20
const CHOICES = [0, 0.5 * MIB, MIB, 2 * MIB, 5 * MIB, 10 * MIB]

interface LimitProps {
  readonly icon: LucideIcon
  readonly direction: 'down' | 'up'
  readonly name: string
}

const formatLimit = (limit: number) => roundFigure(formatRate(limit))
const limitWords = (limit: number) => (limit === 0 ? 'no limit' : `of ${formatLimit(limit)}`)

/** One direction's total and its limit; pressing it asks for another limit. */
export function Limit({ icon, direction, name }: LimitProps) {
  const [isOpen, setOpen] = useState(false)
  const rate = useAppSelector(state => formatRate(state.session?.[direction] ?? 0))
  const limit = useAppSelector(state => state.settings?.[direction === 'down' ? 'limitDown' : 'limitUp'] ?? 0)
  return (
    <Popover
      title={`${name} at most`}
      open={isOpen}
      onOpen={setOpen}
      trigger={
        <button
          type="button"
          className={styles.limit}
          aria-label={`${name} ${rate}, ${limitWords(limit)}. Change the limit`}
        >
          <Icon of={icon} />
          <strong>{rate}</strong> {limitWords(limit)}
        </button>
      }
    >
      <LimitForm name={name} direction={direction} limit={limit} onDone={() => setOpen(false)} />
    </Popover>
  )
}

/** A field and the usual answers for one direction. */
export function LimitForm({
  name,
  direction,
  limit,
  onDone,
}: {
  name: string
  direction: 'down' | 'up'
  limit: number
  onDone: () => void
}) {
  const attempt = useAttempt()
  const hintId = useId()
  const [text, setText] = useState(limit === 0 ? '' : formatLimit(limit))
  const value = parseRate(text)
  const set = (bytes: number) => {
    const changes = direction === 'down' ? { limitDown: bytes } : { limitUp: bytes }
    void attempt('settings.update', { changes }).then(isDone => isDone && onDone())
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    if (value !== undefined) set(value)
  }
  return (
    <form onSubmit={onSubmit} className={styles.form}>
      <div className={styles.line}>
        <TextField
          label={`${name} limit`}
          aria-describedby={hintId}
          placeholder="No limit"
          value={text}
          isBad={value === undefined}
          onValue={setText}
        />
        <Button look="primary" type="submit" unavailable={value === undefined ? 'That is not a speed' : undefined}>
          {value === 0 ? 'Lift the limit' : 'Set the limit'}
        </Button>
      </div>
      <p id={hintId} className={styles.hint}>
        {value === undefined ? `“${text}” is not a speed. Try 500K or 2.5M.` : '500K, 2.5M; empty or 0 for no limit.'}
      </p>
      <div className={styles.choices}>
        {CHOICES.map(choice => (
          <Button key={choice} size="small" aria-pressed={choice === limit} onClick={() => set(choice)}>
            {choice === 0 ? 'No limit' : formatLimit(choice)}
          </Button>
        ))}
      </div>
    </form>
  )
}
