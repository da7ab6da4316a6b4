import { resolve } from 'node:path'
import type { TorrentPreview, TorrentSource } from '#engine/api/commands.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { FilePriority } from '#engine/api/model.ts'
import { globMatcher, NETWORK_OPTIONS, networkOf, parseArguments, rateOf, type Arguments } from './args.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { defaultStateDir, Face } from './face.ts'
import { bytes, plain } from './format.ts'
import { interrupted } from './interrupt.ts'
import { Output } from './output.ts'
import { identify } from './preview.ts'
import { readSource } from './source.ts'

/** `freshet download`: until everything wanted is there and verified; with `--seed`, until interrupted. */
export async function download(words: readonly string[]): Promise<number> {
  const args = parseArguments(
    words,
    {
      ...NETWORK_OPTIONS,
      out: { type: 'string', multiple: false },
      seed: { type: 'boolean' },
      'limit-down': { type: 'string' },
      'limit-up': { type: 'string' },
      files: { type: 'string', multiple: true },
      sequential: { type: 'boolean' },
    },
    1,
  )
  const out = args.text('out')
  if (out === undefined) throw new UsageError('Where to? Name a folder with --out DIR.')
  const source = await readSource(args.positionals[0]!)
  const savePath = resolve(out)
  const output = new Output(args.flag('json'))
  const preview = identify(source)
  const network = networkOf(args)
  const face = await Face.open({
    // A .torrent behind an address has no identity before it is fetched: its address stands for it.
    stateDir: args.text('state') ?? defaultStateDir(preview?.id ?? args.positionals[0]!, savePath),
    downloadFolder: savePath,
    ...network,
    settings: {
      ...network.settings,
      limitDown: rateOf(args.text('limit-down')) ?? 0,
      limitUp: rateOf(args.text('limit-up')) ?? 0,
    },
  })
  const stop = interrupted()
  try {
    const outcome = await Promise.race([run(face, source, savePath, args, output), stop])
    return outcome
  } finally {
    await face.close()
  }
}

async function run(
  face: Face,
  source: TorrentSource,
  savePath: string,
  args: Arguments,
  output: Output,
): Promise<number> {
  const preview = await face.client.call('torrents.inspect', { source })
  if (preview.refusal !== null) {
    output.warn(`UNSUPPORTED: ${preview.refusal}`)
    return EXIT.failed
  }
  const globs = args.all('files')
  const { id } = await face.client.call('torrents.add', {
    source,
    savePath,
    start: true,
    sequential: args.flag('sequential'),
    // A magnet link has no files to choose from yet: it stops when it has, and nothing is loaded that nobody wants.
    ...(globs.length === 0
      ? {}
      : preview.hasMetadata
        ? { priorities: choose(preview, globs) }
        : { stopAfterMetadata: true }),
  })
  await face.client.call('torrents.resume', { ids: [id] })
  const peers = args.all('peer')
  if (peers.length > 0) await face.client.call('torrent.addPeers', { id, peers })
  await face.until(() => face.session !== undefined && face.rows.has(id))
  if (face.session?.listenProblem) output.warn(face.session.listenProblem)
  output.event({ event: 'ready', id, port: face.session?.listenPort ?? 0, name: preview.name })
  output.say(
    `${plain(preview.name)}: ${preview.hasMetadata ? bytes(preview.totalSize) : 'looking for its file list'} to ${savePath}`,
  )
  if (!preview.hasMetadata && globs.length > 0) await chooseLater(face, id, globs)
  return finish(face, id, args.flag('seed'), output)
}

async function finish(face: Face, id: TorrentId, keepSeeding: boolean, output: Output): Promise<number> {
  const timer = setInterval(() => {
    const row = face.rows.get(id)
    const stats = face.stats.get(id)
    if (row && stats) output.progress(row, stats)
  }, 1000)
  try {
    await face.until(() => face.rows.get(id)?.status === 'seeding' || face.rows.get(id)?.status === 'error')
    const row = face.rows.get(id)
    const stats = face.stats.get(id)
    if (row?.status === 'error') {
      output.warn(`${row.error?.code}: ${row.error?.message}`)
      return EXIT.failed
    }
    if (row && stats) output.progress(row, stats)
    output.event({ event: 'done', id, name: row?.name, totalSize: row?.totalSize })
    output.say(`Complete and verified: ${plain(row?.name ?? id)}`)
    // Only an interruption ends it, and that is waited for beside this.
    if (keepSeeding) await new Promise<never>(() => {})
    return EXIT.ok
  } finally {
    clearInterval(timer)
  }
}

/** What no pattern names is skipped. */
function choose(preview: Pick<TorrentPreview, 'files'>, globs: readonly string[]): [number, FilePriority][] {
  const matchers = globs.map(globMatcher)
  const skipped = preview.files.filter(file => !matchers.some(matches => matches(file.path)))
  if (skipped.length === preview.files.length)
    throw new UsageError(`No file of this torrent matches ${globs.join(', ')}.`)
  return skipped.map(file => [file.index, 0])
}

/** Waits for the file list of a torrent that stops there, and lets it go on with what was chosen. */
async function chooseLater(face: Face, id: TorrentId, globs: readonly string[]): Promise<void> {
  face.watchDetail(id, ['files'])
  await face.until(() => face.fileList.length > 0)
  const files = choose({ files: face.fileList }, globs).map(([index]) => index)
  if (files.length > 0) await face.client.call('torrent.setFilePriorities', { id, files, priority: 0 })
  await face.client.call('torrents.resume', { ids: [id] })
  face.client.watch({ listHz: 4, detail: null })
}
