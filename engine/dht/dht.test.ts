/** One node, and packets made by hand. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import type { Udp } from '#engine/io/udp.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { BOOTSTRAP_NODES } from './bootstrap.ts'
import { Dht, type DhtOptions } from './dht.ts'
import { encodeQuery, encodeReply, parsePacket, type Packet, type Query, type Reply } from './krpc.ts'
import { isIdOfAddress, nodeId, nodeIdFor, type NodeId, randomNodeId } from './node-id.ts'
import { encodeDhtState, parseDhtState } from './state.ts'
import type { WatchOptions } from './watches.ts'

const MINUTE = 60_000
const random = new SimRandom(11)
const OWN = nodeId(utf8('OUR-OWN-NODE-ID-20-B'))!
const HASH = random.bytes(20)
const PEER_WATCH: WatchOptions = { port: () => 6881, announce: true, isHungry: () => true }
const at = (address: string, port = 6881) => endpoint(address, port)!

interface Sent {
  readonly bytes: Uint8Array
  readonly to: Endpoint
}

/** A node with a network that only the test sees. */
class Bench {
  now = 1000
  readonly sent: Sent[] = []
  readonly found: Endpoint[] = []
  readonly dht: Dht
  changes = 0
  /** Nodes that answer what is not the test's business, by address. */
  readonly #friends = new Map<string, NodeId>()
  readonly #receive = new Map<4 | 6, (bytes: Uint8Array, from: Endpoint) => void>()

  private constructor(options: Partial<DhtOptions>) {
    const udp: Udp = {
      bind: async ({ family, port }, onPacket) => {
        this.#receive.set(family, onPacket)
        return { port, send: (bytes, to) => void this.sent.push({ bytes: bytes.slice(), to }), close: () => {} }
      },
    }
    const clock = { now: () => this.now, wall: () => this.now, after: () => ({ [Symbol.dispose]: () => {} }) }
    const dns = { resolve: () => Promise.reject(new Error('no names here')) }
    this.dht = new Dht(
      { clock, random, udp, dns, hashes: nodeHashes, log: { write: () => {} } },
      { onPeers: (_, peers) => void this.found.push(...peers), onChange: () => void this.changes++ },
      {
        port: 6881,
        bootstrap: [],
        state: encodeDhtState({ 4: { id: OWN, nodes: [] }, 6: { id: OWN, nodes: [] } }),
        readOnly: false,
        families: [4, 6],
        allowLocal: false,
        ...options,
      },
    )
  }
  static async start(options: Partial<DhtOptions> = {}): Promise<Bench> {
    const bench = new Bench(options)
    await bench.dht.start()
    return bench
  }

  receive(bytes: Uint8Array, from: Endpoint): void {
    this.#receive.get(from.family)!(bytes, from)
  }
  /** @returns what was sent meanwhile */
  during(act: () => void): Sent[] {
    const before = this.sent.length
    act()
    return this.sent.slice(before)
  }
  /** @returns the answer, parsed */
  ask(query: Query, from: Endpoint, id: NodeId = nodeIdFor(from.address, random)): Packet | undefined {
    const [answer] = this.during(() => this.receive(encodeQuery(utf8('tx'), id, query, false), from))
    return answer && parsePacket(answer.bytes)
  }
  tick(ms: number): Sent[] {
    return this.during(() => {
      this.now += ms
      const before = this.sent.length
      this.dht.tick(this.now)
      for (const sent of this.sent.slice(before)) this.#answerAsFriend(sent)
    })
  }
  #answerAsFriend(sent: Sent): void {
    const id = this.#friends.get(sent.to.address)
    const method = queryOf(sent)?.method
    if (!id || (method !== 'ping' && method !== 'find_node')) return
    this.receive(encodeReply(transactionOf(sent.bytes), at('20.0.0.1'), { id, nodes: [] }), sent.to)
  }
  /** Makes `from` a node of the table, as it happens: it is told of, pinged, and answers. */
  befriend(from: Endpoint, id: NodeId = nodeIdFor(from.address, random)): NodeId {
    this.#friends.set(from.address, id)
    this.dht.addNode(from)
    this.tick(1000)
    this.tick(1000)
    return id
  }
}

const transactionOf = (bytes: Uint8Array) => parsePacket(bytes)!.transaction
const queryOf = ({ bytes }: Sent) => {
  const packet = parsePacket(bytes)
  return packet?.kind === 'query' ? packet.query : undefined
}
const replyOf = (packet: Packet | undefined): Reply | undefined => (packet?.kind === 'reply' ? packet.reply : undefined)
const getPeers: Query = { method: 'get_peers', infoHash: HASH, want: [], noSeeds: false, isScrape: false }
const announce = (token: Uint8Array, port = 7000): Query => ({
  method: 'announce_peer',
  infoHash: HASH,
  port,
  isPortImplied: false,
  token,
  isSeed: false,
})

const path = sharedData('vectors/dht-krpc.json')
const bad = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as { bad: { id: string; hex: string | null; want: string }[] }).bad
  : []

/** @returns what is sent when `hex` comes in */
async function reaction(hex: string | null): Promise<{ bench: Bench; size: number; sent: Sent[] }> {
  const bench = await Bench.start()
  const bytes = hex === null ? new Uint8Array(60_065).fill(0x64) : fromHex(hex)!
  return { bench, size: bytes.length, sent: bench.during(() => bench.receive(bytes, at('20.0.0.9'))) }
}
const of = (wish: RegExp) => bad.filter(({ want }) => wish.test(want))

test.skipIf(!path).each(bad)('$id: no node, no throw, a small answer or none', async ({ hex }) => {
  const { bench, size, sent } = await reaction(hex)
  for (const answer of sent) expect(answer.bytes.length).toBeLessThan(Math.min(100, 10 * size))
  expect(bench.dht.stats.nodes4).toBe(0)
})
test.skipIf(!path).each(of(/^drop(:|$)/))('$id is dropped', async ({ hex }) => {
  expect((await reaction(hex)).sent).toEqual([])
})
test.skipIf(!path).each(of(/^error/))('$id: $want', async ({ hex, want }) => {
  const { bench, sent } = await reaction(hex)
  expect(parsePacket(sent[0]!.bytes)).toMatchObject({ kind: 'error', code: Number(want.slice(6, 9)) })
  expect(replyOf(bench.ask(getPeers, at('20.0.0.8')))!.values).toEqual([])
})

test('a ping is answered with our id and the address it came from', async () => {
  const bench = await Bench.start()
  const reply = replyOf(bench.ask({ method: 'ping' }, at('20.0.0.9', 777)))!
  expect(toHex(reply.id)).toBe(toHex(OWN))
  expect(reply.yourAddress).toBe('20.0.0.9')
})

test('an announce with a token is stored and told; not under another address, not after ten minutes (H4)', async () => {
  const bench = await Bench.start()
  const token = replyOf(bench.ask(getPeers, at('20.0.0.9')))!.token!
  expect(bench.ask(announce(token), at('20.0.0.10'))).toMatchObject({ kind: 'error', code: 203 })
  expect(bench.ask(announce(token), at('20.0.0.9'))?.kind).toBe('reply')
  expect(replyOf(bench.ask(getPeers, at('20.0.0.11')))!.values).toEqual([at('20.0.0.9', 7000)])
  bench.now += 10 * MINUTE
  expect(bench.ask(announce(token, 7001), at('20.0.0.9'))).toMatchObject({ kind: 'error', code: 203 })
})

test('an implied port is the one the packet came from', async () => {
  const bench = await Bench.start()
  const token = replyOf(bench.ask(getPeers, at('20.0.0.9', 5555)))!.token!
  bench.ask({ ...announce(token), isPortImplied: true } as Query, at('20.0.0.9', 5555))
  expect(replyOf(bench.ask(getPeers, at('20.0.0.11')))!.values).toEqual([at('20.0.0.9', 5555)])
})

test('IPv6 has its own table and its own peers; both are told where both are wanted', async () => {
  const bench = await Bench.start()
  bench.befriend(at('20.1.0.1'))
  bench.befriend(at('2a01:1::1'))
  expect(bench.dht.stats).toMatchObject({ nodes4: 1, nodes6: 1, port: 6881 })
  const six = at('2a01:9::9')
  const token = replyOf(bench.ask(getPeers, six))!.token!
  bench.ask(announce(token), six)
  expect(replyOf(bench.ask(getPeers, at('2a01:8::8')))!.values).toEqual([at('2a01:9::9', 7000)])
  expect(replyOf(bench.ask(getPeers, at('20.0.0.11')))!.values).toEqual([])
  const families = (want: readonly (4 | 6)[]) =>
    replyOf(bench.ask({ method: 'find_node', target: HASH, want }, at('20.0.0.12')))!.nodes.map(
      node => node.endpoint.family,
    )
  expect(families([])).toEqual([4])
  expect(families([6])).toEqual([6])
  expect(families([4, 6])).toEqual([4, 6])
})

test('who asks is a node only after it has answered', async () => {
  const bench = await Bench.start()
  bench.befriend(at('20.1.0.1'))
  const asker = at('20.2.0.2')
  const id = nodeIdFor(asker.address, random)
  bench.ask({ method: 'ping' }, asker, id)
  expect(bench.dht.stats.nodes4).toBe(1)
  const ping = bench.tick(1000).find(sent => sent.to.address === asker.address)!
  expect(queryOf(ping)).toEqual({ method: 'ping' })
  // From another address, or with another transaction: no answer to what we asked.
  bench.receive(encodeReply(transactionOf(ping.bytes), at('20.0.0.1'), { id }), at('20.2.0.3'))
  bench.receive(encodeReply(utf8('zz'), at('20.0.0.1'), { id }), asker)
  expect(bench.dht.stats.nodes4).toBe(1)
  bench.receive(encodeReply(transactionOf(ping.bytes), at('20.0.0.1'), { id }), asker)
  expect(bench.dht.stats.nodes4).toBe(2)
})

test('a read-only node is answered but not remembered (BEP 43)', async () => {
  const bench = await Bench.start()
  bench.befriend(at('20.1.0.1'))
  const bytes = encodeQuery(utf8('tx'), randomNodeId(random), { method: 'ping' }, true)
  expect(bench.during(() => bench.receive(bytes, at('20.2.0.2')))).toHaveLength(1)
  expect(bench.tick(1000).filter(sent => sent.to.address === '20.2.0.2')).toEqual([])
})

test('read-only ourselves, we ask with ro and answer nobody', async () => {
  const bench = await Bench.start({ readOnly: true })
  expect(bench.ask({ method: 'ping' }, at('20.0.0.9'))).toBeUndefined()
  bench.dht.addNode(at('20.1.0.1'))
  expect(bench.tick(1000).map(sent => parsePacket(sent.bytes))).toEqual([expect.objectContaining({ isReadOnly: true })])
  bench.dht.setReadOnly(false)
  expect(bench.ask({ method: 'ping' }, at('20.0.0.9'))?.kind).toBe('reply')
})

test('our own packets come back to nothing', async () => {
  const bench = await Bench.start()
  expect(bench.ask({ method: 'ping' }, at('20.0.0.9'), OWN)).toBeUndefined()
  bench.befriend(at('20.1.0.1'), OWN)
  expect(bench.dht.stats.nodes4).toBe(0)
})

test('local addresses are no nodes, and neither asked nor answered, unless they may be', async () => {
  const bench = await Bench.start()
  for (const address of ['127.0.0.1', '192.168.1.2', '169.254.1.1', '0.0.0.0', '224.0.0.1']) {
    bench.dht.addNode(at(address))
    expect(bench.tick(1000)).toEqual([])
    expect(bench.ask({ method: 'ping' }, at(address))).toBeUndefined()
  }
  const local = await Bench.start({ allowLocal: true })
  local.befriend(at('192.168.1.2'))
  local.befriend(at('20.1.0.1'))
  expect(local.dht.stats.nodes4).toBe(2)
  const told = (to: string) => replyOf(local.ask({ method: 'find_node', target: HASH, want: [] }, at(to)))!.nodes
  expect(told('192.168.1.9')).toHaveLength(2)
  // The world outside has no use for them and no business knowing them.
  expect(told('20.0.0.9')).toHaveLength(1)
})

test('values: loopback, private and port 0 are filtered, at most 100 used (H5)', async () => {
  const bench = await Bench.start()
  const node = at('20.1.0.1')
  const id = bench.befriend(node)
  bench.dht.watch(HASH, PEER_WATCH)
  const query = bench.tick(1000).find(sent => queryOf(sent)?.method === 'get_peers')!
  const hostile = [
    at('127.0.0.1', 80),
    at('192.168.1.1', 80),
    at('169.254.169.254', 80),
    at('0.0.0.0', 1),
    at('255.255.255.255', 1),
  ]
  const many = Array.from({ length: 120 }, (_, n) => at(`30.0.0.${n}`))
  const values = [...hostile, { address: '30.9.9.9', port: 0, family: 4 } as const, ...many]
  bench.receive(encodeReply(transactionOf(query.bytes), at('20.0.0.1'), { id, values }), node)
  expect(bench.found.length).toBeGreaterThan(90)
  expect(bench.found.length).toBeLessThanOrEqual(100)
  expect(bench.found.every(peer => peer.address.startsWith('30.0.0.'))).toBe(true)
})

test('a watch looks up, announces with the token it got, comes again sooner while hungry, and falls silent when disposed', async () => {
  const bench = await Bench.start({ families: [4] })
  const node = at('20.1.0.1')
  const id = bench.befriend(node)
  let isHungry = true
  const watch = bench.dht.watch(HASH, { ...PEER_WATCH, isHungry: () => isHungry, isSeed: () => true })
  const search = (): boolean => {
    const query = bench.tick(1000).find(sent => queryOf(sent)?.method === 'get_peers')
    if (!query) return false
    expect(queryOf(query)).toMatchObject({ infoHash: HASH, noSeeds: true })
    const token = utf8('tok')
    const [announced] = bench.during(() => {
      bench.receive(encodeReply(transactionOf(query.bytes), at('20.0.0.1'), { id, token }), node)
      bench.tick(1000)
    })
    expect(queryOf(announced!)).toEqual({
      method: 'announce_peer',
      infoHash: HASH,
      port: 6881,
      isPortImplied: false,
      token,
      isSeed: true,
    })
    bench.receive(encodeReply(transactionOf(announced!.bytes), at('20.0.0.1'), { id }), node)
    return true
  }
  const seconds = (): number => {
    for (let second = 1; second < 2000; second++) if (search()) return second
    return Infinity
  }
  expect(seconds()).toBe(1)
  expect(seconds()).toBeGreaterThan(45)
  expect(seconds()).toBeLessThan(150)
  isHungry = false
  expect(seconds()).toBeGreaterThan(11 * 60)
  watch[Symbol.dispose]()
  expect(seconds()).toBe(Infinity)
})

test('counts of BEP 33 come with the search of who is not hungry', async () => {
  const bench = await Bench.start({ families: [4] })
  const node = at('20.1.0.1')
  const id = bench.befriend(node)
  bench.dht.watch(HASH, { ...PEER_WATCH, isHungry: () => false })
  expect(bench.dht.scrape(HASH)).toBeUndefined()
  const query = bench.tick(1000).find(sent => queryOf(sent)?.method === 'get_peers')!
  expect(queryOf(query)).toMatchObject({ isScrape: true })
  const seeds = fromHex('03' + '00'.repeat(255))!
  bench.receive(
    encodeReply(transactionOf(query.bytes), at('20.0.0.1'), { id, seeds, leeches: new Uint8Array(256) }),
    node,
  )
  bench.tick(1000)
  expect(bench.dht.scrape(HASH)).toEqual({ seeds: 1, leeches: 0 })
})

test('a scrape is answered with filters, and stays within 1,024 bytes', async () => {
  const bench = await Bench.start()
  for (let n = 0; n < 12; n++) bench.befriend(at(`2a01:${n + 1}::1`))
  for (let n = 0; n < 200; n++) {
    const peer = at(`2a01:aaaa:${n}::1`)
    bench.now += 300
    bench.ask(announce(replyOf(bench.ask(getPeers, peer))!.token!), peer)
  }
  const asked = { ...getPeers, isScrape: true } as Query
  const bytes = encodeQuery(utf8('tx'), randomNodeId(random), asked, false)
  bench.now += 5000
  const [answer] = bench.during(() => bench.receive(bytes, at('2a01:bbbb::1')))
  expect(answer!.bytes.length).toBeLessThanOrEqual(Math.min(1024, bytes.length * 10))
  expect(replyOf(parsePacket(answer!.bytes))!.leeches).toHaveLength(256)
  const plain = replyOf(bench.ask(getPeers, at('2a01:bbbb::1')))!
  expect(plain.values.length).toBeGreaterThan(15)
  expect(plain.nodes).toHaveLength(8)
})

test('forged packets are not worth sending: at most 8 kB/s go out, less than came in (H3)', async () => {
  const bench = await Bench.start()
  for (let n = 0; n < 20; n++) bench.befriend(at(`20.${n + 1}.0.1`))
  bench.tick(10_000)
  let bytesIn = 0
  const sent = bench.during(() => {
    for (let n = 0; n < 10_000; n++) {
      const query: Query = n % 2 ? getPeers : { method: 'find_node', target: random.bytes(20), want: [4, 6] }
      const bytes = encodeQuery(utf8('tx'), randomNodeId(random), query, false)
      bytesIn += bytes.length
      // Half of them in one name, the others in as many as there are.
      bench.receive(bytes, n % 4 < 2 ? at('30.0.0.1') : at(`30.${n & 255}.${n >> 8}.7`))
      if (n % 100 === 0) bench.dht.tick(bench.now)
      bench.now += 1
    }
  })
  const bytesOut = sent.reduce((sum, { bytes }) => sum + bytes.length, 0)
  expect(bytesOut).toBeLessThan(2 * bytesIn)
  expect(bytesOut).toBeLessThanOrEqual(11 * 8_000)
  expect(sent.filter(({ to }) => to.address === '30.0.0.1').length).toBeLessThanOrEqual(21)
})

test('a majority of nodes makes our id fit our address (BEP 42); what is known stays', async () => {
  const bench = await Bench.start()
  for (let n = 0; n < 6; n++) bench.befriend(at(`20.${n + 1}.0.1`))
  const idNow = () => replyOf(bench.ask({ method: 'ping' }, at('30.0.0.9')))!.id
  expect(isIdOfAddress(idNow(), '20.0.0.1')).toBe(true)
  expect(bench.dht.stats.nodes4).toBe(6)
  const settled = toHex(idNow())
  for (let n = 0; n < 9; n++) bench.dht.noteExternalAddress('192.168.1.1', `tracker ${n}`)
  for (let n = 0; n < 9; n++) bench.dht.noteExternalAddress('6.6.6.6', 'one tracker')
  expect(toHex(idNow())).toBe(settled)
  expect(toHex(parseDhtState(bench.dht.encodeState())[4].id!)).toBe(settled)
})

test('changes are told once per tick', async () => {
  const bench = await Bench.start()
  for (let n = 0; n < 3; n++) bench.befriend(at(`20.${n + 1}.0.1`))
  bench.tick(1000)
  const { changes } = bench
  expect(changes).toBeGreaterThan(0)
  bench.tick(1000)
  expect(bench.changes).toBe(changes)
})

test('one address to be bound to decides the family', async () => {
  const bench = await Bench.start({ host: '20.0.0.1' })
  bench.befriend(at('20.1.0.1'))
  bench.dht.addNode(at('2a01:1::1'))
  expect(bench.tick(1000).filter(sent => sent.to.family === 6)).toEqual([])
  expect(parseDhtState(bench.dht.encodeState())[6].id).toEqual(OWN)
})

test('after stop nothing is sent', async () => {
  const bench = await Bench.start()
  bench.befriend(at('20.1.0.1'))
  bench.dht.watch(HASH, PEER_WATCH)
  bench.dht.stop()
  expect(bench.tick(60_000)).toEqual([])
  expect(bench.dht.stats.port).toBe(0)
  expect(parseDhtState(bench.dht.encodeState())[4].nodes).toHaveLength(1)
})

test('the public doors are written as host and port', () => {
  for (const node of BOOTSTRAP_NODES) expect(node).toMatch(/^[a-z.]+\.[a-z]+:\d{4,5}$/)
})
