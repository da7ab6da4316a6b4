import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latin1, utf8 } from '#engine/base/bytes.ts'
import { type Endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { encodeError, encodeQuery, encodeReply, type Packet, parsePacket, type Query } from './krpc.ts'
import { type NodeId, nodeId } from './node-id.ts'

interface Vector {
  id: string
  hex: string | null
  len?: number
  want: string
}
const path = sharedData('vectors/dht-krpc.json')
const vectors = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as { good: Vector[]; bad: Vector[] })
  : { good: [], bad: [] }
const vector = (id: string) => fromHex(vectors.good.find(one => one.id === id)!.hex!)!
const ID = nodeId(utf8('abcdefghij0123456789'))!
const OTHER = nodeId(utf8('mnopqrstuvwxyz123456'))!
const AA = utf8('aa')
const FROM: Endpoint = { address: '203.0.113.9', port: 6881, family: 4 }

const queryOf = (packet: Packet | undefined) => (packet?.kind === 'query' ? packet.query : undefined)
const replyOf = (packet: Packet | undefined) => (packet?.kind === 'reply' ? packet.reply : undefined)

test.skipIf(!path).each(vectors.good)('reads $id', ({ id, hex }) => {
  const kind = id.endsWith('-q') ? 'query' : id === 'error' ? 'error' : 'reply'
  expect(parsePacket(fromHex(hex!)!)?.kind).toBe(kind)
})

test.skipIf(!path)('the examples of BEP 5 say what it says', () => {
  expect(queryOf(parsePacket(vector('ping-q')))).toEqual({ method: 'ping' })
  expect(queryOf(parsePacket(vector('find_node-q')))).toEqual({
    method: 'find_node',
    target: Uint8Array.from(OTHER),
    want: [],
  })
  expect(queryOf(parsePacket(vector('announce_peer-q')))).toMatchObject({
    method: 'announce_peer',
    port: 6881,
    isPortImplied: true,
    token: utf8('aoeusnth'),
    isSeed: false,
  })
  const reply = replyOf(parsePacket(vector('get_peers-r-values')))!
  expect(reply.values.map(endpointKey)).toEqual(['97.120.106.101:11893', '105.100.104.116:28269'])
  expect(latin1(reply.token!)).toBe('aoeusnth')
  expect(parsePacket(vector('error'))).toMatchObject({ code: 201, text: 'A Generic Error Ocurred' })
})

test.skipIf(!path)('reads nodes of both families, what to want, read-only and our address', () => {
  const nodes = replyOf(parsePacket(vector('find_node-r')))!.nodes
  expect(nodes).toHaveLength(8)
  expect(endpointKey(nodes[0]!.endpoint)).toBe('203.0.113.0:6881')
  expect(replyOf(parsePacket(vector('find_node-r6')))!.nodes[7]!.endpoint.address).toBe('2001:db8::7')
  expect(queryOf(parsePacket(vector('want-both-q')))).toMatchObject({ want: [4, 6] })
  expect(parsePacket(vector('ro-q'))).toMatchObject({ isReadOnly: true })
  expect(replyOf(parsePacket(vector('ip-r')))!.yourAddress).toBe('203.0.113.9')
  // A method of another BEP is answered as what it can be answered as.
  expect(queryOf(parsePacket(vector('sample_infohashes-q')))).toMatchObject({ method: 'find_node' })
})

/** What the vectors want, as far as parsing decides it. */
const wanted: Record<string, (packet: Packet | undefined) => void> = {
  drop: packet => expect(packet).toBeUndefined(),
  'error 203': packet => expect(packet).toMatchObject({ kind: 'bad-query', code: 203 }),
  'error 204': packet => expect(packet).toMatchObject({ kind: 'bad-query', code: 204 }),
  'ignore the nodes': packet => expect(replyOf(packet)!.nodes).toEqual([]),
  'ignore the values': packet => expect(replyOf(packet)!.values).toEqual([]),
  'ignore the value': packet => expect(replyOf(packet)!.values).toEqual([]),
  answer: packet => expect(packet?.kind).toBe('query'),
}
test.skipIf(!path).each(vectors.bad.filter(one => one.hex !== null && wanted[one.want]))(
  '$id: $want',
  ({ id, hex, want }) => {
    if (id === 'own-id') return // judged by who knows our id
    wanted[want]!(parsePacket(fromHex(hex!)!))
  },
)

test.skipIf(!path).each([
  ['find_node_request', 'query'],
  ['get_peers_request_0', 'query'],
  ['find_node_response_1', 'reply'],
])('reads the captured %s', (name, kind) => {
  expect(parsePacket(readFileSync(sharedData(`vectors/captured/rqbit--${name}.bin`)!))?.kind).toBe(kind)
})

const queries: readonly Query[] = [
  { method: 'ping' },
  { method: 'find_node', target: Uint8Array.from(OTHER), want: [4, 6] },
  { method: 'get_peers', infoHash: Uint8Array.from(OTHER), want: [], noSeeds: true, isScrape: true },
  {
    method: 'announce_peer',
    infoHash: Uint8Array.from(OTHER),
    port: 6881,
    isPortImplied: false,
    token: AA,
    isSeed: true,
  },
]
test.each(queries)('a $method query comes back as it went', query => {
  const packet = parsePacket(encodeQuery(AA, ID, query, true))
  expect(packet).toEqual({ kind: 'query', transaction: AA, id: Uint8Array.from(ID), isReadOnly: true, query })
})

test('a reply comes back as it went', () => {
  const seeds = new Uint8Array(256).fill(1)
  const peers: Endpoint[] = [
    { address: '192.0.2.1', port: 1, family: 4 },
    { address: '2001:db8::1', port: 65535, family: 6 },
  ]
  const nodes6 = [{ id: OTHER, endpoint: peers[1]! }]
  const bytes = encodeReply(AA, FROM, { id: ID, nodes: [], nodes6, token: AA, values: peers, seeds, leeches: seeds })
  expect(replyOf(parsePacket(bytes))).toEqual({
    id: ID,
    nodes: nodes6,
    values: peers,
    token: AA,
    seeds,
    leeches: seeds,
    yourAddress: FROM.address,
  })
  expect(parsePacket(encodeError(AA, FROM, 203, 'no'))).toMatchObject({ kind: 'error', code: 203, text: 'no' })
})

test('a canonical ping is byte for byte what BEP 5 shows, but for the version', () => {
  expect(latin1(encodeQuery(AA, ID, { method: 'ping' }, false))).toBe(
    'd1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:v4:FH\x01\x001:y1:qe',
  )
})

test('every truncation of every good packet is dropped', () => {
  for (const { hex } of vectors.good) {
    const bytes = fromHex(hex!)!
    for (let end = 0; end < bytes.length; end++) expect(parsePacket(bytes.subarray(0, end))).toBeUndefined()
  }
})

test('ports of 0, IPv4 in IPv6 clothes and more than is used are left out', () => {
  const zero = utf8(
    'd1:rd2:id20:abcdefghij01234567896:valuesl6:\x7f\0\0\x01\0\0' + '6:abcdef'.repeat(150) + 'ee1:t2:aa1:y1:re',
  )
  expect(replyOf(parsePacket(zero))!.values).toHaveLength(100)
  const mapped = { id: OTHER, endpoint: { address: '::ffff:1.2.3.4', port: 1, family: 6 } as const }
  expect(replyOf(parsePacket(encodeReply(AA, FROM, { id: ID, nodes6: [mapped] })))!.nodes).toEqual([])
})

test('no bytes make it throw, and whatever passes is within its bounds', () => {
  const seeds = vectors.good.map(one => fromHex(one.hex!)!)
  const mutated = fc
    .tuple(
      fc.constantFrom(...(seeds.length > 0 ? seeds : [AA])),
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }),
    )
    .map(([seed, changes]) => {
      const bytes = seed.slice()
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return bytes
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), bytes => {
      const packet = parsePacket(bytes)
      if (packet?.kind !== 'reply') return
      const { id, nodes, values } = packet.reply
      expect(id.length).toBe(20)
      expect(nodes.length).toBeLessThanOrEqual(32)
      for (const { endpoint } of nodes) expect(endpoint.port).toBeGreaterThan(0)
      for (const { port } of values) expect(port).toBeGreaterThan(0)
    }),
    { numRuns: 20_000 },
  )
})

test('the result owns its bytes', () => {
  const bytes = encodeQuery(AA, ID, { method: 'find_node', target: OTHER, want: [] }, false)
  const packet = parsePacket(bytes)
  bytes.fill(0)
  expect(toHex((packet as { id: NodeId }).id)).toBe(toHex(ID))
  expect(queryOf(packet)).toMatchObject({ target: Uint8Array.from(OTHER) })
})
