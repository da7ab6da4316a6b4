import type { StatusReason, TorrentRow, TorrentStatus } from '#engine/api/model.ts'
import { assertNever } from '#renderer/lib/assert-never.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'
import type { BarPattern } from '#renderer/ui/progress-bar.tsx'

/** Groups of the sidebar: every torrent is in exactly one. */
export const GROUPS = [
  'downloading',
  'seeding',
  'done',
  'stalled',
  'queued',
  'checking',
  'paused',
  'attention',
] as const
export type Group = (typeof GROUPS)[number]

export type Glyph =
  'down' | 'up' | 'done' | 'stalled' | 'queued' | 'checking' | 'paused' | 'warning' | 'finding' | 'full' | 'away'

/** Colour tokens; the words take it only for problems. */
export type Tone = 'down' | 'seed' | 'stall' | 'rest' | 'work' | 'hunt' | 'error' | 'away'

/** What the list offers against a problem. */
export interface Remedy {
  readonly label: string
  readonly does: 'resume' | 'recheck' | 'edit-trackers' | 'choose-files'
}

/** A torrent's state as people see it: never by colour alone. */
export interface StatusView {
  readonly group: Group
  readonly word: string
  readonly glyph: Glyph
  readonly tone: Tone
  readonly pattern: BarPattern
  /** The word names a cause and takes the room of the rates. */
  readonly isProblem: boolean
  readonly remedy: Remedy | null
  /** A whole sentence for the tooltip, when there is more to say than the word. */
  readonly detail: string
}

type Facts = Pick<TorrentRow, 'status' | 'reason' | 'error' | 'queuePosition'>
/** Moving figures that the words quote: 0..1 checked so far, connected peers and seeds. */
interface Figures {
  readonly checked: number
  readonly connected: number
}

const NO_FIGURES: Figures = { checked: 0, connected: 0 }

/** The one place where a state gets its words (product.md 2.5). */
export function statusOf(torrent: Facts, figures: Figures = NO_FIGURES): StatusView {
  const { status, reason } = torrent
  if (reason?.kind === 'tracker-refused' && status === 'stalled') {
    const word = reason.text === '' ? 'Refused by tracker' : `Refused by tracker: ${reason.text}`
    return problem(
      word,
      'warning',
      'error',
      'failed',
      { label: 'Edit trackers…', does: 'edit-trackers' },
      reasonText(reason),
    )
  }
  if (reason?.kind === 'nothing-wanted') {
    return { ...plain(status, 'No file chosen'), remedy: { label: 'Choose files…', does: 'choose-files' } }
  }
  switch (status) {
    case 'error':
      return errorView(torrent.error?.code ?? '', torrent.error?.message ?? '')
    case 'checking':
      return plain(status, `Checking ${Math.floor(Math.min(1, Math.max(0, figures.checked || 0)) * 100)}\u00a0%`)
    case 'check-queued':
      return plain(status, 'Waiting to check')
    case 'paused':
      return plain(status, 'Paused')
    case 'done':
      return plain(status, 'Goal reached')
    case 'queued':
      return plain(status, torrent.queuePosition > 0 ? `Queued ${formatCount(torrent.queuePosition)}` : 'Queued')
    case 'metadata':
      return plain(status, `Finding files: ${huntWords(reason, figures.connected)}`, reasonText(reason))
    case 'stalled':
      return plain(status, reason ? STALLED[reason.kind] : 'Stalled', reasonText(reason))
    case 'downloading':
      return plain(status, 'Downloading', reasonText(reason))
    case 'seeding':
      return reason?.kind === 'nobody-asks'
        ? { ...plain(status, 'Seeding, idle', 'Complete; nobody asks for it at the moment.'), pattern: 'idle' }
        : plain(status, 'Seeding', reasonText(reason))
    case 'stopping':
      return plain(status, 'Stopping…', 'Saying goodbye to its peers and trackers.')
    default:
      return assertNever(status)
  }
}

/** The group alone, for counting thousands: agrees with `statusOf`. */
export function groupOf({ status, reason }: Pick<TorrentRow, 'status' | 'reason'>): Group {
  if (reason?.kind === 'tracker-refused' && status === 'stalled') return 'attention'
  return LOOKS[status].group
}

const LOOKS: Record<TorrentStatus, Pick<StatusView, 'group' | 'glyph' | 'tone' | 'pattern'>> = {
  error: { group: 'attention', glyph: 'warning', tone: 'error', pattern: 'failed' },
  checking: { group: 'checking', glyph: 'checking', tone: 'work', pattern: 'checking' },
  'check-queued': { group: 'checking', glyph: 'checking', tone: 'work', pattern: 'queued' },
  paused: { group: 'paused', glyph: 'paused', tone: 'rest', pattern: 'paused' },
  done: { group: 'done', glyph: 'done', tone: 'rest', pattern: 'done' },
  queued: { group: 'queued', glyph: 'queued', tone: 'rest', pattern: 'queued' },
  metadata: { group: 'downloading', glyph: 'finding', tone: 'hunt', pattern: 'finding' },
  stalled: { group: 'stalled', glyph: 'stalled', tone: 'stall', pattern: 'stalled' },
  downloading: { group: 'downloading', glyph: 'down', tone: 'down', pattern: 'downloading' },
  seeding: { group: 'seeding', glyph: 'up', tone: 'seed', pattern: 'seeding' },
  stopping: { group: 'paused', glyph: 'paused', tone: 'rest', pattern: 'paused' },
}

const STALLED: Record<StatusReason['kind'], string> = {
  'no-peers': 'No peers found',
  'no-seeds': 'No seeds',
  'all-busy': 'All peers busy',
  connecting: 'Connecting…',
  'tracker-refused': 'Refused by tracker',
  'tracker-unreachable': 'Tracker silent',
  'no-trackers': 'No tracker to ask',
  'nobody-asks': 'Stalled',
  'nothing-wanted': 'No file chosen',
}

function huntWords(reason: StatusReason | null, connected: number): string {
  if (connected > 0) return plural(connected, 'peer', 'peers')
  if (reason?.kind === 'tracker-refused') return 'refused by tracker'
  return reason?.kind === 'tracker-unreachable' ? 'tracker silent' : 'no peers yet'
}

function reasonText(reason: StatusReason | null): string {
  switch (reason?.kind) {
    case 'no-peers':
      return 'Nobody who has this torrent is known yet; trackers are asked again by themselves.'
    case 'no-seeds':
      return 'The connected peers together lack pieces of it.'
    case 'all-busy':
      return 'Every connected peer is serving others at the moment.'
    case 'connecting':
      return 'Addresses are known; none is connected yet.'
    case 'tracker-refused':
      return `${reason.host} answered: “${reason.text}”`
    case 'tracker-unreachable':
      return `${reason.host} does not answer: ${reason.text}`
    case 'no-trackers':
      return 'It names no tracker: peers come only by DHT, peer exchange and the local network, where those are on.'
    default:
      return ''
  }
}

const ERRORS: Readonly<Record<string, Pick<StatusView, 'word' | 'glyph' | 'tone' | 'pattern'> & { remedy: Remedy }>> = {
  DISK_FULL: disk('Disk full', 'full'),
  DISK_MISSING: { ...disk('Files not found', 'away'), remedy: { label: 'Check again', does: 'recheck' } },
  DISK_CHANGED: { ...disk('Files were changed', 'away'), remedy: { label: 'Check again', does: 'recheck' } },
  DISK_READ_ONLY: disk('Drive is read-only', 'away'),
  DISK_DENIED: { ...disk('Folder access denied', 'warning'), tone: 'error', pattern: 'failed' },
  DISK_IO: { ...disk('Disk error', 'warning'), tone: 'error', pattern: 'failed' },
}

function disk(word: string, glyph: Glyph) {
  return { word, glyph, tone: 'away', pattern: 'away', remedy: { label: 'Try again', does: 'resume' } } as const
}

function errorView(code: string, message: string): StatusView {
  const known = ERRORS[code]
  const remedy: Remedy = known?.remedy ?? { label: 'Try again', does: 'resume' }
  // Without words of our own, the engine's sentence is the best there is.
  const word = known?.word ?? (message === '' ? 'Stopped by an error' : message)
  const look = known ?? LOOKS.error
  return problem(word, look.glyph, look.tone, look.pattern, remedy, message)
}

function problem(
  word: string,
  glyph: Glyph,
  tone: Tone,
  pattern: BarPattern,
  remedy: Remedy,
  detail: string,
): StatusView {
  return { group: 'attention', word, glyph, tone, pattern, isProblem: true, remedy, detail }
}

function plain(status: TorrentStatus, word: string, detail = ''): StatusView {
  return { ...LOOKS[status], word, isProblem: false, remedy: null, detail }
}
