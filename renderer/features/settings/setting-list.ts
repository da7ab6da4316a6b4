import { SETTING_RULES, type SettingKey, type Settings } from '#engine/api/settings.ts'
import { formatCount, formatRate } from '#renderer/lib/format.ts'
import { parseRate } from '#renderer/lib/parse-rate.ts'
import { roundFigure } from '#renderer/lib/round-figure.ts'
import { folderProblem } from '../folders/paths.ts'

export const PAGES = ['Downloads', 'Queue', 'Speed', 'Connection', 'Peers & privacy', 'Trackers', 'Storage'] as const
export type Page = (typeof PAGES)[number]

type SettingKind = 'folder' | 'switch' | 'choice' | 'rate' | 'count' | 'port' | 'mib'

/** One row of the preferences. Range and default come from `SETTING_RULES`; a new setting does not compile without its row. */
interface SettingText {
  readonly page: Page
  readonly kind: SettingKind
  readonly label: string
  /** What it does, as a sentence. */
  readonly hint: string
  /** Other words that find it. */
  readonly also: string
  /** What 0 means, where it means something. */
  readonly zero?: string
  /** Words for the values of a choice, in their order. */
  readonly choices?: Readonly<Record<string, string>>
}

const TEXTS: Readonly<Record<SettingKey, SettingText>> = {
  downloadFolder: {
    page: 'Downloads',
    kind: 'folder',
    label: 'Save to',
    hint: 'Where new torrents go unless you say otherwise.',
    also: 'download folder directory path location',
  },
  askOnAdd: {
    page: 'Downloads',
    kind: 'switch',
    label: 'Ask before adding',
    hint: 'Shows files, folder and size of each torrent first.',
    also: 'add sheet dialog confirm',
  },
  startAdded: {
    page: 'Downloads',
    kind: 'switch',
    label: 'Start at once',
    hint: 'Off: new torrents wait, paused.',
    also: 'autostart paused begin',
  },
  maxActiveDownloads: {
    page: 'Queue',
    kind: 'count',
    label: 'Downloads at once',
    hint: 'The others wait in the queue.',
    also: 'active simultaneous parallel maximum',
    zero: 'No limit',
  },
  limitDown: {
    page: 'Speed',
    kind: 'rate',
    label: 'Download limit',
    hint: 'For all torrents together. Accepts 2.5M, 800K, 0 for none.',
    also: 'speed rate throttle bandwidth maximum',
    zero: 'No limit',
  },
  limitUp: {
    page: 'Speed',
    kind: 'rate',
    label: 'Upload limit',
    hint: 'For all torrents together. Accepts 2.5M, 800K, 0 for none.',
    also: 'speed rate throttle bandwidth maximum seed',
    zero: 'No limit',
  },
  uploadSlots: {
    page: 'Speed',
    kind: 'count',
    label: 'Upload slots',
    hint: 'Peers of one torrent that are served at once.',
    also: 'unchoke choke peers served',
    zero: 'By the upload rate',
  },
  listenPort: {
    page: 'Connection',
    kind: 'port',
    label: 'Port',
    hint: 'Where peers reach you. The next free one is taken when it is busy.',
    also: 'listen incoming tcp firewall router forwarding',
  },
  portMapping: {
    page: 'Connection',
    kind: 'switch',
    label: 'Ask the router',
    hint: 'Has the router let peers in to the port above (UPnP, NAT-PMP, PCP).',
    also: 'port mapping forwarding upnp nat-pmp pcp igd firewall',
  },
  maxPeers: {
    page: 'Connection',
    kind: 'count',
    label: 'Connections in all',
    hint: 'More costs memory, and seldom brings speed.',
    also: 'peers maximum global connections',
  },
  maxPeersPerTorrent: {
    page: 'Connection',
    kind: 'count',
    label: 'Connections per torrent',
    hint: 'Of these, no torrent takes more.',
    also: 'peers maximum per torrent connections',
  },
  encryption: {
    page: 'Peers & privacy',
    kind: 'choice',
    label: 'Encryption',
    hint: 'Hides from networks that you talk BitTorrent. Required: peers that know none are left out.',
    also: 'encrypt obfuscation mse pe protocol rc4 privacy throttle',
    choices: { off: 'Off', prefer: 'Preferred', require: 'Required' },
  },
  dht: {
    page: 'Peers & privacy',
    kind: 'switch',
    label: 'DHT',
    hint: 'Finds peers without a tracker, in a table that all clients keep together. Never for private torrents.',
    also: 'distributed hash table discovery trackerless nodes privacy',
  },
  lsd: {
    page: 'Peers & privacy',
    kind: 'switch',
    label: 'Local discovery',
    hint: 'Finds peers in your own network. Never for private torrents.',
    also: 'lsd lan multicast local peer discovery',
  },
  pex: {
    page: 'Peers & privacy',
    kind: 'switch',
    label: 'Peer exchange',
    hint: 'Connected peers tell each other of more peers. Never for private torrents.',
    also: 'pex discovery find peers privacy',
  },
  allowLocalTrackers: {
    page: 'Trackers',
    kind: 'switch',
    label: 'Ask local addresses',
    hint: 'Off: a torrent cannot make you call devices in your own network.',
    also: 'tracker private loopback lan localhost security',
  },
  cacheMiB: {
    page: 'Storage',
    kind: 'mib',
    label: 'Memory for data',
    hint: 'Pieces on their way to the disk, and reading ahead.',
    also: 'cache buffer ram disk',
  },
}

export interface SettingItem extends SettingText {
  readonly key: SettingKey
}

/** In the order in which they are shown. */
export const SETTINGS: readonly SettingItem[] = Object.entries(TEXTS).map(([key, text]) => ({
  ...text,
  key: key as SettingKey,
}))

/** Settings that match every word, by label, page, hint or another name for them. */
export function findSettings(query: string): readonly SettingItem[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return SETTINGS.filter(({ label, page, hint, also }) => {
    const text = `${label} ${page} ${hint} ${also}`.toLowerCase()
    return words.every(word => text.includes(word))
  })
}

/** Undefined for a folder: the host knows the user's folders, we do not. */
export function defaultOf(key: SettingKey): Settings[SettingKey] | undefined {
  const rule = SETTING_RULES[key]
  return 'default' in rule ? rule.default : undefined
}

export const isChanged = (key: SettingKey, value: Settings[SettingKey]) => {
  const standard = defaultOf(key)
  return standard !== undefined && standard !== value
}

/** A value as its field shows it. */
export function shownValue({ kind, zero, choices }: SettingItem, value: Settings[SettingKey]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return choices?.[value] ?? value
  if (value === 0 && zero !== undefined) return zero
  if (kind === 'rate') return roundFigure(formatRate(value))
  if (kind === 'mib') return `${value}\u00a0MiB`
  return kind === 'port' ? String(value) : formatCount(value)
}

export type Parsed =
  { readonly value: Settings[SettingKey]; readonly problem?: undefined } | { readonly problem: string }

/** Reads what somebody typed; a refusal names what is wrong and what is kept. */
export function parseSetting(item: SettingItem, text: string, kept: string): Parsed {
  if (item.kind === 'folder') {
    const problem = folderProblem(text)
    return problem === undefined ? { value: text.trim() } : { problem: `${problem}; ${kept} is kept.` }
  }
  const rule = SETTING_RULES[item.key]
  if (rule.type !== 'number') return { problem: 'This is switched, not typed.' }
  const value = numberOf(item, text)
  if (value === undefined) {
    const [what, example] = item.kind === 'rate' ? ['a speed', '500K'] : ['a whole number', String(rule.default)]
    return { problem: `“${text.trim()}” is not ${what}. Try ${example}; ${kept} is kept.` }
  }
  if (value < rule.min || value > rule.max) {
    const [low, high] = [rule.min, rule.max].map(edge => shownValue(item, edge))
    return { problem: `Between ${low} and ${high}, please; ${kept} is kept.` }
  }
  return { value }
}

function numberOf(item: SettingItem, text: string): number | undefined {
  const words = text.trim().toLowerCase()
  if (item.kind === 'rate') return parseRate(words)
  if (item.zero !== undefined && (words === item.zero.toLowerCase() || words === 'none')) return 0
  const digits = words.replace(/[\s\u202f\u00a0]|mib$/g, '')
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
