/** `freshet create` as a process: what it makes, what it refuses, and what it leaves behind. */
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { parseMetainfo } from '#engine/metainfo/metainfo.ts'
import { CliProcess, runCli } from '#engine/testing/cli-process.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { Workshop } from '#engine/testing/payload.ts'

const KiB = 1024
const workshop = new Workshop()
afterAll(() => workshop.close())

const top = join(workshop.folder(), 'top')
mkdirSync(join(top, 'sub', '.git'), { recursive: true })
const contents: readonly (readonly [string, number])[] = [
  ['a.bin', 100_000],
  ['sub/b.txt', 50_001],
  ['sub/empty', 0],
  ['skip.log', 10],
  ['.hidden', 10],
  ['sub/.git/config', 10],
  ['sub/Thumbs.db', 10],
  ['desktop.ini', 10],
]
for (const [path, length] of contents) writeFileSync(join(top, path), Buffer.alloc(length, path))
symlinkSync('a.bin', join(top, 'link'))

const outPath = () => join(workshop.folder('out'), 'x.torrent')
const read = (path: string) => parseMetainfo(readFileSync(path), nodeHashes)
/** Big enough to be at it for a while, on any disk and machine; and it takes no room. */
function bigFile(): string {
  const path = join(workshop.folder('big'), 'big.bin')
  writeFileSync(path, '')
  truncateSync(path, 8 * KiB * KiB * KiB)
  return path
}

test.each(['v1', 'v2', 'hybrid'] as const)('a %s torrent of a folder, and what was left out of it', async kind => {
  const out = outPath()
  const words = ['--kind', kind, '--piece-size', '16k', '--exclude', '*.log', '--no-date', '--json']
  const { code, stdout, stderr } = await runCli('create', top, '--out', out, ...words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const events = stdout.split('\n').flatMap(line => (line ? [JSON.parse(line) as Record<string, unknown>] : []))
  const left = events.filter(({ event }) => event === 'left-out').map(({ path, why }) => [path, why])
  expect(left.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ['.hidden', 'hidden'],
    ['desktop.ini', 'system'],
    ['link', 'link'],
    ['skip.log', 'excluded'],
    ['sub/.git/', 'hidden'],
    ['sub/Thumbs.db', 'system'],
  ])
  const made = read(out)
  expect(made).toMatchObject({ kind, name: 'top', pieceLength: 16 * KiB, creationDate: null, warnings: [] })
  expect(made.createdBy).toMatch(/^Freshet \d/)
  const files = Array.from({ length: made.files.count }, (_, index) => index)
  const real = files.filter(index => !made.files.attributes(index).padding)
  expect(real.map(index => made.files.path(index))).toEqual(['top/a.bin', 'top/sub/b.txt', 'top/sub/empty'])
  const done = events.at(-1)!
  expect(done).toMatchObject({ event: 'done', path: out, infohashV1: kind === 'v2' ? null : expect.any(String) })
  expect(done['magnet']).toMatch(/^magnet:\?xt=urn:bt[im]h:/)
  // Done by other means: our own check, which reads the data anew.
  if (kind !== 'v2') expect((await runCli('check', out, '--data', join(top, '..'))).code).toBe(0)
})

test('the same input gives the same file', async () => {
  const [a, b] = [outPath(), outPath()]
  for (const out of [a, b]) expect((await runCli('create', top, '--out', out, '--no-date')).code).toBe(0)
  expect(readFileSync(a).equals(readFileSync(b))).toBe(true)
})

test('one file, and everything that can be said of a torrent', async () => {
  const out = outPath()
  const urls = ['http://one.example/announce', 'udp://two.example:80', 'wss://three.example/']
  const trackers = ['--tracker', urls[0]!, '--tracker', urls[1]!, '--tier', '--tracker', urls[2]!]
  const words = ['--web-seed', 'http://seed.example/a.bin', '--private', '--source', 'HERE', '--comment', 'hello']
  const { code, stdout } = await runCli(
    'create',
    join(top, 'a.bin'),
    '--out',
    out,
    '--kind',
    'v1',
    ...trackers,
    ...words,
  )
  expect(code).toBe(0)
  expect(stdout).toContain('Infohash v1')
  const made = read(out)
  expect(made).toMatchObject({ name: 'a.bin', topFolder: '', private: true, comment: 'hello' })
  expect(made.trackers).toEqual([[urls[0], urls[1]]])
  expect(made.listed?.trackers).toEqual(urls)
  expect(made.webSeeds).toEqual(['http://seed.example/a.bin'])
  expect(Math.abs(made.creationDate! * 1000 - Date.now())).toBeLessThan(60_000)
  expect(readFileSync(out).includes('6:source4:HERE')).toBe(true)
})

test('many pieces over all threads are those of the file', async () => {
  const path = join(workshop.folder('data'), 'noise')
  const bytes = createHash('shake256', { outputLength: 9_000_001 }).update('noise').digest()
  writeFileSync(path, bytes)
  const out = outPath()
  expect((await runCli('create', path, '--out', out, '--kind', 'v1', '--piece-size', '512k')).code).toBe(0)
  const { pieceHashes } = read(out)
  for (let piece = 0; piece * 512 * KiB < bytes.length; piece++) {
    const digest = createHash('sha1')
      .update(bytes.subarray(piece * 512 * KiB, (piece + 1) * 512 * KiB))
      .digest()
    expect(digest.equals(pieceHashes.subarray(piece * 20, piece * 20 + 20))).toBe(true)
  }
})

test.each([
  ['no path', []],
  ['a kind that does not exist', [top, '--kind', 'v3']],
  ['a piece size that is no power of two', [top, '--piece-size', '48k']],
  ['a piece size that is too small', [top, '--piece-size', '8k']],
  ['a tracker that is none', [top, '--tracker', 'ftp://x.example/']],
  ['a web seed that is none', [top, '--web-seed', 'udp://x.example/']],
])('%s: wrong use, 64, one line', async (_, words) => {
  const { code, stdout, stderr } = await runCli('create', ...words)
  expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
  expect(stderr).toMatch(/^freshet: [^\n]+\n$/)
})

test('what cannot become a torrent: 1, named, and nothing is left behind', async () => {
  const empty = workshop.folder('empty')
  const onlyEmpty = workshop.folder('only-empty')
  writeFileSync(join(onlyEmpty, 'nothing'), '')
  const onlyHidden = workshop.folder('only-hidden')
  writeFileSync(join(onlyHidden, '.x'), 'x')
  const out = outPath()
  for (const path of [empty, onlyEmpty, onlyHidden, join(empty, 'missing')]) {
    const { code, stderr } = await runCli('create', path, '--out', out)
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(path) })
  }
  expect(readdirSync(join(out, '..'))).toEqual([])
})

test.skipIf(process.getuid?.() === 0)('a file that cannot be read is named', async () => {
  const folder = workshop.folder('denied')
  const path = join(folder, 'secret')
  writeFileSync(path, 'x')
  chmodSync(path, 0)
  const { code, stderr } = await runCli('create', folder, '--out', outPath())
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(path) })
})

test('a place that cannot be written to is named', async () => {
  const out = join(workshop.folder('out'), 'missing', 'x.torrent')
  const { code, stderr } = await runCli('create', top, '--out', out)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`DISK_IO: Cannot write ${out}`) })
})

test('a name that is not UTF-8 is refused, as it would not come back', async ({ skip }) => {
  const folder = workshop.folder('latin1')
  try {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9)]), 'x')
  } catch {
    skip('this file system wants UTF-8')
  }
  const { code, stderr } = await runCli('create', folder, '--out', outPath())
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(`A name in ${folder}`) })
})

test('a file that is there stays as it is', async () => {
  const out = outPath()
  writeFileSync(out, 'mine')
  const { code, stderr } = await runCli('create', top, '--out', out)
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(out) })
  expect(readFileSync(out, 'utf8')).toBe('mine')
})

test.each([
  ['grows', (path: string) => appendFileSync(path, 'x')],
  ['is written to', (path: string) => utimesSync(path, 1, 1)],
])('a file that %s meanwhile stops it, and is named', async (_, change) => {
  const path = bigFile()
  const out = outPath()
  const cli = new CliProcess('create', path, '--out', out, '--json')
  onTestFinished(() => cli.close())
  await cli.until('progress')
  change(path)
  expect(await cli.ended).toBe(1)
  expect(cli.child.stderr).toContain(`DISK_CHANGED: ${path}`)
  expect(readdirSync(join(out, '..'))).toEqual([])
})

test('Ctrl+C: 130, and no half file', async () => {
  const out = outPath()
  const cli = new CliProcess('create', bigFile(), '--out', out, '--json')
  onTestFinished(() => cli.close())
  await cli.until('progress')
  cli.signal('SIGINT')
  expect(await cli.ended).toBe(130)
  expect(cli.child.stderr).toBe('')
  expect(readdirSync(join(out, '..'))).toEqual([])
})
