/** Our DHT node among libtorrent's, on loopback: each finds what the other announced. */
import { join } from 'node:path'
import { onTestFinished, test } from 'vitest'
import { endpointKey } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'
import { Dht, type DhtOptions } from '#engine/dht/dht.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { Child, freePort } from '#engine/testing/child.ts'
import { hasLibtorrent } from '#engine/testing/libtorrent.ts'

const NODES = 5
const TICK_MS = 50

/** Nodes of libtorrent that know each other. */
class Crowd {
  readonly ports: readonly number[]
  readonly #child: Child

  private constructor(ports: readonly number[]) {
    this.ports = ports
    this.#child = new Child('/usr/bin/python3', [join(import.meta.dirname, 'libtorrent_dht.py'), ...ports.map(String)])
  }
  static async start(): Promise<Crowd> {
    const ports: number[] = []
    while (ports.length < NODES) ports.push(await freePort())
    const crowd = new Crowd(ports)
    onTestFinished(() => crowd.#child.close())
    await crowd.#child.until(() => crowd.#events('ready')[0], 20_000, 'ready')
    return crowd
  }

  /** It says that it listens at its port for this infohash. */
  announce(node: number, hash: Uint8Array): void {
    this.#tell({ cmd: 'announce', node, hash: toHex(hash) })
  }
  find(node: number, hash: Uint8Array): void {
    this.#tell({ cmd: 'find', node, hash: toHex(hash) })
  }
  /** Everything that was found for `hash`, by whom. */
  found(hash: Uint8Array): string[] {
    return this.#events('found')
      .map(line => JSON.parse(line) as { hash: string; peers: string[] })
      .flatMap(event => (event.hash === toHex(hash) ? event.peers : []))
  }
  #tell(command: object): void {
    if (this.#child.ending !== undefined) throw new Error(`libtorrent ended: ${this.#child.stderr}`)
    this.#child.write(JSON.stringify(command))
  }
  #events(event: string): string[] {
    return this.#child.lines.filter(line => line.startsWith(`{"event": "${event}"`))
  }
}

interface Ours {
  readonly dht: Dht
  readonly found: string[]
}

async function ours(options: Partial<DhtOptions>): Promise<Ours> {
  const io = createNodeIo({ cacheMiB: 1 })
  const found: string[] = []
  const dht = new Dht(
    io,
    { onPeers: (_, peers) => void found.push(...peers.map(endpointKey)), onChange: () => {} },
    {
      port: 0,
      host: '127.0.0.1',
      bootstrap: [],
      state: null,
      readOnly: false,
      families: [4],
      allowLocal: true,
      ...options,
    },
  )
  await dht.start()
  const timer = setInterval(() => dht.tick(io.clock.now()), TICK_MS)
  onTestFinished(async () => {
    clearInterval(timer)
    dht.stop()
    await io.close()
  })
  return { dht, found }
}

async function until(predicate: () => boolean, again: () => void = () => {}): Promise<void> {
  for (let waited = 0; !predicate(); waited += TICK_MS) {
    if (waited > 30_000) throw new Error('not within 30 s')
    if (waited % 2_000 === 0) again()
    await new Promise(resolve => void setTimeout(resolve, TICK_MS))
  }
}

const newHash = () => crypto.getRandomValues(new Uint8Array(20))
const watched = { port: () => 45_678, announce: true, isHungry: () => true }
const it = test.skipIf(!hasLibtorrent)
if (!hasLibtorrent) console.info('skipped: libtorrent is not installed')

it('we start from one of them and get to know the others', async () => {
  const crowd = await Crowd.start()
  const { dht } = await ours({ bootstrap: [`127.0.0.1:${crowd.ports[0]}`] })
  await until(() => dht.stats.nodes4 === NODES)
})

it('they find the peer that we announce', async () => {
  const crowd = await Crowd.start()
  const { dht } = await ours({ bootstrap: [`127.0.0.1:${crowd.ports[1]}`] })
  await until(() => dht.stats.nodes4 === NODES)
  const hash = newHash()
  dht.watch(hash, watched)
  await until(
    () => crowd.found(hash).includes('127.0.0.1:45678'),
    () => crowd.find(3, hash),
  )
})

it('we find the peer that they announce', async () => {
  const crowd = await Crowd.start()
  const { dht, found } = await ours({ bootstrap: [`127.0.0.1:${crowd.ports[2]}`] })
  await until(() => dht.stats.nodes4 === NODES)
  const hash = newHash()
  // Who has just started knows few to announce to, and we would come again in a minute only.
  let watch: Disposable | undefined
  await until(
    () => found.includes(`127.0.0.1:${crowd.ports[4]}`),
    () => {
      watch?.[Symbol.dispose]()
      crowd.announce(4, hash)
      watch = dht.watch(hash, { ...watched, announce: false })
    },
  )
})

it('they take us for a node: a second one of ours, which knows us only, finds what we announced to them', async () => {
  const crowd = await Crowd.start()
  const first = await ours({ bootstrap: [`127.0.0.1:${crowd.ports[0]}`] })
  await until(() => first.dht.stats.nodes4 === NODES)
  const hash = newHash()
  first.dht.watch(hash, watched)
  const second = await ours({ bootstrap: [`127.0.0.1:${first.dht.stats.port}`] })
  await until(() => second.dht.stats.nodes4 === NODES + 1)
  second.dht.watch(hash, { ...watched, announce: false })
  await until(() => second.found.includes('127.0.0.1:45678'))
  // Started again from what it remembered, without a door.
  const third = await ours({ state: second.dht.encodeState() })
  await until(() => third.dht.stats.nodes4 >= NODES)
})
