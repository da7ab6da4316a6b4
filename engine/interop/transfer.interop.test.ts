/** Data goes both ways between us and other people's clients, every byte of it. */
import { afterAll, describe, test } from 'vitest'
import { CliProcess, SECLUDED } from '#engine/testing/cli-process.ts'
import { type Payload, readTree, withoutEmpty, Workshop } from '#engine/testing/payload.ts'
import { type RealClient, realClients } from '#engine/testing/real-clients.ts'

const KiB = 1024
const MiB = 1024 * KiB
const workshop = new Workshop()
afterAll(() => workshop.close())

const payloads: readonly Payload[] = [
  workshop.payload('odd sizes', {
    pieceLength: 16 * KiB,
    files: {
      'first.bin': 1,
      'nothing.txt': 0,
      'a folder/with spaces/two words.dat': 1_234_567,
      'ünïcødé/日本語 のファイル.bin': 300_001,
      'ünïcødé/also nothing': 0,
      'exactly a piece.bin': 16 * KiB,
      'deep/er/and/deep/er/still/last.bin': 65_537,
    },
  }),
  workshop.payload('one file.iso', { pieceLength: 256 * KiB, files: { '': 20 * MiB + 12_345 } }),
  workshop.payload('large pieces', { pieceLength: 8 * MiB, files: { 'a.bin': 17 * MiB + 1, 'b.bin': 9 * MiB - 7 } }),
]

const start = (words: readonly string[]) =>
  new CliProcess(...words, ...SECLUDED, '--no-trackers', '--json', '--state', workshop.folder('state'))

const at = (client: RealClient) => `127.0.0.1:${client.port}`

// Side by side: Transmission looks up but every ten seconds, from whom to ask and whom to let ask.
describe.concurrent.each(realClients)('$name', kind => {
  const it = test.skipIf(!kind.isInstalled)
  const treeOf = ({ tree }: Payload) => (kind.makesEmptyFiles ? tree : withoutEmpty(tree))

  it.for(payloads)('gives us $name', async (payload, { expect, onTestFinished }) => {
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    await client.add(payload.torrent, payload.folder, { isComplete: true })
    const out = workshop.folder('out')
    const leech = start(['download', payload.torrent, '--out', out, '--peer', at(client)])
    onTestFinished(() => leech.close())
    expect(await leech.ended).toBe(0)
    expect(readTree(out)).toEqual(payload.tree)
  })

  it.for(payloads)('takes $name from us', async (payload, { expect, onTestFinished }) => {
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    const out = workshop.folder('out')
    await client.add(payload.torrent, out)
    const { torrent, folder } = payload
    const seed = start(['seed', torrent, '--data', folder, '--peer', at(client)])
    onTestFinished(() => seed.close())
    expect(await seed.until('ready')).toMatchObject({ complete: true })
    await client.finished(60_000)
    await client.close()
    expect(readTree(out)).toEqual(treeOf(payload))
  })

  it('takes from us what we did not check', async ({ expect, onTestFinished }) => {
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    const out = workshop.folder('out')
    await client.add(payloads[0]!.torrent, out)
    const { torrent, folder } = payloads[0]!
    const seed = start(['seed', torrent, '--data', folder, '--skip-check', '--peer', at(client)])
    onTestFinished(() => seed.close())
    expect(await seed.until('ready')).toMatchObject({ complete: true })
    await client.finished(60_000)
    await client.close()
    expect(readTree(out)).toEqual(treeOf(payloads[0]!))
  })

  it('tells us what a magnet link leaves out, and gives it', async ({ expect, onTestFinished }) => {
    const { magnet, torrent, folder, tree } = payloads[0]!
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    await client.add(torrent, folder, { isComplete: true })
    const out = workshop.folder('out')
    const leech = start(['download', magnet, '--out', out, '--peer', at(client)])
    onTestFinished(() => leech.close())
    expect(await leech.ended).toBe(0)
    expect(readTree(out)).toEqual(tree)
  })

  it('learns from us what a magnet link leaves out, and takes it', async ({ expect, onTestFinished }) => {
    const { magnet, torrent, folder } = payloads[0]!
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    const out = workshop.folder('out')
    await client.add(magnet, out)
    const seed = start(['seed', torrent, '--data', folder, '--peer', at(client)])
    onTestFinished(() => seed.close())
    await seed.until('ready')
    await client.finished(60_000)
    await client.close()
    expect(readTree(out)).toEqual(treeOf(payloads[0]!))
  })
})
