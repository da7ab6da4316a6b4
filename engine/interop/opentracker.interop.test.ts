import { afterAll, beforeAll, expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { freePort } from '#engine/testing/child.ts'
import { hasOpentracker, Opentracker } from '#engine/testing/opentracker.ts'
import { Announcer, type AnnouncerHost } from '#engine/tracker/announcer.ts'
import { TrackerService } from '#engine/tracker/tracker-service.ts'

const LISTED = Uint8Array.from({ length: 20 }, (_, at) => at * 7)
const UNLISTED = new Uint8Array(20).fill(0xee)

let tracker: Opentracker | undefined
const io = createNodeIo({ cacheMiB: 16 })
const service = new TrackerService(io, { userAgent: 'Freshet/0.1.0' })

beforeAll(async () => {
  if (hasOpentracker) tracker = await Opentracker.start(await freePort(), [toHex(LISTED)])
})

afterAll(async () => {
  service.close()
  await io.close()
  await tracker?.close()
})

function client(at: number, left: number, url: string, hash = LISTED) {
  const peers: Endpoint[] = []
  const host: AnnouncerHost = {
    swarms: [hash],
    isPrivate: false,
    peerId: utf8(`-FH0100-${String(at).padStart(12, '0')}`),
    key: at,
    counters: () => ({ uploaded: 0, downloaded: 0, left, corrupt: 0, redundant: 0 }),
    isPartialSeed: () => false,
    numWant: () => 50,
    port: () => at,
    allowLocal: () => false,
    onPeers: found => void peers.push(...found),
    onExternalAddress: () => undefined,
    onChange: () => undefined,
  }
  const announcer = new Announcer(service, host, io)
  announcer.setTiers([[url]], { byUser: false })
  announcer.start(io.clock.now())
  announcer.tick(io.clock.now())
  return { announcer, peers }
}

const state = (announcer: Announcer) => announcer.rows()[0]!.state

test.skipIf(!hasOpentracker).each(['http', 'udp'] as const)(
  'opentracker introduces two clients over %s',
  async scheme => {
    const url = tracker!.url(scheme)
    const base = scheme === 'http' ? 7100 : 7200
    const seed = client(base, 0, url)
    await expect.poll(() => state(seed.announcer)).toBe('working')
    const leech = client(base + 1, 1000, url)
    // It names the asker too.
    await expect.poll(() => leech.peers.map(peer => peer.port)).toContain(base)
    expect(leech.announcer.swarmCounts()).toEqual({ seeds: 1, leeches: 1 })
    leech.announcer.completed(io.clock.now())
    leech.announcer.tick(io.clock.now())
    await expect.poll(() => leech.announcer.rows()[0]!.state).toBe('working')
    await Promise.all([seed.announcer.stop(2000), leech.announcer.stop(2000)])
    const late = client(base + 2, 1000, url)
    await expect.poll(() => state(late.announcer)).toBe('working')
    expect(late.peers.filter(peer => peer.port < base + 2)).toEqual([])
    await late.announcer.stop(2000)
  },
)

test.skipIf(!hasOpentracker).each([
  ['http', 'Requested download is not authorized for use with this tracker.'],
  // Over UDP it says so by an answer without content.
  ['udp', 'no reason given'],
] as const)('opentracker refuses a torrent that it does not list, over %s', async (scheme, text) => {
  const one = client(7301, 1, tracker!.url(scheme), UNLISTED)
  await expect.poll(() => state(one.announcer)).toBe('refused')
  expect(one.announcer.problem()).toEqual({ kind: 'refused', host: '127.0.0.1', text })
})
