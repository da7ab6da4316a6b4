import { classNames } from '#renderer/lib/class-names.ts'
import { Button } from '#renderer/ui/button.tsx'
import { useShownKeys } from '../commands/command-items.tsx'
import { useCommand } from '../commands/use-commands.ts'
import styles from './toolbar.module.css'

interface CommandButtonProps {
  readonly id: string
  /** A shorter word than the command's label; without one the icon stands alone. */
  readonly word?: string
  /** The word stays when room is short. */
  readonly keepsWord?: boolean
}

/** A command as a button of the toolbar: its reason or its keys are the tooltip. */
export function CommandButton({ id, word, keepsWord = false }: CommandButtonProps) {
  const { command, unavailable, run } = useCommand(id)
  const keys = useShownKeys(id)
  const name = word ?? command.label
  const hint = keys ? `${command.label} (${keys.join(' ')})` : command.label
  return (
    <Button
      look="plain"
      icon={command.icon}
      aria-label={name}
      className={classNames(word === undefined && styles.bare)}
      hint={hint}
      unavailable={unavailable}
      onClick={run}
    >
      <span className={classNames(styles.word, keepsWord && styles.kept, word === undefined && styles.never)}>
        {name}
      </span>
    </Button>
  )
}
