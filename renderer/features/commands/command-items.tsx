import { Fragment } from 'react'
import { keyCaps } from '#renderer/lib/keys.ts'
import { MenuItem, MenuSeparator } from '#renderer/ui/menu.tsx'
import { usePlatform } from '../services.ts'
import { commandNamed } from './registry.ts'
import { isBrowserKey } from './shortcuts.ts'
import { useCommand } from './use-commands.ts'

/** Menu items of commands by id, in groups with a rule between them. */
export function CommandItems({ groups }: { groups: readonly (readonly string[])[] }) {
  return groups.map((ids, place) => (
    <Fragment key={ids[0]}>
      {place > 0 && <MenuSeparator />}
      {ids.map(id => (
        <CommandItem key={id} id={id} />
      ))}
    </Fragment>
  ))
}

function CommandItem({ id }: { id: string }) {
  const { command, unavailable, run } = useCommand(id)
  const keys = useShownKeys(id)
  return (
    <MenuItem
      label={command.label}
      icon={command.icon}
      keys={keys}
      unavailable={unavailable}
      isDangerous={command.isDangerous === true}
      onRun={run}
    />
  )
}

/** Caps of a command's shortcut, where it works. */
export function useShownKeys(id: string): readonly string[] | undefined {
  const { kind } = usePlatform()
  const { keys } = commandNamed(id)
  return keys === undefined || (kind === 'web' && isBrowserKey(keys)) ? undefined : keyCaps(keys)
}
