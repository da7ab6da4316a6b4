import { randomBytes } from 'node:crypto'
import { access, link, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EngineError } from '#engine/base/errors.ts'
import {
  type CreateChoice,
  type CreatedTorrent,
  type CreateExtras,
  type CreatePlan,
  createTorrent,
  isPieceLength,
  isTrackerUrl,
  isWebSeedUrl,
  planTorrent,
  TORRENT_KINDS,
} from '#engine/host/create.ts'
import { type Arguments, bytesOf, globMatcher, type OptionSpec, parseArguments } from './args.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { bytes, plain } from './format.ts'
import { interrupted } from './interrupt.ts'
import { Output } from './output.ts'
import { hashingLine } from './progress-line.ts'

const OPTIONS: OptionSpec = {
  out: { type: 'string' },
  kind: { type: 'string' },
  'piece-size': { type: 'string' },
  tracker: { type: 'string', multiple: true },
  tier: { type: 'boolean', multiple: true },
  'web-seed': { type: 'string', multiple: true },
  private: { type: 'boolean' },
  source: { type: 'string' },
  comment: { type: 'string' },
  exclude: { type: 'string', multiple: true },
  'no-date': { type: 'boolean' },
  json: { type: 'boolean' },
}

/** Between events of `--json`, ms. */
const EVENT_MS = 250

/** `freshet create`: a .torrent from a file or a folder. */
export async function create(words: readonly string[]): Promise<number> {
  const args = parseArguments(words, OPTIONS, 1)
  const path = resolve(args.positionals[0]!)
  const out = resolve(args.text('out') ?? `${basename(path)}.torrent`)
  const choice = choiceOf(args)
  const extras = extrasOf(args)
  const output = new Output(args.flag('json'))
  if (choice.private && extras.trackers.length === 0)
    output.warn('A private torrent without trackers reaches nobody: name one with --tracker URL.')
  const stop = new AbortController()
  void interrupted().then(() => stop.abort())
  try {
    await refuseExisting(out)
    const plan = await planTorrent(path, choice, stop.signal)
    tellPlan(plan, output)
    const made = await createTorrent(plan, extras, progressOf(plan.totalSize, output), stop.signal)
    await publish(made.bytes, out, stop.signal)
    tellResult(made, plan, out, output)
    return EXIT.ok
  } catch (thrown) {
    if (stop.signal.aborted && thrown instanceof EngineError && thrown.code === 'ABORTED') return EXIT.interrupted
    throw thrown
  }
}

function choiceOf(args: Arguments): CreateChoice {
  const kind = TORRENT_KINDS.find(known => known === (args.text('kind') ?? 'hybrid'))
  if (!kind) throw new UsageError(`"${args.text('kind')}" is no kind of torrent: v1, v2 or hybrid.`)
  const size = args.text('piece-size')
  const pieceLength = size === undefined ? undefined : bytesOf(size)
  if (size !== undefined && (pieceLength === undefined || !isPieceLength(pieceLength)))
    throw new UsageError(`"${size}" is not a piece size: a power of two from 16k to 64m.`)
  const globs = args.all('exclude').map(globMatcher)
  return {
    kind,
    pieceLength,
    private: args.flag('private'),
    source: args.text('source') ?? '',
    excludes: path => globs.some(matches => matches(path)),
  }
}

function extrasOf(args: Arguments): CreateExtras {
  const webSeeds = args.all('web-seed')
  const bad = webSeeds.find(url => !isWebSeedUrl(url))
  if (bad !== undefined) throw new UsageError(`"${bad}" is not the address of a web seed: http or https.`)
  return {
    trackers: tiersOf(args),
    webSeeds,
    comment: args.text('comment') ?? '',
    creationDate: args.flag('no-date') ? null : Math.floor(Date.now() / 1000),
  }
}

/** `--tier` begins a tier for the trackers that follow (BEP 12). */
function tiersOf({ inOrder }: Arguments): string[][] {
  const tiers: string[][] = [[]]
  for (const { name, value } of inOrder) {
    if (name === 'tier') tiers.push([])
    if (name !== 'tracker' || value === undefined) continue
    if (!isTrackerUrl(value))
      throw new UsageError(`"${value}" is not the address of a tracker: http, https, udp or wss.`)
    tiers[tiers.length - 1]!.push(value)
  }
  return tiers.filter(tier => tier.length > 0)
}

function tellPlan({ leftOut, renamed }: CreatePlan, output: Output): void {
  for (const { path, why } of leftOut) {
    output.event({ event: 'left-out', path, why })
    output.say(`left out (${why}): ${plain(path)}`)
  }
  for (const path of renamed) {
    output.event({ event: 'renamed', path })
    output.warn(`Not every system can store ${plain(path)}: who downloads it gets another name.`)
  }
}

function progressOf(total: number, output: Output): (done: number) => void {
  const begun = performance.now()
  let told = -Infinity
  return done => {
    const now = performance.now()
    const rate = Math.round((done / Math.max(1, now - begun)) * 1000)
    const progress = { done, total, rate, eta: rate > 0 ? Math.ceil((total - done) / rate) : 0 }
    output.draw(columns => hashingLine(progress, columns))
    if (now - told < EVENT_MS) return
    told = now
    output.event({ event: 'progress', ...progress })
  }
}

function tellResult(made: CreatedTorrent, { draft, totalSize }: CreatePlan, out: string, output: Output): void {
  const { infohashV1, infohashV2, magnet } = made
  output.event({ event: 'done', path: out, infohashV1, infohashV2, magnet })
  const { files, plan, pieceLength } = draft
  output.say(`Made ${plain(out)}: ${files.length} file${files.length === 1 ? '' : 's'}, ${bytes(totalSize)}`)
  output.say(`Pieces:      ${plan.pieceCount} of ${bytes(pieceLength)}`)
  if (infohashV1 !== null) output.say(`Infohash v1: ${infohashV1}`)
  if (infohashV2 !== null) output.say(`Infohash v2: ${infohashV2}`)
  output.say(magnet)
}

const taken = (out: string) =>
  new EngineError('DUPLICATE', 'input', `${out} exists already. Name another file with --out, or remove it`)

async function refuseExisting(out: string): Promise<void> {
  const isThere = await access(out).then(
    () => true,
    () => false,
  )
  if (isThere) throw taken(out)
}

/** Whole or not at all, and never over another file. */
async function publish(content: Uint8Array, out: string, signal: AbortSignal): Promise<void> {
  const draft = join(dirname(out), `.${basename(out)}.${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(draft, content, { flag: 'wx', flush: true })
    if (signal.aborted) throw new EngineError('ABORTED', 'disk', 'Stopped before it was done')
    await link(draft, out).catch(async (thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'EEXIST') throw taken(out)
      // A file system without hard links.
      await refuseExisting(out)
      await rename(draft, out)
    })
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
    throw new EngineError('DISK_IO', 'disk', `Cannot write ${out}: ${reason}. Name another place with --out`, {
      cause: thrown,
    })
  } finally {
    // What could not be made cannot be removed either; the reason is told already.
    await rm(draft, { force: true }).catch(() => undefined)
  }
}
