import { afterEach, expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { startTestTracker, type TestTracker } from '#engine/testing/test-tracker.ts'
import { Announcer, type AnnouncerHost } from './announcer.ts'
import { TrackerService } from './tracker-service.ts'

const HASH = Uint8Array.from({ length: 20 }, (_, at) => 255 - at)
const ends: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function tracker(options: Parameters<typeof startTestTracker>[0] = {}): Promise<TestTracker> {
  const one = await startTestTracker(options)
  ends.push(() => one.close())
  return one
}

function client(port: number, left: number) {
  const io = createNodeIo({ cacheMiB: 16 })
  const service = new TrackerService(io, { userAgent: 'Freshet/0.1.0' })
  ends.push(
    () => io.close(),
    () => service.close(),
  )
  const peers: Endpoint[] = []
  const host: AnnouncerHost = {
    swarms: [HASH],
    isPrivate: false,
    peerId: utf8(`-FH0100-${String(port).padStart(12, '0')}`),
    key: port,
    counters: () => ({ uploaded: 0, downloaded: 0, left, corrupt: 0, redundant: 0 }),
    isPartialSeed: () => false,
    numWant: () => 50,
    port: () => port,
    allowLocal: () => false,
    onPeers: found => void peers.push(...found),
    onExternalAddress: () => undefined,
    onChange: () => undefined,
  }
  const announcer = new Announcer(service, host, io)
  const start = (...urls: string[]) => {
    announcer.setTiers([urls], { byUser: false })
    announcer.start(io.clock.now())
    announcer.tick(io.clock.now())
  }
  return { announcer, io, peers, start }
}

const states = (announcer: Announcer) => announcer.rows().map(row => row.state)

test.each(['httpUrl', 'udpUrl'] as const)('two clients find each other by %s, and say goodbye', async kind => {
  const server = await tracker()
  const seed = client(7001, 0)
  seed.start(server[kind])
  await expect.poll(() => states(seed.announcer)).toEqual(['working'])
  const leech = client(7002, 5000)
  leech.start(server[kind])
  await expect.poll(() => leech.peers.map(peer => peer.port)).toEqual([7001])
  expect(leech.announcer.swarmCounts()).toEqual({ seeds: 1, leeches: 1 })
  expect(server.swarm(toHex(HASH)).map(peer => [peer.port, peer.left])).toEqual([
    [7001, 0],
    [7002, 5000],
  ])

  leech.announcer.completed(leech.io.clock.now())
  leech.announcer.tick(leech.io.clock.now())
  await expect.poll(() => server.announces.length).toBe(3)
  await Promise.all([seed.announcer.stop(2000), leech.announcer.stop(2000)])
  expect(server.announces.map(one => `${one.port} ${one.event} ${one.numWant}`).slice(0, 3)).toEqual([
    '7001 started 50',
    '7002 started 50',
    '7002 completed 50',
  ])
  expect(server.announces.slice(3).map(one => one.event)).toEqual(['stopped', 'stopped'])
  expect(server.swarm(toHex(HASH))).toEqual([])
  expect(
    server.announces.every(one => one.peerId === toHex(utf8(`-FH0100-${String(one.port).padStart(12, '0')}`))),
  ).toBe(true)
})

test.each(['httpUrl', 'udpUrl'] as const)('a refusal by %s is shown in its own words', async kind => {
  const server = await tracker()
  server.refuse('torrent not registered')
  const one = client(7003, 1)
  one.start(server[kind])
  await expect.poll(() => states(one.announcer)).toEqual(['refused'])
  expect(one.announcer.problem()).toEqual({ kind: 'refused', host: '127.0.0.1', text: 'torrent not registered' })
})

test('the query of a UDP tracker reaches it', async () => {
  const server = await tracker()
  const one = client(7004, 1)
  one.announcer.setTiers([[`${server.udpUrl}?auth=${'k'.repeat(300)}`]], { byUser: true })
  one.announcer.start(one.io.clock.now())
  one.announcer.tick(one.io.clock.now())
  await expect.poll(() => states(one.announcer)).toEqual(['working'])
  expect(server.announces[0]!.query.get('auth')).toBe('k'.repeat(300))
})

test('min interval, identity and raw bytes arrive as they should', async () => {
  const server = await tracker({ interval: 900, minInterval: 600, udp: false })
  expect(server.udpUrl).toBe('')
  const one = client(7005, 1)
  one.start(server.httpUrl)
  await expect.poll(() => states(one.announcer)).toEqual(['working'])
  expect(server.announces[0]).toMatchObject({ infoHash: toHex(HASH), userAgent: 'Freshet/0.1.0', left: 1 })
  expect(server.announces[0]!.query.get('key')).toBe('00001B5D')
  const row = one.announcer.rows()[0]!
  expect(row.allowedAt! - row.lastAt!).toBeGreaterThan(599_000)
})

test('a port where nobody listens is a failure in words', async () => {
  const server = await tracker()
  const url = server.httpUrl
  await server.close()
  ends.pop()
  const one = client(7006, 1)
  one.start(url)
  await expect.poll(() => states(one.announcer)).toEqual(['failed'])
  expect(one.announcer.rows()[0]!.message).toBe('127.0.0.1 could not be reached.')
})
