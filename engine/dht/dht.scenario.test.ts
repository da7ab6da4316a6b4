/** Whole DHTs in virtual time. Addresses are public ones, so that the rules against attackers hold here, too. */
import { afterEach, expect, test } from 'vitest'
import { type Endpoint, endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { SimClock } from '#engine/io/sim/sim-clock.ts'
import { simIo } from '#engine/io/sim/sim-io.ts'
import { type SimHost, SimNetwork } from '#engine/io/sim/sim-network.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { Dht, type DhtOptions } from './dht.ts'
import { encodeQuery, encodeReply, parsePacket } from './krpc.ts'
import { isIdOfAddress, nodeIdFor, type NodeId } from './node-id.ts'
import { encodeDhtState, parseDhtState } from './state.ts'

const TICK_MS = 100
const settle = () => new Promise<void>(resolve => setImmediate(resolve))

class Node {
  readonly dht: Dht
  readonly host: SimHost
  readonly found = new Map<string, Set<string>>()
  readonly #world: World
  #timer: Disposable | undefined

  constructor(world: World, host: SimHost, options: Partial<DhtOptions>) {
    this.#world = world
    this.host = host
    this.dht = new Dht(
      simIo(world.network, world.clock, nodeHashes, host, { seed: world.random.next() * 2 ** 32 }),
      {
        onPeers: (infoHash, peers) => {
          const found = this.found.get(infoHash.join()) ?? new Set()
          for (const peer of peers) found.add(endpointKey(peer))
          this.found.set(infoHash.join(), found)
        },
        onChange: () => {},
      },
      {
        port: 6881,
        bootstrap: ['door.example:6881'],
        state: null,
        readOnly: false,
        families: [host.address.includes(':') ? 6 : 4],
        allowLocal: false,
        ...options,
      },
    )
  }
  get endpoint(): Endpoint {
    return endpoint(this.host.address, 6881)!
  }
  async start(): Promise<this> {
    await this.dht.start()
    const again = () => {
      this.dht.tick(this.#world.clock.now())
      this.#timer = this.#world.clock.after(TICK_MS, again)
    }
    // Nobody's ticks are in step with anybody else's.
    this.#timer = this.#world.clock.after(this.#world.random.next() * TICK_MS, again)
    return this
  }
  stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.dht.stop()
  }
  seek(infoHash: Uint8Array, announce: boolean): void {
    this.dht.watch(infoHash, { port: () => 7000, announce, isHungry: () => true })
  }
  hasFound(infoHash: Uint8Array, peer: Node): boolean {
    return this.found.get(infoHash.join())?.has(`${peer.host.address}:7000`) ?? false
  }
}

class World {
  readonly clock = new SimClock(settle)
  readonly random: SimRandom
  readonly network: SimNetwork
  readonly nodes: Node[] = []

  constructor(seed: number) {
    this.random = new SimRandom(seed)
    this.network = new SimNetwork(this.clock, this.random)
  }

  /** No two in one network. */
  async add(options: Partial<DhtOptions> = {}, loss = 0.01): Promise<Node> {
    const n = this.nodes.length
    const address = `${20 + n}.${(n * 37) % 251}.${(n * 91) % 253}.${1 + n}`
    const noWeb = () => {
      throw new Error('no web here')
    }
    if (n === 0) this.network.serve('http://door.example', address, noWeb)
    const latencyMs = 10 + this.random.next() * 60
    const node = new Node(this, this.network.host({ address, latencyMs, loss }), options)
    this.nodes.push(node)
    return node.start()
  }
  async grow(count: number, options: Partial<DhtOptions> = {}): Promise<void> {
    for (let n = 0; n < count; n++) await this.add(options)
  }
  seconds(count: number): Promise<void> {
    return this.clock.advance(count * 1000)
  }
}

const worlds: World[] = []
function world(seed: number): World {
  const made = new World(seed)
  worlds.push(made)
  return made
}
afterEach(() => {
  for (const { nodes } of worlds.splice(0)) for (const node of nodes) node.stop()
})

/** Peers announce, others look for them. @returns share of the lookups that found their peer within 5 s */
async function shareFound(sim: World, hashes: readonly Uint8Array[]): Promise<number> {
  const { nodes } = sim
  for (const [n, hash] of hashes.entries()) nodes[n]!.seek(hash, true)
  await sim.seconds(10)
  const seekers = nodes.slice(hashes.length).flatMap((node, n) => {
    const which = [n % hashes.length, (n + 5) % hashes.length]
    return which.map(at => ({ node, hash: hashes[at]!, peer: nodes[at]! }))
  })
  for (const { node, hash } of seekers) node.seek(hash, false)
  await sim.seconds(5)
  return seekers.filter(({ node, hash, peer }) => node.hasFound(hash, peer)).length / seekers.length
}
const someHashes = (sim: World) => Array.from({ length: 10 }, () => sim.random.bytes(20))

test.each([1, 2, 3])(
  '40 nodes start from one, and 19 of 20 lookups find the peer within 5 s at 1% loss (H1, seed %i)',
  async seed => {
    const sim = world(seed)
    await sim.grow(40)
    await sim.seconds(60)
    expect(Math.min(...sim.nodes.map(node => node.dht.stats.nodes4))).toBeGreaterThanOrEqual(8)
    expect(await shareFound(sim, someHashes(sim))).toBeGreaterThanOrEqual(0.95)
  },
)

/** 30 computers of one network with ids beside the target: they take every announce and tell of each other only. */
async function attack(sim: World, target: Uint8Array): Promise<{ hosts: Set<string>; asked: () => number }> {
  const attackers = Array.from({ length: 30 }, (_, n) => {
    const id = target.slice() as NodeId
    id[19]! ^= n + 1
    return { id, endpoint: endpoint(`66.6.6.${n + 1}`, 6881)! }
  })
  const aboutTarget = new Set<string>()
  for (const { id, endpoint: at } of attackers) {
    const udp = sim.network.udpOf(sim.network.host({ address: at.address, latencyMs: 1 }))
    const socket = await udp.bind({ family: 4, port: at.port }, (bytes, from) => {
      const packet = parsePacket(bytes)
      if (packet?.kind !== 'query') return
      if (packet.query.method === 'get_peers') aboutTarget.add(`${from.address} ${at.address}`)
      const answer = { id, token: id, nodes: attackers.slice(0, 16) }
      socket.send(encodeReply(packet.transaction, from, answer), from)
    })
    // They make themselves known to everybody, again and again.
    const greet = () => {
      for (const node of sim.nodes) {
        socket.send(encodeQuery(new Uint8Array(2), id, { method: 'find_node', target, want: [] }, false), node.endpoint)
      }
      sim.clock.after(5_000, greet)
    }
    greet()
  }
  return { hosts: new Set(attackers.map(one => one.endpoint.address)), asked: () => aboutTarget.size }
}

test('30 chosen ids on one network get two questions of a search, and the honest peer is found (H2)', async () => {
  const sim = world(4)
  await sim.grow(40)
  await sim.seconds(30)
  const hash = sim.random.bytes(20)
  const { hosts, asked } = await attack(sim, hash)
  await sim.seconds(60)
  sim.nodes[0]!.seek(hash, true)
  await sim.seconds(10)
  for (const node of sim.nodes.slice(1)) node.seek(hash, false)
  await sim.seconds(5)
  const found = sim.nodes.slice(1).filter(node => node.hasFound(hash, sim.nodes[0]!))
  expect(found.length / 39).toBeGreaterThanOrEqual(0.9)
  expect(asked()).toBeLessThanOrEqual(2 * 40)
  for (const { dht } of sim.nodes) {
    const known = parseDhtState(dht.encodeState())[4].nodes.filter(node => hosts.has(node.endpoint.address))
    expect(known.length).toBeLessThanOrEqual(2)
  }
})

test('a saved state is enough to start from, and the id stays', async () => {
  const sim = world(5)
  await sim.grow(30)
  await sim.seconds(30)
  const hash = sim.random.bytes(20)
  sim.nodes[0]!.seek(hash, true)
  await sim.seconds(10)
  const old = sim.nodes[29]!
  const state = old.dht.encodeState()
  old.stop()
  const again = await new Node(sim, old.host, { state, bootstrap: [] }).start()
  sim.nodes.push(again)
  again.seek(hash, false)
  await sim.seconds(5)
  expect(again.hasFound(hash, sim.nodes[0]!)).toBe(true)
  expect(parseDhtState(again.dht.encodeState())[4].id).toEqual(parseDhtState(state)[4].id)
})

test('a saved state nobody of which is left leads to the public nodes', async () => {
  const sim = world(6)
  await sim.grow(20)
  await sim.seconds(30)
  const gone = Array.from({ length: 100 }, (_, n) => {
    const address = `150.${n}.1.1`
    return { id: nodeIdFor(address, sim.random), endpoint: endpoint(address, 6881)! }
  })
  const state = encodeDhtState({ 4: { id: undefined, nodes: gone }, 6: { id: undefined, nodes: [] } })
  const node = await sim.add({ state })
  await sim.seconds(4)
  expect(node.dht.stats.nodes4).toBe(0)
  await sim.seconds(16)
  expect(node.dht.stats.nodes4).toBeGreaterThanOrEqual(8)
})

test('a line that was dead for ten minutes is used within a minute of its return', async () => {
  const sim = world(7)
  await sim.grow(20)
  await sim.seconds(30)
  const hash = sim.random.bytes(20)
  const node = sim.nodes[19]!
  node.seek(hash, false)
  sim.network.setOnline(node.host, false)
  await sim.seconds(600)
  sim.nodes[1]!.seek(hash, true)
  await sim.seconds(10)
  sim.network.setOnline(node.host, true)
  await sim.seconds(60)
  expect(node.hasFound(hash, sim.nodes[1]!)).toBe(true)
})

test('every id fits its address once the others have said what it is (BEP 42)', async () => {
  const sim = world(8)
  await sim.grow(20)
  await sim.seconds(60)
  for (const { dht, host } of sim.nodes) {
    expect(isIdOfAddress(parseDhtState(dht.encodeState())[4].id!, host.address)).toBe(true)
  }
})
