import type { TorrentId } from '#engine/api/ids.ts'
import { plural } from '#renderer/lib/plural.ts'
import type { Command, CommandContext } from './command.ts'

interface Match {
  readonly key: string
  readonly name: string
  /** Which part of the name was typed; length 0: none, another word of it was. */
  readonly from: number
  readonly length: number
  readonly unavailable: string | undefined
}
export type Found =
  | (Match & { readonly kind: 'command'; readonly command: Command })
  | (Match & { readonly kind: 'torrent'; readonly id: TorrentId })

export interface FoundSection {
  readonly title: string
  readonly lines: readonly Found[]
}

/** Torrents are found by the query bar; here a few are enough. */
const MOST_TORRENTS = 8

export function findInPalette(
  text: string,
  commands: readonly Command[],
  context: CommandContext,
): { sections: readonly FoundSection[]; lines: readonly Found[] } {
  const wanted = text.trim().toLowerCase()
  const found = (scope: Command['scope']) =>
    commands
      .filter(command => command.scope === scope && command.id !== 'palette')
      .flatMap(command => matchCommand(command, wanted, context))
  const [target] = context.targets
  const about = context.targets.length > 1 ? plural(context.targets.length, 'torrent', 'torrents') : target?.name
  const sections = [
    { title: about === undefined ? 'For the selected torrent' : `For ${about}`, lines: found('selection') },
    { title: 'Everywhere', lines: found('app') },
    { title: 'Torrents', lines: wanted === '' ? [] : matchTorrents(wanted, context) },
  ]
  // Without a selection its commands can only say so: what works comes first.
  if (about === undefined) sections.push(...sections.splice(0, 1))
  const filled = sections.filter(section => section.lines.length > 0)
  return { sections: filled, lines: filled.flatMap(section => section.lines) }
}

function matchCommand(command: Command, wanted: string, context: CommandContext): Found[] {
  const name = command.label
  const from = name.toLowerCase().indexOf(wanted)
  if (from < 0 && !command.also?.includes(wanted)) return []
  return [
    {
      kind: 'command',
      key: command.id,
      command,
      name,
      from: Math.max(0, from),
      length: from < 0 ? 0 : wanted.length,
      unavailable: command.unavailable?.(context),
    },
  ]
}

function matchTorrents(wanted: string, { state }: CommandContext): Found[] {
  const lines: Found[] = []
  for (const { id, name } of Object.values(state.torrents.entities)) {
    const from = name.toLowerCase().indexOf(wanted)
    if (from < 0) continue
    lines.push({ kind: 'torrent', key: id, id, name, from, length: wanted.length, unavailable: undefined })
    if (lines.length === MOST_TORRENTS) break
  }
  return lines
}
