import type { InspectView } from '#engine/host/inspect.ts'
import type { TorrentSource } from '#engine/api/commands.ts'
import { NETWORK_OPTIONS, parseArguments, networkOf, type Arguments } from './args.ts'
import { EXIT, InputError } from './exit-codes.ts'
import { bytes, plain } from './format.ts'
import { identify } from './preview.ts'
import { readSource } from './source.ts'

/** `freshet inspect`: what a .torrent or a magnet link says; `--fetch` asks the swarm for what a magnet does not. */
export async function inspect(words: readonly string[]): Promise<number> {
  const args = parseArguments(words, { ...NETWORK_OPTIONS, fetch: { type: 'boolean' } }, 1)
  const source = await readSource(args.positionals[0]!)
  if (source.kind === 'url' && !args.flag('fetch')) {
    throw new InputError('SOURCE_UNRECOGNISED: an address has to be fetched first: add --fetch')
  }
  const here = identify(source)
  const view = args.flag('fetch') && source.kind !== 'bytes' ? await fetch(source, args) : here?.view
  if (view === undefined) return EXIT.interrupted
  process.stdout.write(args.flag('json') ? `${JSON.stringify(view)}\n` : human(view))
  return EXIT.ok
}

async function fetch(source: TorrentSource, args: Arguments): Promise<InspectView | undefined> {
  const { fetchView } = await import('./fetch-view.ts')
  return fetchView(source, {
    ...networkOf(args),
    stateDir: args.text('state'),
    peers: args.all('peer'),
  })
}

function human(view: InspectView): string {
  const lines: [string, string | null][] = [
    ['Name', view.name && plain(view.name)],
    [
      'Kind',
      `BitTorrent ${view.kind === 'hybrid' ? 'v1 and v2 (hybrid)' : view.kind}${view.private ? ', private' : ''}`,
    ],
    ['Infohash v1', view.infohashV1],
    ['Infohash v2', view.infohashV2],
    ['Size', view.totalSize === null ? null : `${bytes(view.totalSize)} (${view.totalSize} bytes)`],
    [
      'Pieces',
      view.pieceCount === null || view.pieceLength === null ? null : `${view.pieceCount} of ${bytes(view.pieceLength)}`,
    ],
    ['Created by', view.createdBy && plain(view.createdBy)],
    ['Created', view.creationDate === null ? null : new Date(view.creationDate * 1000).toISOString()],
    ['Comment', view.comment && plain(view.comment)],
    ...view.trackers.map((url): [string, string] => ['Tracker', plain(url)]),
    ...view.webSeeds.map((url): [string, string] => ['Web seed', plain(url)]),
  ]
  const facts = lines
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => `${`${label}:`.padEnd(13)}${value}`)
  const files = view.files.map(file => `  ${bytes(file.length).padStart(10)}  ${plain(file.path)}`)
  return [...facts, ...(files.length > 0 ? [`Files:       ${files.length}`, ...files] : []), ''].join('\n')
}
