import { expect, test } from 'vitest'
import { SimSwarm } from '#engine/testing/swarm.ts'

test('a leech that knows only another leech hears from it of the seed', async () => {
  const swarm = new SimSwarm(70, { size: 600_000 })
  const seed = await swarm.seeder({ upRate: 50_000 })
  const first = await swarm.leech({}, { peers: [seed.endpoint] })
  await swarm.clock.advance(2_000)
  const second = await swarm.leech({}, { peers: [first.endpoint] })
  await swarm.until(
    () => second.torrent.peerRows(swarm.clock.now()).some(peer => peer.address === seed.endpoint.address),
    70,
  )
  const row = second.torrent.peerRows(swarm.clock.now()).find(peer => peer.address === seed.endpoint.address)
  expect(row?.source).toBe('pex')
})

test('peers of a private torrent tell each other nothing', async () => {
  const swarm = new SimSwarm(71, { size: 600_000, isPrivate: true })
  const seed = await swarm.seeder({ upRate: 20_000 })
  const first = await swarm.leech({}, { peers: [seed.endpoint] })
  const second = await swarm.leech({}, { peers: [first.endpoint] })
  await swarm.clock.advance(180_000)
  expect(second.torrent.peerRows(swarm.clock.now()).map(peer => peer.address)).not.toContain(seed.endpoint.address)
})
