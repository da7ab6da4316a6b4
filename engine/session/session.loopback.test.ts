import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { endpoint } from '#engine/base/endpoint.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { makeTorrent } from '#engine/testing/sim-torrent.ts'
import type { SessionOverrides } from './session-options.ts'
import { createSession } from './session.ts'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'freshet-session-'))
  ends.push(() => rm(path, { recursive: true, force: true }))
  return path
}

async function sessionIn(home: string, overrides: SessionOverrides = {}) {
  const io = createNodeIo({ cacheMiB: 32 })
  const session = await createSession({
    io,
    dataDir: join(home, 'state'),
    downloadFolder: join(home, 'downloads'),
    userAgent: 'Freshet/test',
    overrides: { listenPort: 0, listenHost: '127.0.0.1', useTrackers: false, ...overrides },
  })
  const end = async () => {
    await session.shutdown({ deadlineMs: 5000 })
    await io.close()
  }
  return { session, end }
}

const until = async (predicate: () => boolean) => {
  for (let at = 0; !predicate() && at < 600; at++) await new Promise(resolve => setTimeout(resolve, 50))
  expect(predicate()).toBe(true)
}

test('a torrent goes over real sockets onto a real disk, and is still known after a restart', async () => {
  const payload = new Uint8Array(randomBytes(5_000_000))
  const { bytes } = makeTorrent('film.bin', [{ path: [], bytes: payload }], { pieceLength: 256 * 1024 })
  const [there, here] = [await folder(), await folder()]
  await mkdir(join(there, 'downloads'))
  await writeFile(join(there, 'downloads/film.bin'), payload)
  const seeder = await sessionIn(there)
  ends.push(seeder.end)
  const { id } = await seeder.session.add({ source: { kind: 'bytes', bytes } })
  await until(() => seeder.session.torrents.get(id)?.row().status === 'seeding')

  // Both families, as usual: the loopback address is among them.
  const leech = await sessionIn(here, { listenHost: '0.0.0.0' })
  await leech.session.add({ source: { kind: 'bytes', bytes } })
  leech.session.commands.addPeers(id, [endpoint('127.0.0.1', seeder.session.stats().listenPort)!])
  await until(() => leech.session.torrents.get(id)?.row().status === 'seeding')
  expect(Buffer.compare(await readFile(join(here, 'downloads/film.bin')), payload)).toBe(0)
  expect(seeder.session.stats()).toMatchObject({ incoming: 1, listenProblem: '' })
  expect(seeder.session.stats().uploaded).toBeGreaterThanOrEqual(payload.length)
  await leech.end()

  const again = await sessionIn(here)
  ends.push(again.end)
  await until(() => again.session.torrents.get(id)?.row().status === 'seeding')
  expect(again.session.torrents.get(id)?.toResume().downloaded).toBeGreaterThanOrEqual(payload.length)
})

const hasIpv6 = Object.values(networkInterfaces()).some(list => list?.some(one => one.address === '::1'))

test.skipIf(!hasIpv6)('both address families listen on one port', async () => {
  const io = createNodeIo({ cacheMiB: 16 })
  const home = await folder()
  const session = await createSession({
    io,
    dataDir: join(home, 'state'),
    downloadFolder: home,
    userAgent: 'Freshet/test',
    overrides: { listenPort: 0, settings: { dht: false, lsd: false, portMapping: false } },
  })
  ends.push(async () => {
    await session.shutdown({ deadlineMs: 1000 })
    await io.close()
  })
  const { listenPort, listenProblem } = session.stats()
  const reached = await Promise.all(
    (['127.0.0.1', '::1'] as const).map(address =>
      io.tcp.dial(endpoint(address, listenPort)!, { timeoutMs: 2000 }, new AbortController().signal).then(
        socket => {
          socket.close()
          return 'reached'
        },
        (thrown: unknown) => String(thrown),
      ),
    ),
  )
  expect([listenProblem, reached]).toEqual(['', ['reached', 'reached']])
})
