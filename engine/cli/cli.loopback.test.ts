/** The command line as a process: exit codes, what goes to which stream, and our own engine on both ends of a line. */
import { openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { CliProcess, runCli, SECLUDED } from '#engine/testing/cli-process.ts'
import { type Payload, readTree, Workshop } from '#engine/testing/payload.ts'
import { sharedData } from '#engine/testing/shared-data.ts'

const workshop = new Workshop()
afterAll(() => workshop.close())

const small = workshop.payload('small', {
  pieceLength: 16 * 1024,
  files: { 'a.bin': 100_000, 'sub/b.txt': 50_001, 'sub/c.bin': 70_000, 'sub/empty': 0 },
})

function start(...words: string[]): CliProcess {
  const cli = new CliProcess(...words)
  onTestFinished(() => cli.close())
  return cli
}

/** A seeder of ours, ready. @returns its address */
async function seeder({ torrent, folder }: Payload, ...words: string[]): Promise<string> {
  const seed = start('seed', torrent, '--data', folder, ...SECLUDED, '--no-trackers', '--json', ...words)
  const { port } = await seed.until('ready')
  return `127.0.0.1:${port}`
}

const state = () => ['--state', workshop.folder('state'), ...SECLUDED, '--no-trackers', '--json']

test.each([
  ['nothing at all', []],
  ['a verb that does not exist', ['frobnicate']],
  ['download without a source', ['download', '--out', '/tmp']],
  ['download without a place', ['download', small.torrent]],
  ['seed without data', ['seed', small.torrent]],
  ['check without data', ['check', small.torrent]],
  ['an unknown option', ['download', small.torrent, '--out', '/tmp', '--warp']],
  ['a rate that is none', ['download', small.torrent, '--out', '/tmp', '--limit-down', 'fast']],
  ['a port that is none', ['download', small.torrent, '--out', '/tmp', '--port', '70000']],
  [
    'a pattern that no file matches',
    ['download', small.torrent, '--out', workshop.folder(), ...state(), '--files', 'z'],
  ],
])('%s: wrong use, 64, one line', async (_, words) => {
  const { code, stdout, stderr } = await runCli(...words)
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
  expect(stderr).toMatch(/^freshet: [^\n]+\n$/)
})

test('help and version go to stdout', async () => {
  expect(await runCli('--help')).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('--limit-down') })
  expect(await runCli('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) })
})

test('bad input: 2, one line on stderr with code and place', async () => {
  const bad = join(workshop.folder(), 'bad.torrent')
  writeFileSync(bad, 'd4:infod6:lengthi5e4:name1:ae')
  const target = workshop.folder('untouched')
  const verbs = [
    ['inspect', bad],
    ['download', bad, '--out', target],
    ['seed', bad, '--data', target],
    ['check', bad, '--data', target],
  ]
  for (const words of verbs) {
    const { code, stdout, stderr } = await runCli(...words, '--json')
    expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: '' })
    expect(stderr).toMatch(/^freshet: BENCODE_SYNTAX[^\n]*\bbyte \d+[^\n]*\n$/)
  }
  expect(readTree(target)).toEqual({})
})

const samples = ['torrents/alice.torrent', 'generated/gen-ben-len-huge.torrent', 'generated/gen-html-names.torrent']
test.skipIf(!sharedData('fixtures'))('inspect, as a process', async () => {
  const outcomes = await Promise.all(samples.map(file => runCli('inspect', sharedData(`fixtures/${file}`)!, '--json')))
  expect(outcomes.map(({ code }) => code)).toEqual([0, 2, 0])
  expect(JSON.parse(outcomes[0]!.stdout)).toMatchObject({ kind: 'v1', name: expect.any(String) })
})

test('check: complete is 0', async () => {
  const { code, stdout, stderr } = await runCli('check', small.torrent, '--data', small.folder, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout.split('\n').at(-1)!)).toMatchObject({ event: 'done', complete: true, incomplete: 0 })
})

test('check: what is damaged, short or missing is named, and the answer is 1', async () => {
  const files = { 'good.bin': 64 * 1024, 'damaged.bin': 64 * 1024, 'short.bin': 64 * 1024, 'rest.bin': 64 * 1024 }
  const payload = workshop.payload('hurt', { pieceLength: 16 * 1024, files })
  const folder = join(payload.folder, 'hurt')
  const file = openSync(join(folder, 'damaged.bin'), 'r+')
  writeSync(file, 'not what it was', 20_000)
  truncateSync(join(folder, 'short.bin'), 40_000)
  const before = readTree(payload.folder)
  const json = await runCli('check', payload.torrent, '--data', payload.folder, '--json')
  expect(json.code).toBe(1)
  const events = json.stdout.split('\n').map(line => JSON.parse(line) as Record<string, unknown>)
  expect(events.filter(({ event }) => event === 'incomplete')).toEqual([
    { event: 'incomplete', path: 'hurt/damaged.bin', length: 64 * 1024, verified: 48 * 1024 },
    { event: 'incomplete', path: 'hurt/short.bin', length: 64 * 1024, verified: 32 * 1024 },
  ])
  const text = await runCli('check', payload.torrent, '--data', payload.folder)
  expect(text.code).toBe(1)
  expect(text.stdout).toMatch(/incomplete: hurt\/damaged\.bin.*\n.*hurt\/short\.bin/)
  const absent = await runCli('check', payload.torrent, '--data', workshop.folder('empty'), '--json')
  expect(absent.code).toBe(1)
  expect(absent.stdout.split('\n').filter(line => line.includes('"incomplete"'))).toHaveLength(5)
  // It only looks.
  expect(readTree(payload.folder)).toEqual(before)
})

test('download: ready, progress, done, and every byte', async () => {
  const peer = await seeder(small)
  const out = workshop.folder('out')
  const leech = start('download', small.torrent, '--out', out, '--peer', peer, ...state())
  expect(await leech.ended).toBe(0)
  const order = leech.events.map(({ event }) => event).join(' ')
  expect(order).toMatch(/^ready (progress )+done$/)
  expect(leech.progress.at(-1)).toMatchObject({ progress: 1, left: 0, downloaded: small.size, status: 'seeding' })
  expect(leech.child.stderr).toBe('')
  expect(readTree(out)).toEqual(small.tree)
})

test('download for people: plain lines on stdout', async () => {
  const peer = await seeder(small)
  const words = [
    '--out',
    workshop.folder('out'),
    '--peer',
    peer,
    '--state',
    workshop.folder('state'),
    '--no-trackers',
    ...SECLUDED,
  ]
  const { code, stdout, stderr } = await runCli('download', small.torrent, ...words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^small: .*\nComplete and verified: small$/)
})

test('download --files: what no pattern names is not there', async () => {
  const peer = await seeder(small)
  const out = workshop.folder('out')
  const words = ['--out', out, '--peer', peer, ...state(), '--files', '*.txt', '--files', 'small/a.*']
  const leech = start('download', small.torrent, ...words)
  expect(await leech.ended).toBe(0)
  const wanted = ['small/a.bin', 'small/sub/b.txt']
  const visible = Object.entries(readTree(out)).filter(([path]) => !/(^|\/)\./.test(path))
  expect(Object.fromEntries(visible)).toEqual(Object.fromEntries(wanted.map(path => [path, small.tree[path]])))
})

test('download of a magnet link with --files', async () => {
  const peer = await seeder(small)
  const out = workshop.folder('out')
  const leech = start('download', small.magnet, '--out', out, '--peer', peer, ...state(), '--files', 'b.*')
  expect(await leech.ended).toBe(0)
  expect(readTree(out)).toMatchObject({ 'small/sub/b.txt': small.tree['small/sub/b.txt'] })
  expect(readTree(out)).not.toHaveProperty(['small/a.bin'])
})

test('inspect --fetch: the metadata of a magnet link, from a peer, and nothing else', async () => {
  const peer = await seeder(small)
  const { code, stdout } = await runCli(
    'inspect',
    small.magnet,
    '--fetch',
    '--peer',
    peer,
    '--no-trackers',
    '--json',
    ...SECLUDED,
  )
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ infohashV1: small.infohash, totalSize: small.size, name: 'small' })
})

test('what is complete already is done at once', async () => {
  const words = ['download', small.torrent, '--out', small.folder, ...state()]
  const leech = start(...words)
  expect(await leech.ended).toBe(0)
  expect(leech.progress.at(-1)).toMatchObject({ downloaded: 0, left: 0 })
})

test('Ctrl+C: 130 within five seconds, and the next run has what this one had', async () => {
  const payload = workshop.payload('slow', { pieceLength: 32 * 1024, files: { 'x.bin': 6_000_000 } })
  const peer = await seeder(payload, '--limit-up', '1MB')
  const out = workshop.folder('out')
  const given = ['download', payload.torrent, '--out', out, '--peer', peer, ...state()]
  const first = start(...given)
  const { progress } = await first.untilThat(event => event.progress >= 0.3)
  const askedAt = Date.now()
  first.signal('SIGINT')
  expect(await first.ended).toBe(130)
  expect(Date.now() - askedAt).toBeLessThan(5_000)
  const second = start(...given)
  expect((await second.until('progress')).progress).toBeGreaterThanOrEqual(progress)
  expect(await second.ended).toBe(0)
  // Of both runs together: next to nothing came twice.
  expect(second.progress.at(-1)!.downloaded).toBeLessThan(payload.size * 1.02)
  expect(readTree(out)).toEqual(payload.tree)
})

test('Ctrl+C ends a seeder, and a download that waits for a peer', async () => {
  const seed = start('seed', small.torrent, '--data', small.folder, ...SECLUDED, '--no-trackers', '--json')
  const leech = start('download', small.torrent, '--out', workshop.folder('out'), ...state())
  for (const cli of [seed, leech]) {
    await cli.until('ready')
    cli.signal('SIGINT')
    expect(await cli.ended).toBe(130)
  }
})

test('seed: data that is not whole is said to be so', async () => {
  const seed = start('seed', small.torrent, '--data', workshop.folder('empty'), ...SECLUDED, '--no-trackers', '--json')
  expect(await seed.until('ready')).toMatchObject({ complete: false })
})

test('one state folder, one process', async () => {
  const words = ['download', small.torrent, '--out', workshop.folder('out'), ...state()]
  const first = start(...words)
  await first.until('ready')
  const second = await runCli(...words)
  expect(second.code).toBe(1)
  expect(second.stderr).toMatch(/^freshet: STATE_LOCKED[^\n]+\n$/)
})
