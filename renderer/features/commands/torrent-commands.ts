import {
  ArrowDown,
  ArrowDownToLine,
  ArrowUp,
  ArrowUpToLine,
  Copy,
  FileDown,
  FolderOpen,
  Globe,
  ListOrdered,
  Play,
  RotateCw,
  Trash2,
} from 'lucide-react'
import type { TorrentRow } from '#engine/api/model.ts'
import { Pause } from '#renderer/ui/glyphs.ts'
import { plural } from '#renderer/lib/plural.ts'
import { toastShown } from '../toasts/toasts-slice.ts'
import { idsOf, type Command, type CommandContext } from './command.ts'
import { detailsOpened, sheetOpened } from './windows-slice.ts'

const needsOne = ({ targets }: CommandContext) => (targets.length === 0 ? 'Select a torrent first' : undefined)

/** Available when at least one of the selected is like this. */
const needs = (test: (torrent: TorrentRow) => boolean, otherwise: string) => (context: CommandContext) =>
  needsOne(context) ?? (context.targets.some(test) ? undefined : otherwise)

const isStopped = ({ status }: TorrentRow) => status === 'paused' || status === 'done' || status === 'error'
const isRunning = ({ status }: TorrentRow) => status !== 'paused' && status !== 'done' && status !== 'stopping'
const isChecking = ({ status }: TorrentRow) => status === 'checking' || status === 'check-queued'
const isQueued = ({ queuePosition }: TorrentRow) => queuePosition > 0

export const torrentCommands: readonly Command[] = [
  {
    id: 'open',
    label: 'Open',
    icon: FolderOpen,
    keys: 'Enter',
    isKeyElsewhere: true,
    scope: 'selection',
    unavailable: needsOne,
    run: open,
  },
  {
    id: 'resume',
    label: 'Resume',
    icon: Play,
    scope: 'selection',
    also: 'start continue',
    unavailable: needs(isStopped, 'It is running already'),
    run: context => context.engine.call('torrents.resume', { ids: idsOf(context) }),
  },
  {
    id: 'pause',
    label: 'Pause',
    icon: Pause,
    scope: 'selection',
    also: 'stop',
    unavailable: needs(isRunning, 'It is paused already'),
    run: context => context.engine.call('torrents.pause', { ids: idsOf(context) }),
  },
  {
    id: 'toggle',
    label: 'Pause or resume',
    keys: 'Mod+P',
    scope: 'selection',
    unavailable: needsOne,
    run: context => {
      const command = context.targets.some(isRunning) ? 'torrents.pause' : 'torrents.resume'
      return context.engine.call(command, { ids: idsOf(context) })
    },
  },
  ...(
    [
      ['top', 'Top of the queue', ArrowUpToLine, 'Alt+Shift+ArrowUp'],
      ['up', 'Up in the queue', ArrowUp, 'Alt+ArrowUp'],
      ['down', 'Down in the queue', ArrowDown, 'Alt+ArrowDown'],
      ['bottom', 'Bottom of the queue', ArrowDownToLine, 'Alt+Shift+ArrowDown'],
    ] as const
  ).map(([to, label, icon, keys]): Command => ({
    id: `queue-${to}`,
    label,
    icon,
    keys,
    scope: 'selection',
    unavailable: needs(isQueued, 'Complete torrents are not in the queue'),
    run: context => context.engine.call('torrents.moveInQueue', { ids: idsOf(context), to }),
  })),
  {
    id: 'announce',
    label: 'Announce now',
    icon: Globe,
    keys: 'F5',
    scope: 'selection',
    also: 'update tracker ask',
    unavailable: needs(isRunning, 'A paused torrent does not ask its trackers'),
    run: context => context.engine.call('torrents.announce', { ids: idsOf(context) }),
  },
  {
    id: 'recheck',
    label: 'Check the data on disk',
    icon: RotateCw,
    keys: 'Mod+Shift+H',
    scope: 'selection',
    also: 'verify hash recheck',
    unavailable: needs(
      torrent => torrent.hasMetadata && !isChecking(torrent),
      'There is nothing to check, or it is being checked',
    ),
    run: context => context.engine.call('torrents.recheck', { ids: idsOf(context) }),
  },
  {
    id: 'cancel-check',
    label: 'Stop checking',
    scope: 'selection',
    unavailable: needs(isChecking, 'Nothing is being checked'),
    run: context => context.engine.call('torrents.cancelCheck', { ids: idsOf(context) }),
  },
  {
    id: 'sequential',
    label: 'In order, from first to last piece',
    icon: ListOrdered,
    scope: 'selection',
    also: 'sequential',
    unavailable: needs(torrent => torrent.completedAt === null, 'It is complete'),
    run: context =>
      context.engine.call('torrents.setSequential', {
        ids: idsOf(context),
        sequential: !context.targets.every(torrent => torrent.sequential),
      }),
  },
  copying('copy-magnet', 'Copy magnet link', 'Mod+C', magnetOf, 'magnet link'),
  copying('copy-name', 'Copy name', undefined, torrent => torrent.name, 'name'),
  copying('copy-hash', 'Copy info-hash', undefined, torrent => torrent.infohashV1 ?? torrent.infohashV2 ?? '', 'hash'),
  copying('copy-path', 'Copy path', undefined, torrent => torrent.savePath, 'path'),
  {
    id: 'export',
    label: 'Save .torrent file…',
    icon: FileDown,
    scope: 'selection',
    also: 'export',
    unavailable: needs(torrent => torrent.hasMetadata, 'Its file list has not arrived yet'),
    run: async context => {
      for (const { id, hasMetadata } of context.targets) {
        if (!hasMetadata) continue
        const { name, bytes } = await context.engine.call('torrent.export', { id })
        offerDownload(name, bytes)
      }
    },
  },
  {
    id: 'edit-trackers',
    label: 'Trackers…',
    icon: Globe,
    scope: 'selection',
    unavailable: needsOne,
    run: ({ dispatch }) => void dispatch(detailsOpened('trackers')),
  },
  {
    id: 'remove',
    label: 'Remove…',
    icon: Trash2,
    keys: 'Delete',
    scope: 'selection',
    isDangerous: true,
    unavailable: needsOne,
    run: context => void context.dispatch(sheetOpened({ kind: 'remove', ids: idsOf(context), data: 'keep' })),
  },
  {
    id: 'remove-data',
    label: 'Remove with its data…',
    keys: 'Shift+Delete',
    scope: 'selection',
    isDangerous: true,
    also: 'delete files',
    unavailable: needsOne,
    run: context => void context.dispatch(sheetOpened({ kind: 'remove', ids: idsOf(context), data: 'delete' })),
  },
]

/** The file or folder where the files are; in a browser, which is another computer, the details. */
async function open({ platform, targets, dispatch }: CommandContext): Promise<void> {
  const [torrent] = targets
  if (!torrent) return
  if (!platform.openPath || !torrent.hasMetadata) return void dispatch(detailsOpened())
  const path = `${torrent.savePath.replace(/[/\\]$/, '')}/${torrent.name}`
  if ((await platform.openPath(path)) || (await platform.reveal?.(path)) || (await platform.openPath(torrent.savePath)))
    return
  dispatch(toastShown(`${torrent.savePath} cannot be opened: it is not there`, 'error'))
}

function copying(
  id: string,
  label: string,
  keys: string | undefined,
  textOf: (torrent: TorrentRow) => string,
  what: string,
): Command {
  return {
    id,
    label,
    icon: Copy,
    ...(keys !== undefined && { keys }),
    scope: 'selection',
    unavailable: needsOne,
    run: async ({ platform, targets, dispatch }) => {
      await platform.writeClipboard(targets.map(textOf).join('\n'))
      dispatch(toastShown(`Copied ${plural(targets.length, what, what === 'hash' ? 'hashes' : `${what}s`)}`))
    },
  }
}

/** Without trackers: they may hold a passkey, which is nobody else's. */
function magnetOf({ infohashV1, infohashV2, name }: TorrentRow): string {
  const topics = [infohashV1 && `xt=urn:btih:${infohashV1}`, infohashV2 && `xt=urn:btmh:1220${infohashV2}`]
  return `magnet:?${[...topics, `dn=${encodeURIComponent(name)}`].filter(Boolean).join('&')}`
}

function offerDownload(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/x-bittorrent' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
