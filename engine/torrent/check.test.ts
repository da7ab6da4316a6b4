import { expect, test } from 'vitest'
import { SimClock } from '#engine/io/sim/sim-clock.ts'
import { simIo } from '#engine/io/sim/sim-io.ts'
import { SimNetwork } from '#engine/io/sim/sim-network.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { ReadCache } from '#engine/storage/read-cache.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { makeTorrent } from '#engine/testing/sim-torrent.ts'
import { checkPieces, doubtfulPieces } from './check.ts'
import { Content } from './content.ts'
import type { TorrentResume } from './types.ts'

const PIECE = 16_384

/** Two files of four pieces each, all claimed, all on a disk that answers at once. */
async function world() {
  const random = new SimRandom(1)
  const clock = new SimClock(() => Promise.resolve())
  const network = new SimNetwork(clock, random)
  const io = simIo(network, clock, nodeHashes, network.host({ address: '10.0.0.1' }), { seed: 1 })
  const files = ['a', 'b'].map(name => ({ path: [name], bytes: random.bytes(4 * PIECE) }))
  const { metainfo } = makeTorrent('t', files, { pieceLength: PIECE })
  for (const { path, bytes } of files) io.volume.write(`/data/t/${path[0]}`, 0, bytes.slice())
  const content = new Content(metainfo, {
    io,
    readCache: new ReadCache(1024 * 1024),
    savePath: '/data',
    resume: { have: Uint8Array.of(0xff) } as unknown as TorrentResume,
    sequential: false,
  })
  const stamps = await content.store.stamps()
  const doubted = async (given: Partial<TorrentResume>) => [
    ...(await doubtfulPieces(content, { stamps, clean: true, ...given })),
  ]
  const rewrite = (name: string, length: number) => {
    const file = io.volume.files.get(`/data/t/${name}`)!
    file.bytes = file.bytes.slice(0, length)
    file.mtimeMs += 5_000
  }
  return { io, content, doubted, rewrite }
}

test('after an orderly stop nothing is doubted while files look as they were left', async () => {
  const { doubted } = await world()
  expect(await doubted({})).toEqual([])
})

test('after an orderly stop the pieces of a file with another time or size are', async () => {
  const { doubted, rewrite } = await world()
  rewrite('b', 4 * PIECE)
  expect(await doubted({})).toEqual([4, 5, 6, 7])
})

test('after a crash a newer file is what was being written, and is believed', async () => {
  const { doubted, rewrite } = await world()
  rewrite('b', 4 * PIECE)
  expect(await doubted({ clean: false })).toEqual([])
  expect(await doubted({ clean: true, stamps: null })).toEqual([])
})

test('after a crash a file that is shorter than what is claimed of it is not', async () => {
  const { doubted, rewrite } = await world()
  rewrite('b', 4 * PIECE - 1)
  expect(await doubted({ clean: false })).toEqual([4, 5, 6, 7])
})

test('a file that is gone is an error that names it, either way: nothing is fetched over missing data', async () => {
  const { doubted, io } = await world()
  io.volume.files.delete('/data/t/a')
  const missing = { code: 'DISK_MISSING', message: expect.stringContaining('t/a') }
  await expect(doubted({ clean: false })).rejects.toMatchObject(missing)
  await expect(doubted({})).rejects.toMatchObject(missing)
})

test('a length that covers all that is claimed is enough after a crash', async () => {
  const { doubted, rewrite, content } = await world()
  const have = content.picker.have.clone()
  for (const piece of [6, 7]) have.clear(piece)
  content.picker.restore(have)
  rewrite('b', 2 * PIECE)
  expect(await doubted({ clean: false })).toEqual([])
})

test('a drive that is away is an error, not a torrent at 0 %', async () => {
  const { doubted, io } = await world()
  io.volume.files.clear()
  await expect(doubted({})).rejects.toMatchObject({ code: 'DISK_MISSING' })
})

test('a check tells what is there; what it was not asked about keeps its claim', async () => {
  const { content, io } = await world()
  io.volume.files.get('/data/t/a')!.bytes[5]! ^= 1
  io.volume.files.get('/data/t/b')!.bytes[5]! ^= 1
  const progress: number[] = []
  const outcome = await checkPieces(content, [0, 1], checked => progress.push(checked), new AbortController().signal)
  expect(outcome).toMatchObject({ kind: 'done' })
  expect(outcome.kind !== 'failed' && [...outcome.have.indices()]).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(progress.at(-1)).toBe(2)
})

test('a check that is called off says so, and one that cannot read names the disk', async () => {
  const { content, io } = await world()
  const abort = new AbortController()
  expect(await checkPieces(content, 'all', () => abort.abort(), abort.signal)).toMatchObject({ kind: 'cancelled' })
  io.volume.files.clear()
  expect(await checkPieces(content, 'all', () => {}, new AbortController().signal)).toMatchObject({
    kind: 'failed',
    error: { code: 'DISK_MISSING' },
  })
})
