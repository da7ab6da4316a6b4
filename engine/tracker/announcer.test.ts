import { afterEach, expect, test } from 'vitest'
import { encode } from '#engine/bencode/encode.ts'
import { utf8 } from '#engine/base/bytes.ts'
import { compactEndpoint, type Endpoint, endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import {
  FakeClock,
  FakeDns,
  FakeHttp,
  FakeUdp,
  fakeRandom,
  type HttpAnswer,
  settled,
} from '#engine/testing/fake-tracker-io.ts'
import { Announcer, type AnnouncerHost } from './announcer.ts'
import { TrackerService } from './tracker-service.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const PEER = endpoint('198.51.100.7', 6881)!
const opened: TrackerService[] = []

afterEach(() => {
  for (const service of opened.splice(0)) service.close()
})

const answer = (fields: Record<string, number | Uint8Array> = {}) =>
  encode(
    new Map<string, number | Uint8Array>(
      Object.entries({ interval: 1800, complete: 3, incomplete: 4, peers: compactEndpoint(PEER), ...fields }),
    ),
  )
const refusal = (reason: string, fields: Record<string, number | Uint8Array> = {}) =>
  encode(new Map<string, number | Uint8Array>(Object.entries({ 'failure reason': utf8(reason), ...fields })))
const down = () => new EngineError('CONNECT_FAILED', 'network', 'connection refused')

interface WorldOptions {
  tiers?: readonly (readonly string[])[]
  names?: Record<string, readonly string[] | 'unknown'>
  isPrivate?: boolean
  swarms?: readonly Uint8Array[]
  random?: () => number
}

/** One torrent and its trackers; every announce leaves a line in `trace`: second, host, event and counters. */
function world(respond: (url: URL, family: 4 | 6) => HttpAnswer, options: WorldOptions = {}) {
  const clock = new FakeClock()
  const random = fakeRandom(options.random)
  const trace: string[] = []
  const peers: Endpoint[] = []
  const addresses: string[] = []
  const counters = { uploaded: 0, downloaded: 0, left: 1000, corrupt: 0, redundant: 0 }
  const state = { isPartialSeed: false, port: 6881 }
  const http = new FakeHttp((request, url) => {
    const query = url.searchParams
    const family = request.family === 6 ? ' v6' : ''
    const when = `${Math.round(clock.now() / 100) / 10}s ${url.hostname}${family}`
    if (url.pathname.endsWith('/scrape')) trace.push(`${when} scrape`)
    else {
      const numbers = ['uploaded', 'downloaded', 'left'].map(name => query.get(name)).join('/')
      trace.push(`${when} ${query.get('event') ?? '-'} ${numbers} numwant=${query.get('numwant')}`)
    }
    return respond(url, request.family ?? 4)
  })
  const io = {
    clock,
    random,
    http,
    dns: new FakeDns(options.names),
    udp: new FakeUdp(clock),
    log: { write: () => undefined },
  }
  const service = new TrackerService(io, { userAgent: 'Freshet/0.1.0' })
  opened.push(service)
  const host: AnnouncerHost = {
    swarms: options.swarms ?? [new Uint8Array(20).fill(0xab)],
    isPrivate: options.isPrivate ?? false,
    peerId: utf8('-FH0100-abcdefghijkl'),
    key: 0xdeadbeef,
    counters: () => ({ ...counters }),
    isPartialSeed: () => state.isPartialSeed,
    numWant: () => 50,
    port: () => state.port,
    allowLocal: () => false,
    onPeers: found => void peers.push(...found),
    onExternalAddress: address => void addresses.push(address),
    onChange: () => undefined,
  }
  const announcer = new Announcer(service, host, io)
  announcer.setTiers(options.tiers ?? [['http://one.example/announce']], { byUser: false })
  const run = async (ms: number) => {
    const end = clock.now() + ms
    for (announcer.tick(clock.now()); clock.now() < end; announcer.tick(clock.now())) {
      await clock.advance(Math.min(SECOND, end - clock.now()))
    }
    await settled()
  }
  return { announcer, clock, trace, peers, addresses, counters, state, http, service, run, io }
}

test('a plain tracker hears started, regular, completed, regular, stopped, each once and on time', async () => {
  const { announcer, clock, trace, counters, run } = world(() => answer())
  announcer.start(clock.now())
  await run(35 * MINUTE)
  Object.assign(counters, { uploaded: 10, downloaded: 1000, left: 0 })
  announcer.completed(clock.now())
  await run(31 * MINUTE)
  await announcer.stop(3000)
  expect(trace).toEqual([
    '0s one.example started 0/0/1000 numwant=50',
    '1800s one.example - 0/0/1000 numwant=50',
    '2100s one.example completed 10/1000/0 numwant=50',
    '3900s one.example - 10/1000/0 numwant=50',
    '3960s one.example stopped 10/1000/0 numwant=0',
  ])
})

test('the request has every parameter in canonical order, and the client says who it is', async () => {
  const { announcer, http, run } = world(() => answer({ 'tracker id': utf8('t 1') }), {
    tiers: [['http://one.example/announce?passkey=a%2Fb&x']],
  })
  announcer.start(0)
  await run(31 * MINUTE)
  const hash = '%AB'.repeat(20)
  expect(http.requests.map(one => one.url)).toEqual([
    `http://one.example/announce?passkey=a%2Fb&x&info_hash=${hash}&peer_id=-FH0100-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=1000&corrupt=0&key=DEADBEEF&event=started&numwant=50&compact=1&no_peer_id=1&redundant=0`,
    `http://one.example/announce?passkey=a%2Fb&x&info_hash=${hash}&peer_id=-FH0100-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=1000&corrupt=0&key=DEADBEEF&numwant=50&compact=1&no_peer_id=1&redundant=0&trackerid=t%201`,
  ])
  expect(new Set(http.requests.map(one => one.headers?.['user-agent']))).toEqual(new Set(['Freshet/0.1.0']))
})

test('peers and our address as the tracker sees it are handed on', async () => {
  const { announcer, peers, addresses, run } = world(() => answer({ 'external ip': Uint8Array.of(203, 0, 113, 77) }))
  announcer.start(0)
  await run(SECOND)
  expect(peers).toEqual([PEER])
  expect(addresses).toEqual(['203.0.113.77'])
  expect(announcer.swarmCounts()).toEqual({ seeds: 3, leeches: 4 })
})

test('data that was there is never announced as completed', async () => {
  const { announcer, trace, counters, run } = world(() => answer())
  counters.left = 0
  announcer.start(0)
  await run(31 * MINUTE)
  expect(trace.map(line => line.split(' ')[2])).toEqual(['started', '-'])
})

test('completed that happened before any tracker took our started follows it at once', async () => {
  let answers = 0
  const { announcer, clock, trace, counters, run } = world(() => (answers++ === 0 ? down() : answer()))
  announcer.start(0)
  await run(10 * SECOND)
  counters.left = 0
  counters.downloaded = 1000
  announcer.completed(clock.now())
  await run(2 * MINUTE)
  expect(trace).toEqual([
    '0s one.example started 0/0/1000 numwant=50',
    '60s one.example started 0/1000/0 numwant=50',
    '61s one.example completed 0/1000/0 numwant=50',
  ])
})

test('completed is said once, also by a tracker reached by both families', async () => {
  const { announcer, clock, trace, run } = world(() => answer(), {
    names: { 'one.example': ['203.0.113.9', '2001:db8::9'] },
  })
  announcer.start(0)
  await run(5 * SECOND)
  announcer.completed(clock.now())
  await run(5 * SECOND)
  const stopped = announcer.stop(3000)
  await clock.advance(SECOND)
  await stopped
  expect(trace.map(line => line.split(' ').slice(1, 4).join(' '))).toEqual([
    'one.example started 0/0/1000',
    'one.example v6 started',
    'one.example completed 0/0/1000',
    'one.example stopped 0/0/1000',
    'one.example v6 stopped',
  ])
})

test('a strict tracker is never asked before its min interval, by clock, click or change of network', async () => {
  const { announcer, clock, trace, run } = world(() => answer({ interval: 900, 'min interval': 1200 }), {
    random: () => 0.9,
  })
  announcer.start(0)
  await run(MINUTE)
  expect(announcer.announceNow(clock.now())).toBe(false)
  expect(announcer.rows()[0]!.allowedAt).toBe(clock.wall() - MINUTE + 1200 * SECOND)
  announcer.networkChanged(clock.now())
  await run(22 * MINUTE)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '1200s'])
})

test('a click announces when half a minute has passed and the tracker named no min interval', async () => {
  const { announcer, clock, trace, run } = world(() => answer())
  announcer.start(0)
  await run(29 * SECOND)
  expect(announcer.announceNow(clock.now())).toBe(false)
  await run(2 * SECOND)
  expect(announcer.announceNow(clock.now())).toBe(true)
  await run(SECOND)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '31s'])
})

test('jitter makes announces later, never earlier', async () => {
  const { announcer, trace, run } = world(() => answer({ interval: 100 }), { random: () => 0.999 })
  announcer.start(0)
  await run(4 * MINUTE)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '105s', '210s'])
})

test('a partial seed says paused in every regular announce, and left counts what it skips', async () => {
  const { announcer, trace, state, counters, run } = world(() => answer())
  announcer.start(0)
  await run(SECOND)
  state.isPartialSeed = true
  counters.left = 400
  await run(61 * MINUTE)
  await announcer.stop(3000)
  expect(trace.map(line => line.split(' ').slice(2, 4).join(' '))).toEqual([
    'started 0/0/1000',
    'paused 0/0/400',
    'paused 0/0/400',
    'stopped 0/0/400',
  ])
})

test('a refusal is shown in its own words, retried with patience, and gets no goodbye', async () => {
  const { announcer, trace, run } = world(() => refusal('unregistered torrent'))
  announcer.start(0)
  await run(16 * MINUTE)
  expect(announcer.rows()[0]).toMatchObject({ state: 'refused', message: 'unregistered torrent' })
  expect(announcer.problem()).toEqual({ kind: 'refused', host: 'one.example', text: 'unregistered torrent' })
  await announcer.stop(3000)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '300s', '900s'])
})

test('retry in is obeyed, and never means never until somebody clicks', async () => {
  let retry: number | Uint8Array = 5
  const { announcer, clock, trace, run } = world(() => refusal('busy', { 'retry in': retry }))
  announcer.start(0)
  await run(MINUTE)
  expect(announcer.announceNow(clock.now())).toBe(false)
  retry = utf8('never')
  await run(24 * 60 * MINUTE)
  expect(announcer.rows()[0]!.nextAt).toBeNull()
  expect(announcer.announceNow(clock.now())).toBe(true)
  await run(SECOND)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '300s', '86460s'])
})

test.each([429, 503])('HTTP %i with Retry-After is obeyed', async status => {
  let isBusy = true
  const { announcer, clock, trace, run } = world(() =>
    isBusy ? { status, headers: { 'retry-after': '600' } } : answer(),
  )
  announcer.start(0)
  await run(MINUTE)
  expect(announcer.announceNow(clock.now())).toBe(false)
  expect(announcer.rows()[0]).toMatchObject({ state: 'failed', message: expect.stringContaining(`${status}`) })
  isBusy = false
  await run(10 * MINUTE)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '600s'])
  expect(announcer.rows()[0]!.state).toBe('working')
})

test.each([
  [{ status: 400, body: refusal('torrent deleted') }, 'refused', 'torrent deleted'],
  [{ status: 403 }, 'refused', 'access denied (HTTP status 403)'],
  [{ status: 404 }, 'failed', 'one.example has no tracker at this URL (HTTP status 404).'],
  [{ status: 500, body: utf8('<html>') }, 'failed', 'one.example answered with HTTP status 500.'],
  [{ status: 204 }, 'failed', "one.example sent an answer that is not a tracker's."],
])('%o is told in words', async (response, state, message) => {
  const { announcer, run } = world(() => response)
  announcer.start(0)
  await run(SECOND)
  expect(announcer.rows()[0]).toMatchObject({ state, message })
})

test('a date in Retry-After counts from the wall clock', async () => {
  const { announcer, trace, clock, run } = world(() => ({
    status: 503,
    headers: { 'retry-after': new Date(1_000_000_000_000 + 900 * SECOND).toUTCString() },
  }))
  announcer.start(clock.now())
  await run(16 * MINUTE)
  expect(trace.map(line => line.split(' ')[0])).toEqual(['0s', '900s'])
})

test('a flaky tracker is tried again after a minute, doubling; one answer ends that', async () => {
  let failures = 3
  const { announcer, trace, run } = world(() => (failures-- > 0 ? down() : answer()))
  announcer.start(0)
  await run(6 * MINUTE)
  expect(announcer.problem()).toMatchObject({ kind: 'unreachable', text: 'one.example could not be reached.' })
  await run(32 * MINUTE)
  expect(trace.map(line => line.split(' ').slice(0, 3).join(' '))).toEqual([
    '0s one.example started',
    '60s one.example started',
    '180s one.example started',
    '420s one.example started',
    '2220s one.example -',
  ])
  expect(announcer.problem()).toBeUndefined()
})

test('an interval of zero, below zero or of years becomes a minute or a day', async () => {
  for (const [interval, seconds] of [
    [0, 60],
    [-5, 60],
    [2 ** 52, 86_400],
  ] as const) {
    const { announcer, clock, run } = world(() => answer({ interval }))
    announcer.start(0)
    await run(SECOND)
    expect(announcer.rows()[0]!.nextAt).toBe(clock.wall() - SECOND + seconds * SECOND)
  }
})

test('within a tier the next tracker steps in, and the one that works moves up and stays', async () => {
  let isDown = true
  const { announcer, trace, run } = world(url => (url.hostname === 'a.example' && isDown ? down() : answer()), {
    tiers: [['http://a.example/announce', 'http://b.example/announce']],
    random: () => 0.999, // leaves the order as it is
  })
  announcer.start(0)
  await run(2 * SECOND)
  isDown = false
  await run(33 * MINUTE)
  expect(trace.map(line => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'a.example started',
    'b.example started',
    'b.example -',
  ])
  expect(announcer.rows().map(row => `${row.tier} ${row.host} ${row.state}`)).toEqual([
    '0 b.example working',
    '0 a.example failed',
  ])
  expect(announcer.trackerHost).toBe('b.example')
})

test('trackers of a tier are shuffled once', () => {
  const urls = ['a', 'b', 'c'].map(name => `http://${name}.example/announce`)
  const { announcer } = world(() => answer(), { tiers: [urls], random: () => 0 })
  expect(announcer.rows().map(row => row.host)).toEqual(['b.example', 'c.example', 'a.example'])
})

test('a private torrent uses one tier at a time and comes back to the first when it answers', async () => {
  let isDown = true
  const { announcer, trace, run } = world(url => (url.hostname === 'a.example' && isDown ? down() : answer()), {
    tiers: [['http://a.example/announce'], ['http://b.example/announce'], ['http://c.example/announce']],
    isPrivate: true,
  })
  announcer.start(0)
  await run(30 * SECOND)
  isDown = false
  await run(32 * MINUTE)
  expect(trace.map(line => line.split(' ').slice(0, 3).join(' '))).toEqual([
    '0s a.example started',
    '1s b.example started',
    '60s a.example started',
    '1860s a.example -',
  ])
})

test('a public torrent asks one tracker of every tier', async () => {
  const { announcer, trace, run } = world(() => answer(), {
    tiers: [['http://a.example/announce'], ['http://b.example/announce']],
  })
  announcer.start(0)
  await run(SECOND)
  expect(trace).toHaveLength(2)
})

test('a thousand tiers are not asked all at once', async () => {
  const tiers = Array.from({ length: 1000 }, (_, at) => [`http://t${at}.example/announce`])
  const { announcer, trace, run } = world(() => answer(), { tiers })
  announcer.start(0)
  await run(10 * SECOND)
  expect(trace).toHaveLength(20)
})

test('both families are announced once an interval, with one identity', async () => {
  const { announcer, http, trace, run } = world(() => answer(), {
    names: { 'one.example': ['203.0.113.9', '2001:db8::9'] },
  })
  announcer.start(0)
  await run(31 * MINUTE)
  expect(
    trace.map(line =>
      line
        .replace(/s .*?example/, '')
        .split(' ')
        .slice(0, 3)
        .join(' '),
    ),
  ).toEqual(['0 started 0/0/1000', '0.1 v6 started', '1800 - 0/0/1000', '1801 v6 -'])
  expect(new Set(http.requests.map(one => new URL(one.url).searchParams.get('key'))).size).toBe(1)
})

test('IPv6 that does not work is no failure of a tracker that answers by IPv4', async () => {
  const { announcer, trace, run } = world((_, family) => (family === 6 ? down() : answer()), {
    names: { 'one.example': ['203.0.113.9', '2001:db8::9'] },
  })
  announcer.start(0)
  await run(12 * MINUTE)
  expect(announcer.rows()[0]).toMatchObject({ state: 'working', message: '' })
  expect(announcer.problem()).toBeUndefined()
  // After three failures IPv6 is left alone.
  expect(trace.filter(line => line.includes('v6'))).toHaveLength(3)
})

test('counters count from started, and a tracker that comes later starts at zero too', async () => {
  let isDown = false
  const { announcer, trace, counters, run } = world(
    url => (url.hostname === 'a.example' && isDown ? down() : answer()),
    {
      tiers: [['http://a.example/announce'], ['http://b.example/announce']],
      isPrivate: true,
    },
  )
  counters.uploaded = 5000 // of an earlier start
  announcer.start(0)
  await run(MINUTE)
  counters.uploaded = 5700
  isDown = true
  await run(31 * MINUTE)
  counters.uploaded = 6000
  await announcer.stop(3000)
  expect(trace).toEqual([
    '0s a.example started 0/0/1000 numwant=50',
    '1800s a.example - 700/0/1000 numwant=50',
    '1801s b.example started 0/0/1000 numwant=50',
    '1860s a.example - 700/0/1000 numwant=50',
    '1920s a.example stopped 1000/0/1000 numwant=0',
    '1920s b.example stopped 300/0/1000 numwant=0',
  ])
})

test('after stop a new start says started again, and only when the goodbye is through', async () => {
  const { announcer, clock, trace, run } = world(() => answer())
  announcer.start(0)
  await run(MINUTE)
  const stopping = announcer.stop(3000)
  announcer.start(clock.now())
  announcer.tick(clock.now())
  await run(2 * SECOND)
  await stopping
  expect(trace.map(line => line.split(' ')[2])).toEqual(['started', 'stopped', 'started'])
})

test('stop ends on time though the tracker is silent', async () => {
  let isSilent = false
  const { announcer, clock, run } = world(() => (isSilent ? 'silent' : answer()))
  announcer.start(0)
  await run(SECOND)
  isSilent = true
  let isDone = false
  void announcer.stop(3000).then(() => (isDone = true))
  await clock.advance(2999)
  expect(isDone).toBe(false)
  await clock.advance(1)
  await settled()
  expect(isDone).toBe(true)
})

test('a download that ends with its last byte is completed before it says goodbye', async () => {
  const { announcer, clock, trace, counters, run } = world(() => answer())
  announcer.start(0)
  await run(SECOND)
  Object.assign(counters, { downloaded: 1000, left: 0 })
  announcer.completed(clock.now())
  const stopped = announcer.stop(3000)
  await clock.advance(SECOND)
  await stopped
  expect(trace).toEqual([
    '0s one.example started 0/0/1000 numwant=50',
    '1s one.example completed 0/1000/0 numwant=0',
    '1s one.example stopped 0/1000/0 numwant=0',
  ])
})

test('a goodbye names the port that the tracker knows, though the program listens no more', async () => {
  const { announcer, http, state, run } = world(() => answer())
  announcer.start(0)
  await run(SECOND)
  state.port = 0
  await announcer.stop(3000)
  expect(http.requests.map(({ url }) => new URL(url).searchParams.get('port'))).toEqual(['6881', '6881'])
})

test('a started that was under way at stop is taken back', async () => {
  const { announcer, clock, trace, run } = world(() => 'silent')
  announcer.start(0)
  await run(SECOND)
  const stopped = announcer.stop(1000)
  expect(announcer.rows()[0]).toMatchObject({ state: 'waiting', nextAt: null })
  await clock.advance(1000)
  await stopped
  expect(trace.map(line => line.split(' ')[2])).toEqual(['started', 'stopped'])
})

test('a tracker that is edited away is told, and its late answer brings no peers', async () => {
  const { announcer, trace, peers, run } = world(() => answer())
  announcer.start(0)
  await run(SECOND)
  announcer.setTiers([['http://two.example/announce']], { byUser: true })
  await run(2 * SECOND)
  expect(trace.map(line => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'one.example started',
    'one.example stopped',
    'two.example started',
  ])
  expect(peers).toHaveLength(2)
})

test('a removed tracker that is silent holds up nobody', async () => {
  let isSilent = false
  const { announcer, trace, run } = world(url => (isSilent && url.hostname === 'one.example' ? 'silent' : answer()))
  announcer.start(0)
  await run(SECOND)
  isSilent = true
  announcer.setTiers([['http://two.example/announce']], { byUser: true })
  await run(SECOND)
  expect(trace.at(-1)).toMatch(/two.example started/)
})

test('a change of network announces once, after a minute at the earliest', async () => {
  const { announcer, clock, trace, run } = world(() => answer(), { random: () => 0.5 })
  announcer.start(0)
  await run(10 * SECOND)
  announcer.networkChanged(clock.now())
  await run(2 * MINUTE)
  announcer.networkChanged(clock.now())
  await run(2 * MINUTE)
  expect(trace.map(line => line.split(' ').slice(0, 3).join(' '))).toEqual([
    '0s one.example started',
    '60s one.example -',
    '145s one.example -',
  ])
})

test('both hashes of a hybrid torrent are announced as swarms of their own', async () => {
  const swarms = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)]
  const { announcer, http, run } = world(() => answer(), { swarms })
  announcer.start(0)
  await run(SECOND)
  expect(http.requests.map(one => /info_hash=(%0\d)/.exec(one.url)![1])).toEqual(['%01', '%02'])
})

test('counts that announces lack are scraped, once in half an hour', async () => {
  const hash = String.fromCharCode(0xab).repeat(20)
  const counts = new Map([
    ['complete', 8],
    ['incomplete', 9],
    ['downloaded', 10],
  ])
  const { announcer, trace, run } = world(url =>
    url.pathname === '/scrape'
      ? encode(new Map([['files', new Map([[hash, counts]])]]))
      : encode(
          new Map<string, number | string>([
            ['interval', 600],
            ['peers', ''],
          ]),
        ),
  )
  announcer.start(0)
  await run(2 * SECOND)
  expect(announcer.wantsScrape).toBe(true)
  await run(25 * MINUTE)
  expect(trace.filter(line => line.endsWith('scrape'))).toHaveLength(1)
  expect(announcer.rows()[0]).toMatchObject({ seeds: 8, leeches: 9, completed: 10 })
})

test('a name that is not known is a failure in words, and names are asked again later', async () => {
  const names: Record<string, readonly string[] | 'unknown'> = { 'one.example': 'unknown' }
  const { announcer, trace, run } = world(() => answer(), { names })
  announcer.start(0)
  await run(SECOND)
  expect(announcer.rows()[0]).toMatchObject({
    state: 'failed',
    message: 'The address of one.example could not be found.',
  })
  names['one.example'] = ['203.0.113.9']
  await run(62 * SECOND)
  expect(trace).toHaveLength(1)
  expect(announcer.rows()[0]!.state).toBe('working')
})

test('passkeys are masked in rows and messages', async () => {
  const key = '0123456789abcdef0123456789abcdef'
  const url = `https://one.example/${key}/announce?auth=${key}`
  const { announcer, run } = world(() => new EngineError('HTTP_FAILED', 'network', `bad certificate for ${url}&x=1`), {
    tiers: [[url]],
  })
  announcer.start(0)
  await run(SECOND)
  expect(announcer.rows()[0]!.url).toBe('https://one.example/…/announce?auth=…')
  expect(JSON.stringify(announcer.rows())).not.toContain(key)
  expect(announcer.rows()[0]!.message).toContain('bad certificate')
})

test('two thousand torrents on one host start ten a second', async () => {
  const first = world(() => answer())
  const announcers = Array.from({ length: 2000 }, () => {
    const host: AnnouncerHost = {
      swarms: [new Uint8Array(20)],
      isPrivate: true,
      peerId: new Uint8Array(20),
      key: 1,
      counters: () => ({ uploaded: 0, downloaded: 0, left: 0, corrupt: 0, redundant: 0 }),
      isPartialSeed: () => false,
      numWant: () => 0,
      port: () => 1,
      allowLocal: () => false,
      onPeers: () => undefined,
      onExternalAddress: () => undefined,
      onChange: () => undefined,
    }
    const announcer = new Announcer(first.service, host, first.io)
    announcer.setTiers([['http://one.example/announce']], { byUser: false })
    announcer.start(0)
    return announcer
  })
  for (const announcer of announcers) announcer.tick(0)
  await first.clock.advance(10 * SECOND)
  expect(first.trace.length).toBeGreaterThan(90)
  expect(first.trace.length).toBeLessThanOrEqual(101)
  await first.clock.advance(191 * SECOND)
  expect(first.trace).toHaveLength(2000)
})
