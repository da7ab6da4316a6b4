import { expect, test } from 'vitest'
import { parseMagnet } from '#engine/metainfo/magnet.ts'
import { toHex } from '#engine/base/ids.ts'
import { SimPeer } from '#engine/testing/sim-torrent.ts'
import { SimSwarm } from '#engine/testing/swarm.ts'

const magnetOf = (swarm: SimSwarm) => parseMagnet(`magnet:?xt=urn:btih:${toHex(swarm.torrent.metainfo.infoHashV1!)}`)

test('a magnet finds its file list among the peers, and then its files', async () => {
  const files = Array.from({ length: 300 }, (_, nth) => ({
    path: [`a rather long name, so that the metadata takes several parts ${nth}`],
    bytes: new Uint8Array(5_000).fill(nth),
  }))
  const swarm = new SimSwarm(40, { files })
  await swarm.seeder()
  await swarm.seeder()
  const leech = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm) })
  expect(leech.torrent.row().status).toBe('metadata')
  const seconds = await swarm.until(() => leech.torrent.metainfo !== null, 10)
  expect(seconds).toBeLessThan(1)
  expect(toHex(leech.metadata!.infoHashV1!)).toBe(toHex(swarm.torrent.metainfo.infoHashV1!))
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('two magnets that know only each other wait, and a seed that joins serves both', async () => {
  const swarm = new SimSwarm(41)
  const first = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm) })
  const second = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm) })
  await swarm.clock.advance(5_000)
  expect([first, second].map(peer => peer.torrent.row().status)).toEqual(['metadata', 'metadata'])
  await swarm.seeder()
  await swarm.until(() => swarm.everybodyHasAll(), 60)
  expect([first, second].every(peer => swarm.isIdentical(peer))).toBe(true)
})

test('the metadata of a private torrent is given to nobody', async () => {
  const swarm = new SimSwarm(42, { isPrivate: true })
  await swarm.seeder()
  const leech = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm) })
  await swarm.clock.advance(30_000)
  expect(leech.torrent.metainfo).toBeNull()
})

test('a skipped file is neither fetched nor created, and arrives when it is wanted after all', async () => {
  const files = [70_000, 90_001, 50_000].map((size, nth) => ({
    path: [`${nth}.bin`],
    bytes: new Uint8Array(size).fill(nth + 1),
  }))
  const swarm = new SimSwarm(43, { files })
  await swarm.seeder()
  const leech = await swarm.leech({ downRate: 50_000 })
  await leech.torrent.setFilePriorities([1], 0)
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(leech.fileBytes('payload/1.bin')).toBeUndefined()
  expect(leech.fileBytes('payload/0.bin')?.every(byte => byte === 1)).toBe(true)
  expect(leech.fileBytes('payload/2.bin')?.every(byte => byte === 3)).toBe(true)
  await leech.torrent.setFilePriorities([1], 2)
  expect(leech.torrent.isComplete).toBe(false)
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('pause stops all traffic, resume goes on from there', async () => {
  const swarm = new SimSwarm(44, { size: 2_000_000 })
  await swarm.seeder({ upRate: 500_000 })
  const leech = await swarm.leech()
  await swarm.clock.advance(2_000)
  leech.torrent.setIntent('pause')
  await swarm.until(() => leech.torrent.row().status === 'paused', 10)
  const before = leech.torrent.ledger.downloaded
  expect(before).toBeGreaterThan(100_000)
  await swarm.clock.advance(10_000)
  expect(leech.torrent.ledger.downloaded).toBe(before)
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(leech.torrent.ledger.downloaded).toBeLessThan(2_000_000 * 1.1)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test.each([
  ['down', 200_000],
  ['up', 200_000],
])('a limit of the %s rate holds within 5 % over ten seconds', async (direction, limit) => {
  const swarm = new SimSwarm(45, { size: 8_000_000 })
  const seed = await swarm.seeder({}, direction === 'up' ? { limitUp: limit } : {})
  const leech = await swarm.leech({}, direction === 'down' ? { limitDown: limit } : {})
  await swarm.clock.advance(3_000)
  const counter = () => (direction === 'up' ? seed.torrent.ledger.uploaded : leech.torrent.ledger.downloaded)
  const before = counter()
  await swarm.clock.advance(10_000)
  expect((counter() - before) / 10 / limit).toBeGreaterThan(0.95)
  expect((counter() - before) / 10 / limit).toBeLessThan(1.05)
})

test('a disk that is full stops the torrent with a reason; with room again it resumes and finishes', async () => {
  const swarm = new SimSwarm(46, { size: 2_000_000 })
  await swarm.seeder({ upRate: 1_000_000 })
  const io = swarm.io()
  io.volume.capacity = 700_000
  const leech = await swarm.add(io, {})
  await swarm.until(() => leech.torrent.row().status === 'error', 30)
  expect(leech.torrent.row().error?.code).toBe('DISK_FULL')
  io.volume.capacity = 2 ** 30
  await swarm.clock.advance(5_000)
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test.each([50, 51, 52, 53, 54, 55])(
  'after a power cut no claimed piece is false and the rest is fetched (seed %i)',
  async seed => {
    const swarm = new SimSwarm(seed, { size: 3_000_000 })
    await swarm.seeder({ upRate: 600_000 })
    const io = swarm.io()
    const leech = await swarm.add(io, {})
    await swarm.clock.advance(2_500 + swarm.random.next() * 2_000)
    const resume = leech.torrent.toResume()
    leech.kill()
    io.volume.crash()
    const have = new Uint8Array(resume.have!)
    for (const piece of leech.claimed) have[piece >> 3]! |= 0x80 >> (piece & 7)
    expect(leech.claimed.size).toBeGreaterThan(3)
    const again = await SimPeer.start(swarm.io(), {
      metainfo: swarm.torrent.metainfo,
      resume: { ...resume, have },
      peers: [swarm.peers[0]!.endpoint],
    })
    // The same disk in a new machine.
    for (const [path, file] of io.volume.files) again.io.volume.files.set(path, file)
    await swarm.until(() => again.torrent.row().status === 'downloading' || again.torrent.isComplete, 20)
    await swarm.until(() => again.torrent.isComplete, 60)
    expect(swarm.isIdentical(again)).toBe(true)
  },
)

test('a file that is gone while the torrent rests is missed, named and not fetched anew; put back, all goes on', async () => {
  const files = ['kept', 'moved'].map((name, nth) => ({ path: [name], bytes: new Uint8Array(80_000).fill(nth + 1) }))
  const swarm = new SimSwarm(56, { files })
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 30)
  leech.torrent.setIntent('pause')
  await swarm.until(() => leech.torrent.row().status === 'paused', 10)
  const { volume } = leech.io
  const moved = volume.files.get('/data/payload/moved')!
  volume.files.delete('/data/payload/moved')
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.row().status === 'error', 10)
  expect(leech.torrent.row().error).toMatchObject({
    code: 'DISK_MISSING',
    message: expect.stringContaining('payload/moved'),
  })
  volume.files.set('/data/payload/moved', moved)
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.row().status === 'seeding', 10)
  expect(leech.torrent.ledger.downloaded).toBe(160_000)
})

test('a check after files are gone finds what is missing, and it is fetched again', async () => {
  const files = ['kept', 'gone'].map((name, nth) => ({ path: [name], bytes: new Uint8Array(80_000).fill(nth + 1) }))
  const swarm = new SimSwarm(57, { files })
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 30)
  leech.io.volume.files.delete('/data/payload/gone')
  leech.torrent.recheck()
  await swarm.until(() => !leech.torrent.isComplete, 10)
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('a check that is asked for while the disk is being looked at is not forgotten', async () => {
  const swarm = new SimSwarm(58, { size: 300_000 })
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 30)
  leech.torrent.setIntent('pause')
  await swarm.until(() => leech.torrent.row().status === 'paused', 10)
  // Same size, same time: only hashing finds it.
  leech.fileBytes('payload')![5]! ^= 0xff
  leech.torrent.setIntent('run')
  leech.torrent.recheck()
  await swarm.until(() => !leech.torrent.isComplete, 10)
  await swarm.until(() => leech.torrent.isComplete, 30)
  expect(swarm.isIdentical(leech)).toBe(true)
})
