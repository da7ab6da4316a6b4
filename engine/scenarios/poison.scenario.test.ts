import { expect, test } from 'vitest'
import { SimSwarm } from '#engine/testing/swarm.ts'
import type { SimPeer } from '#engine/testing/sim-torrent.ts'

/** From here on one block in `every` that this seed reads from its disk is wrong. */
function spoil(peer: SimPeer, swarm: SimSwarm, every: number): void {
  const { files } = swarm.torrent.metainfo
  for (let file = 0; file < files.count; file++) {
    const bytes = peer.fileBytes(files.path(file))
    if (!bytes) continue
    for (let at = 0; at < bytes.length; at += 16_384 * every) bytes[at]! ^= 0xff
  }
}

test('a peer whose every block is wrong is banned, and the download finishes from the honest one', async () => {
  const swarm = new SimSwarm(20, { size: 3_000_000 })
  const liar = await swarm.seeder()
  spoil(liar, swarm, 1)
  await swarm.seeder({ upRate: 500_000 })
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(leech.io.logged.filter(line => line.includes('banned')).map(line => line.split(' ')[3])).toEqual([
    `${liar.endpoint.address}:`,
  ])
})

test.each([30, 31, 32, 33, 34])(
  'one wrong block in twenty among four honest peers: only the liar is named (seed %i)',
  async seed => {
    const swarm = new SimSwarm(seed, { size: 6_000_000, pieceLength: 256 * 1024 })
    const liar = await swarm.seeder({ upRate: 1_000_000 })
    spoil(liar, swarm, 20)
    for (let nth = 0; nth < 4; nth++) await swarm.seeder({ upRate: 1_000_000 })
    const leech = await swarm.leech()
    await swarm.until(() => leech.torrent.isComplete, 120)
    const banned = leech.io.logged.filter(line => line.includes('banned')).map(line => line.split(' ')[3])
    expect(banned.filter(address => address !== `${liar.endpoint.address}:`)).toEqual([])
    expect(swarm.isIdentical(leech)).toBe(true)
  },
)

test('bad blocks in pieces of 8 MiB are found from disk and fetched again', async () => {
  const swarm = new SimSwarm(21, { size: 30_000_000, pieceLength: 8 * 1024 * 1024 })
  const liar = await swarm.seeder()
  spoil(liar, swarm, 100)
  await swarm.seeder()
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 300)
  expect(swarm.isIdentical(leech)).toBe(true)
})
