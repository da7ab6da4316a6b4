/** Changes of mind, and of luck, in the middle of something: each step of a torrent's life can meet any wish. */
import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { toHex } from '#engine/base/ids.ts'
import { parseMagnet } from '#engine/metainfo/magnet.ts'
import { extended, FakePeer, message } from '#engine/testing/fake-peer.ts'
import { SimPeer } from '#engine/testing/sim-torrent.ts'
import { SimSwarm } from '#engine/testing/swarm.ts'
import { MESSAGE } from '#engine/wire/message.ts'

const statusOf = (peer: SimPeer) => peer.torrent.row().status
const io = (code: 'DISK_IO' | 'DISK_FULL') => new EngineError(code, 'disk', 'The disk does not want to.')

/** A seed whose data has to be checked first, on a disk that takes its time. */
async function checking(seed: number, delayMs = 20): Promise<{ swarm: SimSwarm; peer: SimPeer }> {
  const swarm = new SimSwarm(seed)
  const peer = await swarm.seeder({}, { skipCheck: false })
  peer.io.volume.delayMs = delayMs
  await swarm.until(() => statusOf(peer) === 'checking', 10)
  return { swarm, peer }
}

/** Lets promises of the simulated world settle while its time passes. */
async function settled(swarm: SimSwarm, work: Promise<unknown>, limitMs = 10_000): Promise<boolean> {
  let isDone = false
  void work.finally(() => (isDone = true))
  return swarm.clock.until(() => isDone, limitMs)
}

test('a torrent that is paused and resumed while its data is looked at runs in the end', async () => {
  const swarm = new SimSwarm(300)
  const io = swarm.io()
  io.volume.delayMs = 50
  const peer = await swarm.add(io, {})
  expect(statusOf(peer)).toBe('check-queued')
  peer.torrent.setIntent('pause')
  peer.torrent.setIntent('run')
  await swarm.until(() => peer.torrent.phase.kind === 'running', 10)
})

test('a check that is called off leaves the torrent waiting for its owner, with nothing claimed', async () => {
  const { swarm, peer } = await checking(301)
  await swarm.clock.advance(100)
  peer.torrent.cancelCheck()
  await swarm.until(() => statusOf(peer) === 'paused', 10)
  await swarm.clock.advance(5_000)
  expect([statusOf(peer), peer.torrent.toResume().have]).toEqual(['paused', null])
  peer.torrent.setIntent('run')
  await swarm.until(() => statusOf(peer) === 'seeding', 10)
})

test('a first look that is called off before its turn leaves the torrent waiting, too', async () => {
  const swarm = new SimSwarm(302)
  const io = swarm.io()
  io.volume.delayMs = 50
  const peer = await swarm.add(io, {})
  peer.torrent.cancelCheck()
  await swarm.clock.advance(5_000)
  expect(statusOf(peer)).toBe('paused')
})

test('a check that loses its turn to the queue is queued, not paused, and goes on later', async () => {
  const { swarm, peer } = await checking(303)
  peer.torrent.setMayRun(false)
  await swarm.until(() => statusOf(peer) === 'queued', 10)
  peer.torrent.setMayRun(true)
  await swarm.until(() => statusOf(peer) === 'seeding', 10)
})

test('a check that a user asked for goes on when the torrent pauses, and ends paused', async () => {
  const swarm = new SimSwarm(304)
  const peer = await swarm.seeder()
  peer.io.volume.delayMs = 20
  peer.torrent.setIntent('pause')
  await swarm.until(() => statusOf(peer) === 'paused', 10)
  peer.torrent.recheck()
  peer.torrent.setMayRun(false)
  await swarm.clock.advance(200)
  expect(statusOf(peer)).toBe('checking')
  await swarm.until(() => statusOf(peer) === 'paused', 10)
  expect(peer.torrent.isComplete).toBe(true)
})

test('a check of a running torrent finds what is spoiled, and it is fetched again', async () => {
  const swarm = new SimSwarm(305)
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 30)
  leech.fileBytes('payload')!.fill(0, 100_000, 200_000)
  leech.io.volume.delayMs = 5
  leech.torrent.recheck()
  leech.torrent.recheck()
  await swarm.until(() => statusOf(leech) === 'checking', 10)
  await swarm.until(() => !leech.torrent.isComplete && statusOf(leech) !== 'checking', 10)
  await swarm.until(() => leech.torrent.isComplete, 30)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('after a check in rest the next start does not look again', async () => {
  const swarm = new SimSwarm(306)
  const peer = await swarm.seeder()
  peer.torrent.setIntent('pause')
  await swarm.until(() => statusOf(peer) === 'paused', 10)
  // Somebody copied the same bytes over them.
  await swarm.clock.advance(5_000)
  peer.io.volume.write('/data/payload', 0, swarm.torrent.payload.slice())
  peer.torrent.recheck()
  await swarm.clock.advance(2_000)
  const { stamps, clean } = peer.torrent.toResume()
  expect([stamps?.[0]?.mtimeMs, clean]).toEqual([peer.io.volume.files.get('/data/payload')?.mtimeMs, true])
})

test('priorities can be chosen during a check: the answer does not wait for its end', async () => {
  const files = [0, 1, 2].map(nth => ({ path: [`${nth}`], bytes: new Uint8Array(300_000).fill(nth + 1) }))
  const swarm = new SimSwarm(307, { files })
  const peer = await swarm.seeder({}, { skipCheck: false })
  peer.io.volume.delayMs = 200
  await swarm.until(() => statusOf(peer) === 'checking', 10)
  expect(await settled(swarm, peer.torrent.setFilePriorities([1], 0), 300)).toBe(true)
  expect(statusOf(peer)).toBe('checking')
  await swarm.until(() => statusOf(peer) === 'seeding', 60)
})

test.each([0, 50, 120, 5_000])('stopping twice at once, %i ms into its life, ends once', async ms => {
  const swarm = new SimSwarm(308)
  const seed = await swarm.seeder({ upRate: 300_000 }, { skipCheck: false })
  seed.io.volume.delayMs = 10
  const leech = await swarm.leech()
  await swarm.clock.advance(ms)
  for (const peer of [seed, leech]) {
    expect(await settled(swarm, Promise.all([peer.torrent.stop(500), peer.torrent.stop(500)]))).toBe(true)
    expect(peer.torrent.phase.kind).toBe('stopped')
    const writes = peer.io.volume.files.get('/data/payload')?.mtimeMs
    await swarm.clock.advance(5_000)
    expect([peer.torrent.phase.kind, peer.io.volume.files.get('/data/payload')?.mtimeMs]).toEqual(['stopped', writes])
    expect(peer.io.logged.filter(line => line.startsWith('error'))).toEqual([])
  }
})

test('data is deleted whole while it is being checked', async () => {
  const { swarm, peer } = await checking(309)
  const gone = (async () => {
    await peer.torrent.stop(500)
    return peer.torrent.deleteData()
  })()
  expect(await settled(swarm, gone)).toBe(true)
  await swarm.clock.advance(5_000)
  expect([...peer.io.volume.files.keys()]).toEqual([])
})

test('a disk that fails while a torrent stops is told, and the torrent does not start again by itself', async () => {
  const swarm = new SimSwarm(310)
  await swarm.seeder({ upRate: 300_000 })
  const leech = await swarm.leech()
  await swarm.clock.advance(1_500)
  leech.io.volume.syncFault = io('DISK_IO')
  leech.torrent.setIntent('pause')
  leech.torrent.setIntent('run')
  await swarm.clock.advance(90_000)
  expect([statusOf(leech), leech.torrent.row().error?.code]).toEqual(['error', 'DISK_IO'])
  expect(leech.notices.map(notice => notice.kind)).toEqual(['error'])
})

test('what a failed sync lost is not claimed, and is fetched again', async () => {
  const swarm = new SimSwarm(311)
  await swarm.seeder({ upRate: 300_000 })
  const leech = await swarm.leech()
  await swarm.clock.advance(2_500)
  const claimed = leech.claimed.size
  leech.io.volume.syncFault = io('DISK_IO')
  await swarm.until(() => statusOf(leech) === 'error', 10)
  const { have } = leech.torrent.toResume()
  expect(have?.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0)).toBe(claimed)
  // The system gives up on pages that it could not write: what is read from here on is what had been synced.
  const file = leech.io.volume.files.get('/data/payload')!
  const kept = file.synced.slice()
  file.bytes = new Uint8Array(file.bytes.length)
  file.bytes.set(kept)
  leech.io.volume.syncFault = undefined
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('a full disk costs nothing that was claimed, and room again is found within a minute', async () => {
  const swarm = new SimSwarm(312, { size: 2_000_000 })
  await swarm.seeder({ upRate: 400_000 })
  const leech = await swarm.leech()
  await swarm.clock.advance(2_500)
  const claimed = leech.claimed.size
  expect(claimed).toBeGreaterThan(3)
  leech.io.volume.writeFault = io('DISK_FULL')
  leech.io.volume.capacity = 0
  await swarm.until(() => statusOf(leech) === 'error', 10)
  expect(leech.torrent.stats(swarm.clock.now())[1]).toBeGreaterThan(0.1)
  expect(leech.torrent.toResume().have).not.toBeNull()
  await swarm.clock.advance(120_000)
  expect([statusOf(leech), leech.notices.length]).toEqual(['error', 1])
  leech.io.volume.writeFault = undefined
  leech.io.volume.capacity = 2 ** 30
  await swarm.until(() => leech.torrent.isComplete, 60 + 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('metadata that is what the link names, and no torrent, is an error and nobody banned', async () => {
  const swarm = new SimSwarm(313)
  const info = 'd4:name1:xe'
  const hash = nodeHashes.sha1(new TextEncoder().encode(info))
  const fake = new FakePeer(swarm)
  await fake.listen(wire => {
    wire.shake({ infoHash: hash })
    wire.onHeard = heard => {
      if (heard.kind !== 'extended' || heard.id !== 3) return
      wire.send(extended(1, `d8:msg_typei1e5:piecei0e10:total_sizei${info.length}ee${info}`))
    }
    wire.send(extended(0, `d1:md11:ut_metadatai3ee13:metadata_sizei${info.length}ee`), message(MESSAGE.HAVE_ALL))
  })
  const magnet = parseMagnet(`magnet:?xt=urn:btih:${toHex(hash)}`)
  const leech = await swarm.leech({}, { metainfo: null, magnet, peers: [fake.endpoint] })
  await swarm.until(() => statusOf(leech) === 'error', 10)
  expect(leech.torrent.row().error?.code).toBe('METAINFO_INVALID')
  expect(leech.io.logged.filter(line => line.includes('banned'))).toEqual([])
})

test.each([320, 321, 322, 323])('two that dial each other at one instant keep one connection (seed %i)', async seed => {
  const swarm = new SimSwarm(seed)
  const peers = await Promise.all([swarm.seeder(), swarm.leech()])
  const [first, second] = peers
  first.torrent.addPeers([second.endpoint], 'manual')
  second.torrent.addPeers([first.endpoint], 'manual')
  await swarm.until(() => second.torrent.isComplete, 20)
  expect(swarm.isIdentical(second)).toBe(true)
})

test('two seeds that know each other do not meet again and again', async () => {
  const swarm = new SimSwarm(324)
  const [first, second] = [await swarm.seeder(), await swarm.seeder()]
  first.torrent.addPeers([second.endpoint], 'tracker')
  second.torrent.addPeers([first.endpoint], 'tracker')
  await swarm.clock.advance(10 * 60_000)
  expect(first.dials + second.dials).toBeLessThanOrEqual(4)
})

test('the peers of a private torrent go with its trackers, and are not dialled again', async () => {
  const swarm = new SimSwarm(325, { isPrivate: true })
  const seed = await swarm.seeder({ upRate: 50_000 })
  const leech = await swarm.leech({ isNatted: true })
  await swarm.clock.advance(2_000)
  expect(leech.torrent.peerRows(swarm.clock.now())).toHaveLength(1)
  leech.torrent.setTrackers([['http://other.example/announce']], true)
  const { dials } = seed
  await swarm.clock.advance(60_000)
  expect(seed.dials).toBe(dials)
})

test('a large file that is skipped and wanted again while it comes arrives whole', async () => {
  const files = ['small', 'large'].map((name, nth) => ({
    path: [name],
    bytes: new SimSwarm(1).random.bytes(nth === 0 ? 8 * 1024 * 1024 : 24 * 1024 * 1024),
  }))
  const swarm = new SimSwarm(326, { files, pieceLength: 8 * 1024 * 1024 })
  for (let nth = 0; nth < 3; nth++) await swarm.seeder({ upRate: 4_000_000 })
  const leech = await swarm.leech({}, {}, { slotBudget: 8 * 1024 * 1024 })
  leech.io.volume.delayMs = 30
  for (let turn = 0; turn < 10; turn++) {
    await swarm.clock.advance(170)
    await settled(swarm, leech.torrent.setFilePriorities([1], turn % 2 === 0 ? 0 : 2))
  }
  await swarm.until(() => leech.torrent.isComplete && swarm.isIdentical(leech), 120)
  expect(leech.torrent.ledger.corrupt).toBe(0)
  expect(leech.io.logged).toEqual([])
  expect(leech.io.disk.stats.slotBytes).toBe(0)
})

test('a piece that is skipped while it is verified costs nobody our interest', async () => {
  for (let cut = 0; cut < 12; cut++) {
    const files = [0, 1].map(nth => ({ path: [`${nth}`], bytes: new Uint8Array(320_000).fill(nth + 1) }))
    const swarm = new SimSwarm(340 + cut, { files })
    await swarm.seeder({ upRate: 400_000 })
    const leech = await swarm.leech()
    leech.io.volume.delayMs = 100
    await swarm.clock.advance(300 + cut * 37)
    await settled(swarm, leech.torrent.setFilePriorities([0], 0))
    await swarm.until(() => leech.torrent.isComplete, 30)
  }
})
