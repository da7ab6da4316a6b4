import { Check, Minus } from 'lucide-react'
import type { InputHTMLAttributes, MouseEventHandler } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import styles from './checkbox.module.css'

export type Tick = 'none' | 'some' | 'all'

interface CheckboxProps extends Omit<
  InputHTMLAttributes<HTMLInputElement>,
  'checked' | 'onChange' | 'type' | 'onClick'
> {
  readonly tick: Tick
  /** Some becomes all. */
  readonly onTick: (ticked: boolean) => void
  readonly label: string
  /** A choice that no frame has confirmed yet. */
  readonly isPending?: boolean
  readonly onClick?: MouseEventHandler<HTMLInputElement>
}

/** A box with three states; "some" is what a folder shows whose files differ. */
export function Checkbox({ tick, onTick, label, isPending = false, ...rest }: CheckboxProps) {
  return (
    <span className={classNames(styles.box, isPending && styles.pending)}>
      <input
        {...rest}
        type="checkbox"
        aria-label={label}
        checked={tick === 'all'}
        ref={input => {
          if (input) input.indeterminate = tick === 'some'
        }}
        onChange={() => onTick(tick !== 'all')}
      />
      {tick === 'all' && <Check aria-hidden="true" strokeWidth={3} />}
      {tick === 'some' && <Minus aria-hidden="true" strokeWidth={3} />}
    </span>
  )
}

/** On or off, at once: a setting. */
export function Switch({
  on,
  onSwitch,
  label,
  describedBy,
}: {
  on: boolean
  onSwitch: (on: boolean) => void
  label: string
  describedBy?: string | undefined
}) {
  return (
    <input
      type="checkbox"
      role="switch"
      aria-checked={on}
      className={styles.switch}
      aria-label={label}
      aria-describedby={describedBy}
      checked={on}
      onChange={event => onSwitch(event.target.checked)}
    />
  )
}
