/** What a tracker hears of one whole life, told by the program and not by its parts. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { CliProcess, SECLUDED } from '#engine/testing/cli-process.ts'
import { type Payload, Workshop } from '#engine/testing/payload.ts'
import { startTestTracker, type TestTracker, type TraceEntry } from '#engine/testing/test-tracker.ts'

const workshop = new Workshop()
afterAll(() => workshop.close())

let tracker: TestTracker
/** Seeders that only help, by port. */
const helpers = new Set<number>()
beforeEach(async () => {
  helpers.clear()
  tracker = await startTestTracker()
})
afterEach(() => tracker.close())

const PIECE = 32 * 1024
const FILES = { 'a.bin': 40 * PIECE, 'b.bin': 23 * PIECE + 5 }
const SIZE = 63 * PIECE + 5

const schemes = ['http', 'udp'] as const
const urlOf = (scheme: 'http' | 'udp') => (scheme === 'http' ? tracker.httpUrl : tracker.udpUrl)
const payload = (scheme: 'http' | 'udp', files: Readonly<Record<string, number>> = FILES): Payload =>
  workshop.payload('announced', { pieceLength: PIECE, files, trackers: [urlOf(scheme)] })

function start(...words: string[]): CliProcess {
  const cli = new CliProcess(...words, ...SECLUDED, '--json')
  onTestFinished(() => cli.close())
  return cli
}

/** A seeder in the tracker's swarm: whoever comes finds it there, and so has said `started` before anything moves. */
async function help({ torrent, folder, infohash }: Payload, ...words: string[]): Promise<CliProcess> {
  const helper = start('seed', torrent, '--data', folder, ...words)
  const { port } = await helper.until('ready')
  helpers.add(port)
  await expect.poll(() => tracker.swarm(infohash).map(peer => peer.port)).toEqual([port])
  return helper
}

/** Who ends by itself when told to stop. */
async function interrupt(cli: CliProcess): Promise<void> {
  cli.signal('SIGINT')
  expect(await cli.ended).toBe(130)
}

type Told = Pick<TraceEntry, 'event' | 'left' | 'downloaded' | 'uploaded'>
/** Without those of helpers. */
const announces = () => tracker.announces.filter(({ port }) => !helpers.has(port))
const trace = (): Told[] =>
  announces().map(({ event, left, downloaded, uploaded }) => ({ event, left, downloaded, uploaded }))
async function heard(event: TraceEntry['event']): Promise<void> {
  await expect.poll(() => announces().filter(entry => entry.event === event), { timeout: 10_000 }).not.toEqual([])
}

test.each(schemes)('a download, whole, and kept up: started, completed, stopped; %s', async scheme => {
  const made = payload(scheme)
  const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state'), '--seed']
  await help(made)
  const leech = start('download', made.torrent, ...words)
  await leech.until('done')
  await heard('completed')
  await interrupt(leech)
  expect(trace()).toEqual([
    { event: 'started', left: SIZE, downloaded: 0, uploaded: 0 },
    { event: 'completed', left: 0, downloaded: SIZE, uploaded: 0 },
    { event: 'stopped', left: 0, downloaded: SIZE, uploaded: 0 },
  ])
  const [first, ...rest] = announces()
  // One identity for one life.
  for (const { peerId, port, infoHash } of rest) {
    expect({ peerId, port, infoHash }).toEqual({ peerId: first!.peerId, port: first!.port, infoHash: made.infohash })
  }
  expect(announces().at(-1)!.numWant).toBe(0)
  expect(tracker.swarm(made.infohash).map(peer => peer.port)).toEqual([...helpers])
})

test.each(schemes)('a download that ends by itself says that it is complete, and then goodbye; %s', async scheme => {
  const made = payload(scheme)
  const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state')]
  await help(made)
  const leech = start('download', made.torrent, ...words)
  expect(await leech.ended).toBe(0)
  const events = trace().map(({ event }) => event)
  expect(events).toEqual(['started', 'completed', 'stopped'])
  expect(trace().at(-1)).toEqual({ event: 'stopped', left: 0, downloaded: SIZE, uploaded: 0 })
})

test.each(schemes)(
  'a download in two runs: each tells of its own bytes, and the last completes it; %s',
  async scheme => {
    const made = payload(scheme)
    const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state')]
    const helper = await help(made, '--limit-up', '700k')
    const given = ['download', made.torrent, ...words]
    const first = start(...given)
    await first.untilThat(({ progress }) => progress > 0.2)
    await interrupt(first)
    const [started, stopped, ...more] = trace()
    expect(more).toEqual([])
    expect(started).toEqual({ event: 'started', left: SIZE, downloaded: 0, uploaded: 0 })
    expect(stopped).toMatchObject({ event: 'stopped', uploaded: 0 })
    // What is missing counts whole pieces; what came counts blocks as well.
    expect([0, 5]).toContain(stopped!.left % PIECE)
    expect(stopped!.left).toBeLessThan(0.8 * SIZE)
    expect(stopped!.downloaded).toBeGreaterThanOrEqual(SIZE - stopped!.left)

    // Elsewhere, or the remembered address would give before the tracker has heard of us.
    await interrupt(helper)
    await help(made)
    const second = start(...given)
    expect(await second.ended).toBe(0)
    const [again, completed, goodbye, ...rest] = trace().slice(2)
    expect(rest).toEqual([])
    expect(again).toEqual({ event: 'started', left: stopped!.left, downloaded: 0, uploaded: 0 })
    expect(completed).toMatchObject({ event: 'completed', left: 0, uploaded: 0 })
    expect(completed!.downloaded).toBeGreaterThanOrEqual(stopped!.left)
    expect(completed!.downloaded).toBeLessThan(SIZE)
    expect(goodbye).toEqual({ ...completed, event: 'stopped' })
    const ids = new Set(announces().map(({ peerId }) => peerId))
    expect(ids.size).toBe(2)
  },
)

test.each(schemes)('a seed of what was there: started and stopped, never completed; %s', async scheme => {
  const made = payload(scheme)
  const seed = start('seed', made.torrent, '--data', made.folder)
  await heard('started')
  const peers = ['--peer', `127.0.0.1:${(await seed.until('ready')).port}`]
  const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state'), '--no-trackers']
  expect(await start('download', made.torrent, ...words, ...peers).ended).toBe(0)
  await interrupt(seed)
  expect(trace()).toEqual([
    { event: 'started', left: 0, downloaded: 0, uploaded: 0 },
    { event: 'stopped', left: 0, downloaded: 0, uploaded: SIZE },
  ])
})

test('a download of what was there already says nothing of completing', async () => {
  const made = payload('http')
  const leech = start('download', made.torrent, '--out', made.folder, '--state', workshop.folder('state'), '--seed')
  await leech.until('done')
  await heard('started')
  await interrupt(leech)
  expect(trace()).toEqual([
    { event: 'started', left: 0, downloaded: 0, uploaded: 0 },
    { event: 'stopped', left: 0, downloaded: 0, uploaded: 0 },
  ])
})

test('what a check found counts as there, what it missed as left', async () => {
  const made = payload('http')
  rmSync(join(made.folder, 'announced/b.bin'))
  const seed = start('seed', made.torrent, '--data', made.folder)
  expect(await seed.until('ready')).toMatchObject({ complete: false })
  await heard('started')
  await interrupt(seed)
  expect(trace().map(({ event, left }) => ({ event, left }))).toEqual([
    { event: 'started', left: 23 * PIECE + 5 },
    { event: 'stopped', left: 23 * PIECE + 5 },
  ])
})

test('with files skipped, what is wanted is whole but the torrent is not: no completed, and left counts all', async () => {
  const made = payload('http')
  const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state'), '--files', 'a.*', '--seed']
  await help(made)
  const leech = start('download', made.torrent, ...words)
  await leech.until('done')
  await interrupt(leech)
  expect(trace()[0]).toEqual({ event: 'started', left: SIZE, downloaded: 0, uploaded: 0 })
  expect(trace().at(-1)).toMatchObject({ event: 'stopped', left: 23 * PIECE + 5, downloaded: 40 * PIECE })
  expect(trace().map(({ event }) => event)).not.toContain('completed')
})

test('--no-trackers: not a word', async () => {
  const made = payload('http')
  const { port } = await start('seed', made.torrent, '--data', made.folder, '--no-trackers').until('ready')
  const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state'), '--no-trackers']
  expect(await start('download', made.torrent, ...words, '--peer', `127.0.0.1:${port}`).ended).toBe(0)
  expect(tracker.announces).toEqual([])
})

test('a tracker that refuses is quoted, and does not hold up a download that has peers', async () => {
  const made = payload('http')
  tracker.refuse('go away')
  const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state')]
  const alone = start('download', made.torrent, ...words)
  const event = await alone.untilThat(({ reason }) => reason?.kind === 'tracker-refused')
  expect(event.reason).toMatchObject({ text: 'go away' })
  await interrupt(alone)
  const { port } = await start('seed', made.torrent, '--data', made.folder).until('ready')
  expect(await start('download', made.torrent, ...words, '--peer', `127.0.0.1:${port}`).ended).toBe(0)
})
