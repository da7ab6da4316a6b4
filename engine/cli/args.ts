import { parseArgs } from 'node:util'
import { ENCRYPTION, type Settings } from '#engine/api/settings.ts'
import { UsageError } from './exit-codes.ts'

export type OptionSpec = Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly multiple?: boolean }>>

export interface Arguments {
  readonly positionals: readonly string[]
  text(name: string): string | undefined
  all(name: string): readonly string[]
  flag(name: string): boolean
  /** Options as they were written, for those whose order means something. */
  readonly inOrder: readonly { readonly name: string; readonly value: string | undefined }[]
}

/** Switches of discovery that are accepted by every verb that talks to a swarm. */
export const NETWORK_OPTIONS: OptionSpec = {
  port: { type: 'string' },
  peer: { type: 'string', multiple: true },
  'no-trackers': { type: 'boolean' },
  'no-dht': { type: 'boolean' },
  'dht-node': { type: 'string', multiple: true },
  'no-pex': { type: 'boolean' },
  'no-lsd': { type: 'boolean' },
  encryption: { type: 'string' },
  state: { type: 'string' },
  json: { type: 'boolean' },
}

/**
 * @param words after the verb
 * @throws UsageError naming the word that is wrong
 */
export function parseArguments(words: readonly string[], options: OptionSpec, positionals: number): Arguments {
  let parsed
  try {
    parsed = parseArgs({
      args: [...words],
      options: { ...options },
      allowPositionals: true,
      strict: true,
      tokens: true,
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
  if (parsed.positionals.length !== positionals) {
    throw new UsageError(
      parsed.positionals.length < positionals
        ? 'Something to work on is missing: a .torrent file, a magnet link or an address.'
        : `One thing at a time, please: what is "${parsed.positionals[positionals]}"?`,
    )
  }
  const values: Readonly<Record<string, unknown>> = parsed.values
  return {
    positionals: parsed.positionals,
    text: name => (typeof values[name] === 'string' ? values[name] : undefined),
    all: name => (Array.isArray(values[name]) ? values[name].map(String) : []),
    flag: name => values[name] === true,
    inOrder: parsed.tokens.flatMap(token =>
      token.kind === 'option' ? [{ name: token.name, value: token.value }] : [],
    ),
  }
}

export function portOf(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65535)
    throw new UsageError(`"${text}" is not a port: a number from 0 to 65535.`)
  return port
}

/** What `NETWORK_OPTIONS` say about the swarm: part of what an engine is opened with. */
export interface NetworkChoice {
  /** 0 is any free one. */
  readonly port: number
  readonly useTrackers: boolean
  readonly dhtNodes: readonly string[]
  readonly settings: Pick<Settings, 'encryption' | 'dht' | 'pex' | 'lsd'>
}

export function networkOf(args: Arguments): NetworkChoice {
  const encryption = args.text('encryption') ?? 'prefer'
  const known = ENCRYPTION.find(way => way === encryption)
  if (!known) throw new UsageError(`"${encryption}" is no way to encrypt: off, prefer or require.`)
  return {
    port: portOf(args.text('port'), 0),
    useTrackers: !args.flag('no-trackers'),
    dhtNodes: args.all('dht-node'),
    settings: { encryption: known, dht: !args.flag('no-dht'), pex: !args.flag('no-pex'), lsd: !args.flag('no-lsd') },
  }
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1e6,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1e9,
}

/** `500k`, `1.5MiB`, `2m/s`, `100000`: bytes per second; `0` is no limit. */
export function rateOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const rate = bytesOf(text.replace(/\/s\s*$/i, ''))
  if (rate === undefined) throw new UsageError(`"${text}" is not a rate: write 500k, 2m or 1.5MiB (per second).`)
  return rate
}

/** `256k`, `4MiB`, `16384`: bytes; `undefined` when it is no size. */
export function bytesOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  const unit = UNITS[match?.[2]?.toLowerCase() ?? 'none']
  return match && unit !== undefined ? Math.round(Number(match[1]) * unit) : undefined
}

/** A glob over the whole path: `*` within a folder, `**` across, `?` one character. Without `/` it matches the name. */
export function globMatcher(glob: string): (path: string) => boolean {
  const pattern = glob.replaceAll(/\*\*|\*|\?|[^*?]+/g, part => {
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    return part === '?' ? '[^/]' : part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
  })
  const matcher = new RegExp(`^${pattern}$`, 'i')
  return glob.includes('/') ? path => matcher.test(path) : path => matcher.test(path.slice(path.lastIndexOf('/') + 1))
}
