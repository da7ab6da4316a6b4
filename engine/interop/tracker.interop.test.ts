/** Peers find each other by opentracker alone; nobody names an address. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { CliProcess, SECLUDED } from '#engine/testing/cli-process.ts'
import { freePort } from '#engine/testing/child.ts'
import { hasOpentracker, Opentracker } from '#engine/testing/opentracker.ts'
import { type Payload, readTree, Workshop } from '#engine/testing/payload.ts'
import { realClients } from '#engine/testing/real-clients.ts'

const workshop = new Workshop()
const port = await freePort()
/** Each a swarm of its own: clients of other tests would be asked as well. */
const payloads: Payload[] = []
let tracker: Opentracker | undefined

function payload(name: string, scheme: 'http' | 'udp', isPrivate = false): Payload {
  const trackers = [`${scheme}://127.0.0.1:${port}/announce`]
  const made = workshop.payload(name, { files: { 'a.bin': 1_500_000, 'b/c.bin': 77_777 }, trackers, isPrivate })
  payloads.push(made)
  return made
}

const cases = realClients
  // Transmission takes no peer on 127.x from a tracker, and comes there by itself from nowhere else.
  .filter(({ name }) => name !== 'Transmission')
  .flatMap(kind =>
    (['http', 'udp'] as const).map(scheme => ({
      kind,
      scheme,
      name: kind.name,
      given: payload(`given by ${kind.name}, ${scheme}`, scheme),
      taken: payload(`taken by ${kind.name}, ${scheme}`, scheme),
      hidden: payload(`private, ${kind.name}, ${scheme}`, scheme, true),
    })),
  )

beforeAll(async () => {
  if (!hasOpentracker) return
  const infohashes = payloads.map(({ infohash }) => infohash)
  tracker = await Opentracker.start(port, infohashes)
})
afterAll(async () => {
  await tracker?.close()
  workshop.close()
})

describe.concurrent.each(cases)('$name by $scheme', ({ kind, given, taken, hidden }) => {
  const it = test.skipIf(!kind.isInstalled || !hasOpentracker)

  it.for([given, hidden])('gives us "$name"', async (payload, { expect, onTestFinished }) => {
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    await client.add(payload.torrent, payload.folder, { isComplete: true })
    const [out, state] = [workshop.folder('out'), workshop.folder('state')]
    const leech = new CliProcess('download', payload.torrent, '--out', out, '--state', state, '--json', ...SECLUDED)
    onTestFinished(() => leech.close())
    expect(await leech.ended).toBe(0)
    expect(readTree(out)).toEqual(payload.tree)
  })

  it('takes from us', async ({ expect, onTestFinished }) => {
    const seed = new CliProcess('seed', taken.torrent, '--data', taken.folder, '--json', ...SECLUDED)
    onTestFinished(() => seed.close())
    expect(await seed.until('ready')).toMatchObject({ complete: true })
    const client = await kind.start(workshop.folder('client'))
    onTestFinished(() => client.close())
    const out = workshop.folder('out')
    await client.add(taken.torrent, out)
    await client.finished(90_000)
    await client.close()
    expect(readTree(out)).toEqual(taken.tree)
  })
})
