/** A download that was ended, in order or not, goes on where it was. */
import { afterAll, describe, type ExpectStatic, test } from 'vitest'
import { CliProcess, SECLUDED } from '#engine/testing/cli-process.ts'
import { hasLibtorrent, Libtorrent } from '#engine/testing/libtorrent.ts'
import { readTree, Workshop } from '#engine/testing/payload.ts'

const MB = 1_000_000
/** What a killed download may have forgotten: claims are written every two seconds or so, after the data they are about. */
const FORGETS_MS = 3_000
const RATE = 3 * MB

const workshop = new Workshop()
afterAll(() => workshop.close())

const payload = workshop.payload('resumed', {
  pieceLength: 64 * 1024,
  files: { 'large.bin': 36 * MB, 'small/one.bin': 12_345, 'small/nothing': 0 },
})

async function limitedSeeder(): Promise<Libtorrent> {
  const seeder = await Libtorrent.start()
  await seeder.add(payload.torrent, payload.folder, { isComplete: true })
  seeder.limit(RATE)
  return seeder
}

const missing = (progress: number) => (1 - progress) * payload.size

describe.concurrent('resume', () => {
  const it = test.skipIf(!hasLibtorrent)

  const endings = [
    { name: 'killed', signal: 'SIGKILL', code: 'SIGKILL', forgotten: (FORGETS_MS / 1000) * RATE },
    // Only pieces that were not whole.
    { name: 'interrupted', signal: 'SIGINT', code: 130, forgotten: 3 * MB },
  ] as const
  it.for(endings)('$name half way, a download goes on without a check', async (ending, { expect, onTestFinished }) => {
    const seeder = await limitedSeeder()
    onTestFinished(() => seeder.close())
    const out = workshop.folder('out')
    const words = ['--out', out, '--state', workshop.folder('state'), ...SECLUDED, '--no-trackers', '--json']
    const given = ['download', payload.torrent, ...words, '--peer', `127.0.0.1:${seeder.port}`]

    const first = new CliProcess(...given)
    onTestFinished(() => first.close())
    const { progress } = await first.untilThat(event => event.progress >= 0.4, 60_000, '40 %')
    expect(progress).toBeLessThan(0.6)
    const askedAt = Date.now()
    first.signal(ending.signal)
    expect(await first.ended).toBe(ending.code)
    expect(Date.now() - askedAt).toBeLessThan(5_000)
    const before = await seeder.count()

    const second = new CliProcess(...given)
    onTestFinished(() => second.close())
    const resumed = await second.until('progress')
    expect(resumed.progress).toBeGreaterThanOrEqual(progress - ending.forgotten / payload.size)
    seeder.limit(0)
    expect(await second.ended).toBe(0)
    expectNoCheck(expect, second)
    const after = await seeder.count()
    expect(after.uploaded - before.uploaded).toBeLessThan(1.3 * missing(progress))
    expect(readTree(out)).toEqual(payload.tree)
    expect(seeder.complaints).toEqual([])
  })
})

function expectNoCheck(expect: ExpectStatic, { progress }: CliProcess): void {
  const statuses = new Set(progress.map(({ status }) => status))
  expect([...statuses].filter(status => status.startsWith('check'))).toEqual([])
}
