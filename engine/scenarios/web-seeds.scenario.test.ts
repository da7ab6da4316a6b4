/** Web seeds in virtual time, the liars among them those of docs/threat-model.md. */
import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import type { SimHandler } from '#engine/io/sim/sim-http.ts'
import type { SimPeer } from '#engine/testing/sim-torrent.ts'
import { SimSwarm } from '#engine/testing/swarm.ts'
import { answer, fileServer, rangeOf, serveWeb } from '#engine/testing/web-server.ts'

const ORIGIN = 'http://mirror.example'
const URL_OF_FILE = `${ORIGIN}/file.iso`

const single = (seed: number, size = 5_000_000, options: { webSeeds?: readonly string[] } = {}) =>
  new SimSwarm(seed, { size, pieceLength: 64 * 1024, webSeeds: [URL_OF_FILE], ...options })

const honest = (swarm: SimSwarm) => fileServer({ '/file.iso': swarm.torrent.payload })
const gone = (peer: SimPeer) => peer.io.logged.filter(line => line.includes('is not asked any more'))
const row = (peer: SimPeer) => peer.torrent.peerRows(peer.io.clock.now()).find(one => one.transport === 'web-seed')

test('a web seed alone is enough, and is listed among the peers', async () => {
  const swarm = single(1)
  const requests = serveWeb(swarm, ORIGIN, honest(swarm))
  const leech = await swarm.leech({ downRate: 2_000_000 })
  await swarm.clock.advance(500)
  expect(leech.torrent.row()).toMatchObject({ status: 'downloading', reason: null })
  await swarm.until(() => leech.torrent.stats(swarm.clock.now())[1] > 0.5, 20)
  expect(row(leech)).toMatchObject({
    key: 'mirror.example/file.iso',
    address: 'mirror.example',
    port: 80,
    source: 'web-seed',
    progress: 1,
    snubbed: false,
  })
  expect(row(leech)!.down).toBeGreaterThan(1_000_000)
  expect(row(leech)!.requestsOut).toBeGreaterThan(0)
  expect(leech.torrent.row().status).toBe('downloading')
  expect(leech.torrent.detail().availability).toBeGreaterThanOrEqual(1)
  await swarm.until(() => leech.torrent.isComplete, 20)
  expect(swarm.isIdentical(leech)).toBe(true)
  // Long runs, not one request for each piece.
  expect(requests.length).toBeLessThan(30)
  expect(requests[0]!.headers).toMatchObject({ 'Accept-Encoding': 'identity', 'User-Agent': 'Freshet/test' })
})

test('files of every size and spelling come from their own URLs', async () => {
  const bytes = (length: number, salt: number) => Uint8Array.from({ length }, (_, at) => (at * at + salt) % 251)
  const files = [
    { path: ['Ünï cödé.txt'], bytes: bytes(1, 1) },
    { path: ['sub', 'a?b#c%d.bin'], bytes: bytes(100_000, 2) },
    { path: ['empty'], bytes: new Uint8Array(0) },
    { path: ['sub', 'con'], bytes: bytes(16_384, 3) },
    { path: ['z:'], bytes: bytes(300_001, 4) },
  ]
  const swarm = new SimSwarm(2, { files, webSeeds: [`${ORIGIN}/pub`] })
  const requests = serveWeb(
    swarm,
    ORIGIN,
    fileServer({
      '/pub/payload/%C3%9Cn%C3%AF%20c%C3%B6d%C3%A9.txt': files[0]!.bytes,
      '/pub/payload/sub/a%3Fb%23c%25d.bin': files[1]!.bytes,
      '/pub/payload/sub/con': files[3]!.bytes,
      '/pub/payload/z%3A': files[4]!.bytes,
    }),
  )
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 20)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(gone(leech)).toEqual([])
  expect(requests.length).toBeLessThan(20)
})

test('web seed and peers share the work', async () => {
  const swarm = single(3, 12_000_000)
  serveWeb(swarm, ORIGIN, honest(swarm))
  const seed = await swarm.seeder({ upRate: 1_000_000 })
  const leech = await swarm.leech({ downRate: 3_000_000 })
  const seconds = await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
  const fromWeb = row(leech)!.downloaded
  expect(fromWeb).toBeGreaterThan(3_000_000)
  expect(seed.torrent.ledger.uploaded).toBeGreaterThan(2_000_000)
  expect(seconds).toBeLessThan(9)
  // Hardly anything twice.
  expect(leech.torrent.detail().redundant).toBeLessThan(600_000)
})

test('large pieces come in runs', async () => {
  const swarm = new SimSwarm(4, { size: 20_000_000, pieceLength: 8 * 1024 * 1024, webSeeds: [URL_OF_FILE] })
  serveWeb(swarm, ORIGIN, honest(swarm))
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 30)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('little memory is enough', async () => {
  const swarm = single(5)
  serveWeb(swarm, ORIGIN, honest(swarm))
  const leech = await swarm.leech({}, {}, { slotBudget: 256 * 1024 })
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test.each([50_000, 300_000, 1_000_000])('a limit of %i B/s is kept', async limit => {
  const swarm = single(6, limit * 36)
  serveWeb(swarm, ORIGIN, honest(swarm))
  const leech = await swarm.leech({}, { limitDown: limit })
  await swarm.clock.advance(3_000)
  const before = leech.torrent.ledger.downloaded
  await swarm.clock.advance(30_000)
  const rate = (leech.torrent.ledger.downloaded - before) / 30
  expect(rate / limit).toBeGreaterThan(0.95)
  expect(rate / limit).toBeLessThan(1.05)
})

test('a pause ends the requests under way, and the next run goes on', async () => {
  const swarm = single(7)
  const requests = serveWeb(swarm, ORIGIN, honest(swarm))
  const leech = await swarm.leech({ downRate: 500_000 })
  await swarm.until(() => leech.torrent.stats(swarm.clock.now())[1] > 0.3, 20)
  leech.torrent.setIntent('pause')
  await swarm.until(() => leech.torrent.row().status === 'paused', 5)
  const [asked, had] = [requests.length, leech.torrent.ledger.downloaded]
  await swarm.clock.advance(30_000)
  expect([requests.length, leech.torrent.ledger.downloaded]).toEqual([asked, had])
  expect(leech.io.disk.stats.slotBytes).toBe(0)
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

test('skipped files are not fetched', async () => {
  const files = ['a', 'b'].map(name => ({ path: [name], bytes: new Uint8Array(1_048_576).fill(name.charCodeAt(0)) }))
  const swarm = new SimSwarm(8, { files, webSeeds: [`${ORIGIN}/`] })
  const requests = serveWeb(swarm, ORIGIN, fileServer({ '/payload/a': files[0]!.bytes, '/payload/b': files[1]!.bytes }))
  const leech = await swarm.leech({}, { intent: 'pause' })
  await leech.torrent.setFilePriorities([1], 0)
  leech.torrent.setIntent('run')
  await swarm.until(() => leech.torrent.isComplete, 20)
  expect(new Set(requests.map(({ url }) => url))).toEqual(new Set([`${ORIGIN}/payload/a`]))
})

test('a server that lacks one of many files gives the others', async () => {
  const names = Array.from({ length: 6 }, (_, nth) => `f${nth}`)
  const files = names.map((name, nth) => ({ path: [name], bytes: new Uint8Array(262_144).fill(nth + 1) }))
  const swarm = new SimSwarm(9, { files, webSeeds: [`${ORIGIN}/`] })
  const all = Object.fromEntries(files.map(({ path, bytes }) => [`/payload/${path[0]}`, bytes]))
  const { '/payload/f3': _, ...most } = all
  serveWeb(swarm, ORIGIN, fileServer(most))
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.content!.picker.have.count === 40, 20)
  expect(gone(leech)).toEqual([])
  expect(row(leech)!.progress).toBeCloseTo(40 / 48)
})

// ---- liars: contained, and the honest peer finishes

const wrong = (bytes: Uint8Array) => bytes.map(byte => byte ^ 0xff)
const never = () => new Promise<never>(() => {})

/** What is wrong with a server, and how its end is told; '' where it may stay. */
const liars: Record<string, { lie: (swarm: SimSwarm) => SimHandler; told: string }> = {
  'sends wrong bytes': {
    lie: swarm => fileServer({ '/file.iso': wrong(swarm.torrent.payload) }),
    told: 'sent data that failed its hash',
  },
  'ignores Range': {
    lie: swarm => () => answer(200, swarm.torrent.payload),
    told: 'sends more than was asked for',
  },
  'cuts its parts short': {
    lie: swarm => request => {
      const good = honest(swarm)(request)
      return { ...good, body: good.body.subarray(1) }
    },
    told: '',
  },
  'sends other parts': {
    lie: swarm => request => ({ ...honest(swarm)(request), headers: { 'content-range': 'bytes 0-5/5000000' } }),
    told: 'sends other bytes',
  },
  'has another file': {
    lie: () => fileServer({ '/file.iso': new Uint8Array(6_000_000) }),
    told: 'has a file of 6000000 bytes',
  },
  'has nothing': { lie: () => () => answer(404, '<html>'), told: 'HTTP status 404' },
  'refuses us': { lie: () => () => answer(403), told: 'HTTP status 403' },
  'is overloaded': { lie: () => () => answer(503, '', { 'retry-after': '600' }), told: '' },
  'sends us inside': {
    lie: () => () => answer(302, '', { location: 'http://127.0.0.1:9091/file.iso' }),
    told: 'leads to a local address',
  },
  'sends us to a file': { lie: () => () => answer(302, '', { location: 'file:///etc/passwd' }), told: 'redirects' },
  'sends us in circles': { lie: () => () => answer(302, '', { location: URL_OF_FILE }), told: 'redirects' },
  'never answers': { lie: () => never, told: '' },
  'never ends': {
    lie: swarm => request => ({ ...honest(swarm)(request), body: new Uint8Array(10_000_000) }),
    told: 'sends more than was asked for',
  },
  'compresses unasked': {
    lie: swarm => request => {
      const good = honest(swarm)(request)
      return { ...good, headers: { ...good.headers, 'content-encoding': 'gzip' } }
    },
    told: 'compresses',
  },
  'breaks off': {
    lie: () => () => {
      throw new EngineError('HTTP_FAILED', 'network', 'The answer broke off')
    },
    told: '',
  },
}

test.each(Object.keys(liars))('a web seed that %s is contained, and the honest peer finishes', async name => {
  const { lie, told } = liars[name]!
  const swarm = single(20)
  const requests = serveWeb(swarm, ORIGIN, lie(swarm))
  await swarm.seeder({ upRate: 500_000 })
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 90)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(gone(leech)).toHaveLength(told === '' ? 0 : 1)
  expect(gone(leech).join('')).toContain(told)
  expect(leech.io.logged.filter(line => line.includes('banned'))).toEqual([])
  expect(requests.length).toBeLessThan(25)
  expect(row(leech) === undefined).toBe(told !== '')
})

test('a slow web seed holds nobody up', async () => {
  const swarm = single(21)
  const good = honest(swarm)
  serveWeb(swarm, ORIGIN, request => new Promise(resolve => swarm.clock.after(50_000, () => resolve(good(request)))))
  await swarm.seeder({ upRate: 500_000 })
  const leech = await swarm.leech()
  expect(await swarm.until(() => leech.torrent.isComplete, 90)).toBeLessThan(15)
})

test('one that lies now and then among honest peers is the only one named', async () => {
  const swarm = single(22, 6_000_000)
  const lies = swarm.torrent.payload.slice()
  for (let at = 0; at < lies.length; at += 20 * 16_384) lies[at]! ^= 1
  serveWeb(swarm, ORIGIN, fileServer({ '/file.iso': lies }))
  for (let nth = 0; nth < 3; nth++) await swarm.seeder({ upRate: 500_000 })
  const leech = await swarm.leech({ downRate: 3_000_000 })
  await swarm.until(() => leech.torrent.isComplete, 90)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(gone(leech)).toHaveLength(1)
  expect(leech.io.logged.filter(line => line.includes('banned'))).toEqual([])
})

test('a second mirror takes over from one that lies', async () => {
  const swarm = single(23, 3_000_000, { webSeeds: [URL_OF_FILE, 'http://other.example/file.iso'] })
  serveWeb(swarm, ORIGIN, fileServer({ '/file.iso': wrong(swarm.torrent.payload) }))
  serveWeb(swarm, 'http://other.example', honest(swarm), '203.0.113.10')
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(gone(leech).map(line => line.split(' ')[2])).toEqual(['mirror.example'])
})

test('a server that recovers is asked again when it said so, and with one request first', async () => {
  const swarm = single(24)
  const good = honest(swarm)
  const times: number[] = []
  serveWeb(swarm, ORIGIN, request => {
    times.push(swarm.clock.now())
    return swarm.clock.now() < 100_000 ? answer(503, '', { 'retry-after': '120' }) : good(request)
  })
  const leech = await swarm.leech()
  await swarm.clock.advance(60_000)
  expect(row(leech)).toMatchObject({ snubbed: true, requestsOut: 0 })
  expect(times.length).toBeLessThanOrEqual(2)
  await swarm.until(() => leech.torrent.isComplete, 120)
  const back = times.filter(time => time > 60_000)
  expect(back[0]! - times[0]!).toBeGreaterThanOrEqual(120_000)
  expect(back[0]! - times[0]!).toBeLessThan(135_000)
  expect(back[1]! - back[0]!).toBeGreaterThan(0)
})

test('redirects from mirror to mirror are followed', async () => {
  const swarm = single(25)
  serveWeb(swarm, ORIGIN, () => answer(302, '', { location: 'http://near.example/deep/file.iso' }))
  const requests = serveWeb(
    swarm,
    'http://near.example',
    fileServer({ '/deep/file.iso': swarm.torrent.payload }),
    '203.0.113.11',
  )
  const leech = await swarm.leech()
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
  expect(rangeOf(requests[0]!)).toBeDefined()
})

test('a torrent with a thousand web seeds asks four of them at a time', async () => {
  const webSeeds = Array.from({ length: 1000 }, (_, nth) => `http://m${nth}.example/file.iso`)
  const swarm = single(26, 3_000_000, { webSeeds })
  const asked = new Set<string>()
  let open = 0
  let most = 0
  for (let nth = 0; nth < 1000; nth++) {
    swarm.network.serve(`http://m${nth}.example`, '203.0.113.12', async request => {
      asked.add(request.url)
      most = Math.max(most, ++open)
      await new Promise<void>(resolve => swarm.clock.after(500, resolve))
      open--
      return answer(404)
    })
  }
  const leech = await swarm.leech()
  await swarm.clock.advance(60_000)
  expect(leech.torrent.isComplete).toBe(false)
  expect(most).toBeLessThanOrEqual(8)
  expect(asked.size).toBeLessThanOrEqual(50)
})
