import { expect, test } from 'vitest'
import type { TorrentSource } from '#engine/api/commands.ts'
import { endpoint } from '#engine/base/endpoint.ts'
import { SimClock } from '#engine/io/sim/sim-clock.ts'
import { simIo, type SimIo } from '#engine/io/sim/sim-io.ts'
import { SimNetwork } from '#engine/io/sim/sim-network.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { makeTorrent } from '#engine/testing/sim-torrent.ts'
import { createSession, type Session } from './session.ts'

const SEED = 7
const MIB = 1024 * 1024

/** Whole sessions on simulated computers, in virtual time. */
class Town {
  readonly clock = new SimClock(() => new Promise(resolve => setImmediate(resolve)))
  readonly random = new SimRandom(SEED)
  readonly network = new SimNetwork(this.clock, this.random)
  readonly payload = this.random.bytes(3 * MIB)
  readonly torrent = makeTorrent('film.bin', [{ path: [], bytes: this.payload }], { pieceLength: 64 * 1024 })
  readonly id = Buffer.from(this.torrent.metainfo.infoHashV1!).toString('hex')
  readonly source: TorrentSource = { kind: 'bytes', bytes: this.torrent.bytes }
  #hosts = 0

  io(volume?: SimIo['volume']): SimIo {
    const host = this.network.host({ address: `10.0.0.${++this.#hosts}`, downRate: MIB })
    return simIo(this.network, this.clock, nodeHashes, host, { seed: SEED + this.#hosts, ...(volume && { volume }) })
  }

  /** Promises of the simulated world settle only while its time passes. */
  async wait<T>(work: Promise<T>): Promise<T> {
    let isDone = false
    const done = () => (isDone = true)
    work.then(done, done)
    await this.clock.until(() => isDone, 60_000)
    return work
  }

  session(io: SimIo): Promise<Session> {
    return this.wait(createSession({ io, dataDir: '/state', downloadFolder: '/downloads', userAgent: 'Freshet/test' }))
  }

  async seeder(): Promise<{ io: SimIo; session: Session }> {
    const io = this.io()
    io.volume.write('/downloads/film.bin', 0, this.payload.slice())
    const session = await this.session(io)
    await this.wait(session.add({ source: this.source, skipCheck: true }))
    await this.clock.until(() => this.status(session) === 'seeding', 5_000)
    return { io, session }
  }

  /** Compared as a whole: an assertion would look at three million numbers one by one. */
  hasFilm(io: SimIo): boolean {
    return Buffer.compare(io.volume.files.get('/downloads/film.bin')?.bytes ?? new Uint8Array(0), this.payload) === 0
  }

  status(session: Session): string {
    return session.torrents.get(this.id)?.row().status ?? 'gone'
  }
  progress(session: Session): number {
    return session.torrents.get(this.id)?.stats(this.clock.now())[1] ?? -1
  }
  meet(session: Session, other: { io: SimIo; session: Session }): number {
    return session.commands.addPeers(this.id, [endpoint(other.io.host.address, other.session.stats().listenPort)!])
  }
}

test('a torrent goes from one session to another, by its file or by its magnet link', async () => {
  const town = new Town()
  const seeder = await town.seeder()
  for (const source of [town.source, { kind: 'magnet', uri: `magnet:?xt=urn:btih:${town.id}` } as const]) {
    const io = town.io()
    const session = await town.session(io)
    expect(await town.wait(session.add({ source }))).toEqual({ id: town.id, duplicate: false })
    await town.clock.until(() => session.torrents.get(town.id)!.isActive && town.meet(session, seeder) > 0, 10_000)
    expect(await town.clock.until(() => town.status(session) === 'seeding', 60_000)).toBe(true)
    expect(town.hasFilm(io)).toBe(true)
    await town.wait(session.shutdown({ deadlineMs: 5000 }))

    const again = await town.session(io)
    await town.clock.until(() => town.status(again) === 'seeding', 10_000)
    expect([town.status(again), again.torrents.get(town.id)?.metainfo?.name]).toEqual(['seeding', 'film.bin'])
    await town.wait(again.shutdown({ deadlineMs: 5000 }))
  }
  await town.wait(seeder.session.shutdown({ deadlineMs: 5000 }))
})

test('a crash at any moment loses no torrent and claims no false piece', async () => {
  for (let cut = 1; cut <= 8; cut++) {
    const town = new Town()
    const seeder = await town.seeder()
    const io = town.io()
    const session = await town.session(io)
    await town.wait(session.add({ source: town.source }))
    await town.clock.until(() => session.torrents.get(town.id)!.isActive && town.meet(session, seeder) > 0, 10_000)
    await town.clock.until(() => false, cut * 400)
    io.volume.crash()
    io.volume.locks.clear()

    const next = town.io(io.volume)
    const again = await town.session(next)
    const restored = again.torrents.get(town.id)!
    await town.clock.until(() => restored.row().status === 'stalled' || restored.row().status === 'seeding', 20_000)
    const { pieceLength } = town.torrent.metainfo
    const onDisk = io.volume.files.get('/downloads/film.bin')?.bytes ?? new Uint8Array(0)
    const lies = Array.from(restored.pieceStates().entries()).filter(([piece, state]) => {
      const at = piece * pieceLength
      const good = town.payload.subarray(at, at + pieceLength)
      return (state & 7) === 3 && !Buffer.from(good).equals(onDisk.subarray(at, at + pieceLength))
    })
    expect({ cut, lies }).toEqual({ cut, lies: [] })
    await town.clock.until(() => town.meet(again, seeder) > 0, 10_000)
    expect(await town.clock.until(() => town.status(again) === 'seeding', 60_000)).toBe(true)
    expect(town.hasFilm(io)).toBe(true)
  }
})

test('what a user decided is there after a crash', async () => {
  const town = new Town()
  const io = town.io()
  const session = await town.session(io)
  await town.wait(session.add({ source: town.source, start: false, sequential: true, savePath: '/other' }))
  await town.wait(session.commands.setLimits([town.id], 1000, undefined))
  await town.wait(session.commands.setTrackers(town.id, [['http://tracker.example/announce']]))
  await town.wait(session.commands.setFilePriorities(town.id, [0], 3))
  await town.wait(session.updateSettings({ limitUp: 12_345 }))
  io.volume.crash()
  io.volume.locks.clear()
  const again = await town.session(town.io(io.volume))
  const torrent = again.torrents.get(town.id)!
  expect(torrent.row()).toMatchObject({ status: 'paused', savePath: '/other', limitDown: 1000, sequential: true })
  expect([torrent.trackers, torrent.fileStats(), again.settings.limitUp]).toEqual([
    [['http://tracker.example/announce']],
    [[0, 0, 3]],
    12_345,
  ])
})

test('a magnet that is only to be looked at stops with its file list, also after a restart', async () => {
  const town = new Town()
  const seeder = await town.seeder()
  const io = town.io()
  const session = await town.session(io)
  const source = { kind: 'magnet', uri: `magnet:?xt=urn:btih:${town.id}` } as const
  await town.wait(session.add({ source, stopAfterMetadata: true }))
  town.meet(session, seeder)
  await town.clock.until(() => town.status(session) === 'paused', 20_000)
  expect((await town.wait(session.commands.exportTorrent(town.id))).name).toBe('film.bin.torrent')
  await town.clock.until(() => false, 2_000)
  io.volume.crash()
  io.volume.locks.clear()
  const again = await town.session(town.io(io.volume))
  await town.clock.until(() => false, 2_000)
  expect([town.status(again), again.torrents.get(town.id)!.metainfo?.name]).toEqual(['paused', 'film.bin'])
})

test('adding a torrent twice answers that it is there and merges its trackers', async () => {
  const town = new Town()
  const session = await town.session(town.io())
  await town.wait(session.add({ source: town.source }))
  const uri = `magnet:?xt=urn:btih:${town.id}&tr=${encodeURIComponent('http://other.example/announce')}`
  expect(await town.wait(session.add({ source: { kind: 'magnet', uri } }))).toEqual({ id: town.id, duplicate: true })
  expect(session.torrents.get(town.id)!.trackers).toEqual([['http://other.example/announce']])
  expect(session.torrents.size).toBe(1)
})

test('two that add the same torrent at once get one torrent', async () => {
  const town = new Town()
  const session = await town.session(town.io())
  const answers = await town.wait(Promise.all([1, 2, 3].map(() => session.add({ source: town.source }))))
  expect(answers.filter(answer => !answer.duplicate)).toHaveLength(1)
})

test('removing with data takes the files, the .torrent and the memory of it; nothing else', async () => {
  const town = new Town()
  const { io, session } = await town.seeder()
  io.volume.write('/downloads/mine.txt', 0, new Uint8Array(5))
  expect(await town.wait(session.remove([town.id], 'delete'))).toEqual([])
  expect([...io.volume.files.keys()].filter(path => !path.startsWith('/state/state/')).sort()).toEqual([
    '/downloads/mine.txt',
  ])
  await expect(session.commands.setIntent([town.id], 'run')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await town.wait(session.shutdown({ deadlineMs: 1000 }))
  expect((await town.session(io)).torrents.size).toBe(0)
})

test('the state has one owner at a time', async () => {
  const town = new Town()
  const io = town.io()
  const session = await town.session(io)
  await expect(town.session(io)).rejects.toMatchObject({ code: 'STATE_LOCKED' })
  await town.wait(session.shutdown({ deadlineMs: 1000 }))
  const again = await town.session(io)
  await expect(session.add({ source: town.source })).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  await town.wait(again.shutdown({ deadlineMs: 1000 }))
})
