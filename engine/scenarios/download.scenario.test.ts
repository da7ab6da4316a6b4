import { expect, test } from 'vitest'
import { SimSwarm } from '#engine/testing/swarm.ts'

test('a leech gets everything from one seed, byte for byte', async () => {
  const swarm = new SimSwarm(1)
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => swarm.everybodyHasAll(), 30)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(leech.notices.map(notice => notice.kind)).toEqual(['finished'])
})

test('many files of odd sizes arrive whole, empty ones too', async () => {
  const sizes = [0, 1, 16_383, 16_384, 16_385, 70_001, 0, 3, 200_000]
  const files = sizes.map((size, nth) => ({ path: ['sub', `file ${nth}`], bytes: new Uint8Array(size).fill(nth + 1) }))
  const swarm = new SimSwarm(2, { files })
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => swarm.everybodyHasAll(), 30)
  await swarm.clock.advance(1_000)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('ten leeches share what one slow seed gives: the seed uploads little more than once', async () => {
  const swarm = new SimSwarm(3, { size: 4_000_000 })
  const seed = await swarm.seeder({ upRate: 400_000 })
  for (let nth = 0; nth < 10; nth++) await swarm.leech({ upRate: 1_000_000, downRate: 4_000_000 })
  const seconds = await swarm.until(() => swarm.everybodyHasAll(), 120)
  // One copy at 400 kB/s takes 10 s; ten copies from the seed alone would take 100.
  expect(seconds).toBeLessThan(30)
  expect(seed.torrent.ledger.uploaded).toBeLessThan(3 * 4_000_000)
})

test('keeps a line of 100 ms and 10 MB/s at least 90 % busy', async () => {
  const swarm = new SimSwarm(4, { size: 60_000_000, pieceLength: 1024 * 1024 })
  await swarm.seeder({ latencyMs: 25, upRate: 10_000_000 })
  await swarm.leech({ latencyMs: 25 })
  const seconds = await swarm.until(() => swarm.everybodyHasAll(), 60)
  expect(seconds).toBeLessThan(6 / 0.9)
})

test('pieces of 8 MiB pass through memory for two of them', async () => {
  const swarm = new SimSwarm(5, { size: 40_000_000, pieceLength: 8 * 1024 * 1024 })
  await swarm.seeder()
  await swarm.seeder()
  const leech = await swarm.leech({}, {}, { slotBudget: 4 * 1024 * 1024 })
  await swarm.until(() => swarm.everybodyHasAll(), 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('memory for one piece only is enough to finish, with five seeds to choose from', async () => {
  const swarm = new SimSwarm(6, { size: 3_000_000, pieceLength: 256 * 1024 })
  for (let nth = 0; nth < 5; nth++) await swarm.seeder()
  const leech = await swarm.leech({}, {}, { slotBudget: 256 * 1024 })
  await swarm.until(() => swarm.everybodyHasAll(), 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('goes on over a line that loses one segment in twenty', async () => {
  const swarm = new SimSwarm(7, { size: 2_000_000 })
  await swarm.seeder({ loss: 0.05 })
  const leech = await swarm.leech()
  await swarm.until(() => swarm.everybodyHasAll(), 120)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('peers that cannot be dialled are reached because they dial', async () => {
  const swarm = new SimSwarm(8)
  const leech = await swarm.leech()
  await swarm.seeder({ isNatted: true })
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(leech.torrent.peerRows(swarm.clock.now()).length).toBeLessThanOrEqual(1)
})

test('the same seed gives the same run', async () => {
  const run = async (): Promise<string> => {
    const swarm = new SimSwarm(9, { size: 500_000 })
    await swarm.seeder({ upRate: 300_000, loss: 0.1 })
    await swarm.leech()
    await swarm.leech()
    const seconds = await swarm.until(() => swarm.everybodyHasAll(), 60)
    return `${seconds} ${swarm.peers.map(peer => peer.torrent.ledger.uploaded).join(' ')}`
  }
  expect(await run()).toBe(await run())
})

test('a seed that dies midway is replaced by one that comes later', async () => {
  const swarm = new SimSwarm(10, { size: 2_000_000 })
  const seed = await swarm.seeder({ upRate: 200_000 })
  const leech = await swarm.leech()
  await swarm.clock.advance(3_000)
  expect(leech.torrent.isComplete).toBe(false)
  seed.kill()
  swarm.network.setOnline(seed.io.host, false)
  const second = await swarm.seeder()
  leech.torrent.addPeers([second.endpoint], 'tracker')
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})
