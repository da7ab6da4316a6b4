import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import styles from './segments.module.css'

interface SegmentsProps<Value extends string> {
  readonly label: string
  readonly choices: readonly { readonly value: Value; readonly title: string }[]
  readonly value: Value
  readonly onChoose: (value: Value) => void
}

/** One of a few, all of them in sight. */
export function Segments<Value extends string>({ label, choices, value, onChoose }: SegmentsProps<Value>) {
  return (
    <ToggleGroup
      aria-label={label}
      className={styles.segments}
      value={[value]}
      onValueChange={([chosen]) => chosen !== undefined && onChoose(chosen)}
    >
      {choices.map(choice => (
        <Toggle key={choice.value} value={choice.value} className={styles.segment}>
          {choice.title}
        </Toggle>
      ))}
    </ToggleGroup>
  )
}
