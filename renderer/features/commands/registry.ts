import { appCommands } from './app-commands.ts'
import type { Command } from './command.ts'
import { torrentCommands } from './torrent-commands.ts'

export const commands: readonly Command[] = [...appCommands, ...torrentCommands]

const byId = new Map(commands.map(command => [command.id, command]))

export function commandNamed(id: string): Command {
  const command = byId.get(id)
  if (!command) throw new Error(`no command ${id}`)
  return command
}
