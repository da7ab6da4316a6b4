import { afterEach, expect, test } from 'vitest'
import { toHex } from '#engine/base/ids.ts'
import { createSession, type Session } from '#engine/session/session.ts'
import { SimSwarm } from '#engine/testing/swarm.ts'

const open: { session: Session; swarm: SimSwarm }[] = []
afterEach(async () => {
  for (const { session, swarm } of open.splice(0)) {
    await Promise.all([session.shutdown({ deadlineMs: 0 }), swarm.clock.advance(5_000)])
  }
})

/** A session on a new computer that enters the DHT by the computers at `doors`. */
async function join(swarm: SimSwarm, doors: readonly string[], settings: { dht?: boolean } = {}): Promise<Session> {
  const io = swarm.io()
  const session = await createSession({
    io,
    dataDir: '/state',
    downloadFolder: '/data',
    userAgent: 'Freshet/test',
    overrides: {
      settings: { lsd: false, ...settings },
      listenPort: 6881,
      listenHost: io.host.address,
      useTrackers: false,
      dhtNodes: doors.map(address => `${address}:6881`),
    },
  })
  open.push({ session, swarm })
  return session
}

/** Eight computers that know each other through the first. */
async function neighbourhood(swarm: SimSwarm): Promise<string[]> {
  const first = '10.0.0.1'
  for (let nth = 0; nth < 8; nth++) await join(swarm, nth === 0 ? ['10.0.0.2'] : [first])
  await swarm.clock.advance(30_000)
  return [first]
}

test('a magnet link without trackers finds its seed in the DHT, and everything arrives', async () => {
  const swarm = new SimSwarm(80, { size: 300_000 })
  const doors = await neighbourhood(swarm)
  const seed = await join(swarm, doors)
  const seedIo = open.at(-1)!.session.io as ReturnType<SimSwarm['io']>
  seedIo.volume.write('/data/payload', 0, swarm.torrent.payload.slice())
  await seed.add({
    source: { kind: 'bytes', bytes: swarm.torrent.bytes },
    savePath: '/data',
    start: true,
    skipCheck: true,
  })
  await swarm.clock.advance(60_000)
  const leech = await join(swarm, doors)
  const uri = `magnet:?xt=urn:btih:${toHex(swarm.torrent.metainfo.infoHashV1!)}`
  const { id } = await leech.add({ source: { kind: 'magnet', uri }, savePath: '/data', start: true })
  const isDone = await swarm.clock.until(() => leech.torrents.require(id).isComplete, 60_000)
  expect([isDone, leech.torrents.require(id).peerRows(0)[0]?.source ?? 'dht']).toEqual([true, 'dht'])
  expect(leech.stats().dhtNodes).toBeGreaterThan(3)
})

test('a private torrent is asked for by nobody in the DHT, and the table says why', async () => {
  const swarm = new SimSwarm(81, { size: 300_000, isPrivate: true })
  const doors = await neighbourhood(swarm)
  const seed = await join(swarm, doors)
  const { id } = await seed.add({
    source: { kind: 'bytes', bytes: swarm.torrent.bytes },
    savePath: '/data',
    start: true,
  })
  const hash = toHex(swarm.torrent.metainfo.infoHashV1!)
  const named: string[] = []
  swarm.network.onPacket = bytes => {
    if (toHex(bytes).includes(hash)) named.push(toHex(bytes))
  }
  await swarm.clock.advance(20 * 60_000)
  expect(named).toEqual([])
  expect(seed.finders(seed.torrents.require(id)).map(row => row.state)).toEqual(['private', 'private', 'private'])
})

test('the DHT is switched off and on again without a restart', async () => {
  const swarm = new SimSwarm(82)
  const doors = await neighbourhood(swarm)
  const session = await join(swarm, doors)
  await swarm.clock.advance(20_000)
  expect(session.stats().dhtNodes).toBeGreaterThan(0)
  await session.updateSettings({ dht: false })
  expect(session.stats().dhtNodes).toBeNull()
  await session.updateSettings({ dht: true })
  // It remembers its nodes.
  await swarm.clock.advance(20_000)
  expect(session.stats().dhtNodes).toBeGreaterThan(0)
})
