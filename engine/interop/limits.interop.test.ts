/** Rate limits, as the other side of the line sees them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, test } from 'vitest'
import { CliProcess, SECLUDED } from '#engine/testing/cli-process.ts'
import { hasLibtorrent, Libtorrent } from '#engine/testing/libtorrent.ts'
import { Workshop } from '#engine/testing/payload.ts'

const MIB = 1024 * 1024
const MEASURED_MS = 10_000
/** Until buffers are full and windows are open. */
const SETTLING_MS = 2_000

const workshop = new Workshop()
afterAll(() => workshop.close())

const payload = workshop.payload('limited', { pieceLength: 256 * 1024, files: { '': 64 * MIB } })

/** Bytes per second. */
async function rateOf(count: () => Promise<number>): Promise<number> {
  await sleep(SETTLING_MS)
  const [before, since] = [await count(), performance.now()]
  await sleep(MEASURED_MS)
  const bytes = (await count()) - before
  return bytes / ((performance.now() - since) / 1000)
}

describe.concurrent('limits', () => {
  const it = test.skipIf(!hasLibtorrent)

  it.for([4 * MIB, 500_000])('--limit-down %d is kept within 5 %', async (limit, { expect, onTestFinished }) => {
    const seeder = await Libtorrent.start()
    onTestFinished(() => seeder.close())
    await seeder.add(payload.torrent, payload.folder, { isComplete: true })
    const words = ['--out', workshop.folder('out'), '--state', workshop.folder('state'), '--no-trackers', '--json']
    const peer = [...SECLUDED, '--peer', `127.0.0.1:${seeder.port}`]
    const leech = new CliProcess('download', payload.torrent, ...words, ...peer, '--limit-down', String(limit))
    onTestFinished(() => leech.close())
    await leech.untilThat(({ downloaded }) => downloaded > 0)
    const rate = await rateOf(async () => (await seeder.count()).uploaded)
    expect(Math.abs(rate / limit - 1)).toBeLessThan(0.05)
  })

  it('--limit-up is kept within 5 %', async ({ expect, onTestFinished }) => {
    const leech = await Libtorrent.start()
    onTestFinished(() => leech.close())
    await leech.add(payload.torrent, workshop.folder('out'))
    const given = [
      'seed',
      payload.torrent,
      ...SECLUDED,
      '--data',
      payload.folder,
      '--skip-check',
      '--no-trackers',
      '--json',
    ]
    const seeder = new CliProcess(...given, '--peer', `127.0.0.1:${leech.port}`, '--limit-up', '3MiB')
    onTestFinished(() => seeder.close())
    await seeder.untilThat(({ uploaded }) => uploaded > 0)
    const rate = await rateOf(async () => (await leech.count()).downloaded)
    expect(Math.abs(rate / (3 * MIB) - 1)).toBeLessThan(0.05)
  })
})
