import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { NodePieceDisk } from './piece-disk.ts'
import { RingLog } from './log.ts'

const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})
const code = (wanted: string) =>
  expect.objectContaining({ name: 'EngineError', code: wanted, blame: 'disk' }) as unknown

async function world(options: { openFiles?: number; diskWorker?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-disk-'))
  let diskWorker: URL | undefined
  if (options.diskWorker !== undefined) {
    const path = join(folder, 'worker.mjs')
    writeFileSync(path, options.diskWorker)
    diskWorker = pathToFileURL(path)
  }
  const log = new RingLog()
  const disk = new NodePieceDisk({
    cacheMiB: 8,
    openFiles: options.openFiles ?? 40,
    log,
    ...(diskWorker ? { diskWorker } : {}),
  })
  endings.push(async () => {
    await disk.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { folder, disk, log }
}

const isRoot = process.getuid?.() === 0
const digest = (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest())

async function put(disk: NodePieceDisk, root: string, paths: readonly string[], each = 10) {
  const set = disk.register({ root, paths, lengths: paths.map(() => each), mayCreateRoot: true })
  const slot = disk.acquire(paths.length * each)!
  slot.bytes.forEach((_, at) => (slot.bytes[at] = at & 255))
  const spans = paths.map((_, file) => ({ file, offset: 0, length: each }))
  const verdict = disk.verifyAndWrite(set, slot, slot.bytes.length, digest(slot.bytes), spans)
  return { set, spans, slot, verdict: await verdict.finally(() => disk.release(slot)) }
}

test('a piece of many small files is written, saved and read with few files open', async () => {
  const { folder, disk } = await world({ openFiles: 8 })
  const paths = Array.from({ length: 300 }, (_, file) => `t/${file % 7}/${file}`)
  const { set, spans, verdict } = await put(disk, folder, paths)
  expect(verdict).toBe('ok')
  await disk.sync(set, paths.keys())
  expect((await disk.read(set, spans)).length).toBe(3000)
  expect([...readFileSync(join(folder, 't/6/13'))]).toEqual(Array.from({ length: 10 }, (_, at) => (130 + at) & 255))
  const open = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
  expect(open).toBeLessThan(200)
  await disk.unregister(set)
})

test('a disk that has done nothing has started nothing', async () => {
  const { folder, disk } = await world({ diskWorker: 'throw new Error("started")' })
  const set = disk.register({ root: folder, paths: ['a'], lengths: [1], mayCreateRoot: true })
  disk.release(disk.acquire(10)!)
  await disk.sync(set, [0])
  await disk.unregister(set)
  expect(disk.stats.queuedJobs).toBe(0)
})

test('a worker that crashes fails its jobs, and the next job starts another one', async () => {
  // Ends itself at the first job it ever gets, works from the second start on.
  const { folder, disk, log } = await world({
    diskWorker: `
      import { existsSync, writeFileSync } from 'node:fs'
      import { parentPort, workerData } from 'node:worker_threads'
      const mark = new URL('./mark', import.meta.url)
      if (existsSync(mark)) await import(${JSON.stringify(new URL('./workers/disk-worker.mjs', import.meta.url).href)})
      else parentPort.on('message', () => { writeFileSync(mark, ''); throw new Error('out of memory') })`,
  })
  await expect(put(disk, join(folder, 'data'), ['a'])).rejects.toEqual(code('DISK_IO'))
  expect(log.lines().map(line => line.text)).toEqual(['the disk thread crashed: out of memory'])
  expect((await put(disk, join(folder, 'data'), ['a'])).verdict).toBe('ok')
})

test('something that is no plain file in the place of one is refused', async () => {
  const { folder, disk } = await world()
  mkdirSync(join(folder, 'a'))
  writeFileSync(join(folder, 'b'), '')
  await expect(put(disk, folder, ['a'])).rejects.toEqual(code('PATH_UNSAFE'))
  await expect(put(disk, folder, ['b/c'])).rejects.toEqual(code('PATH_UNSAFE'))
})

test.skipIf(isRoot || process.platform === 'win32')('a folder that may not be written is DISK_DENIED', async () => {
  const { folder, disk } = await world()
  mkdirSync(join(folder, 'locked'), { mode: 0o500 })
  await expect(put(disk, join(folder, 'locked'), ['a'])).rejects.toEqual(code('DISK_DENIED'))
  chmodSync(join(folder, 'locked'), 0o700)
})

test('messages name the file and say what to do', async () => {
  const { folder, disk } = await world()
  mkdirSync(join(folder, 'a'))
  const message = await put(disk, folder, ['a']).catch((error: Error) => error.message)
  expect(message).toMatch(new RegExp(`^Cannot open ${join(folder, 'a')}: .+\\. Move it away, then resume$`))
})

test('closing while jobs are under way fails them', async () => {
  const { folder, disk } = await world()
  const job = put(disk, folder, ['a'])
  const closing = disk.close()
  await expect(job).rejects.toEqual(code('DISK_IO'))
  await closing
})
