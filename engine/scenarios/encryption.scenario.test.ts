import { expect, test } from 'vitest'
import { createSession, type Session } from '#engine/session/session.ts'
import { SimSwarm } from '#engine/testing/swarm.ts'
import type { SimIo } from '#engine/io/sim/sim-io.ts'
import type { Encryption } from '#engine/api/settings.ts'

async function open(io: SimIo, encryption: Encryption): Promise<Session> {
  return createSession({
    io,
    dataDir: '/state',
    downloadFolder: '/data',
    userAgent: 'Freshet/test',
    overrides: { settings: { encryption }, listenPort: 6881, listenHost: io.host.address, useTrackers: false },
  })
}

/** Whether a leech with one wish gets everything from a seed with another, and how they talked. */
async function transfer(seeds: Encryption, leeches: Encryption): Promise<string> {
  const swarm = new SimSwarm(60, { size: 300_000 })
  const seedIo = swarm.io()
  seedIo.volume.write('/data/payload', 0, swarm.torrent.payload.slice())
  const seed = await open(seedIo, seeds)
  const source = { kind: 'bytes', bytes: swarm.torrent.bytes } as const
  const { id } = await seed.add({ source, savePath: '/data', start: true, skipCheck: true })
  const leechIo = swarm.io()
  const leech = await open(leechIo, leeches)
  await leech.add({ source, savePath: '/data', start: true })
  await leech.commands.setIntent([id], 'run')
  leech.commands.addPeers(id, [{ address: seedIo.host.address, port: 6881, family: 4 }])
  let how = ''
  const torrent = leech.torrents.require(id)
  const isDone = await swarm.clock.until(() => {
    const [row] = torrent.peerRows(swarm.clock.now())
    if (row) how = row.encrypted ? 'encrypted' : 'plain'
    return torrent.isComplete
  }, 60_000)
  await Promise.all([seed.shutdown({ deadlineMs: 0 }), leech.shutdown({ deadlineMs: 0 }), swarm.clock.advance(5_000)])
  return isDone ? how : 'nothing'
}

test.each<[Encryption, Encryption, string]>([
  ['off', 'off', 'plain'],
  ['off', 'prefer', 'plain'],
  ['off', 'require', 'nothing'],
  ['prefer', 'off', 'plain'],
  ['prefer', 'prefer', 'plain'],
  ['prefer', 'require', 'encrypted'],
  ['require', 'off', 'nothing'],
  ['require', 'prefer', 'encrypted'],
  ['require', 'require', 'encrypted'],
])('a seed with encryption "%s" and a leech with "%s" talk: %s', async (seeds, leeches, how) => {
  expect(await transfer(seeds, leeches)).toBe(how)
})
