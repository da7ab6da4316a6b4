/** What a node keeps for others: tokens, peers, filters; and how it keeps itself from being used. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endpoint, ipv4Bytes, ipv6Bytes } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { AddressVotes } from './address-votes.ts'
import { FloodGuard } from './flood-guard.ts'
import { nodeIdFor, randomNodeId } from './node-id.ts'
import { PeerStore } from './peer-store.ts'
import { ScrapeFilter } from './scrape-filter.ts'
import { encodeDhtState, parseDhtState } from './state.ts'
import { Strangers } from './strangers.ts'
import { Tokens } from './tokens.ts'

const MINUTE = 60_000
const random = new SimRandom(3)
const HASH = random.bytes(20)
const at = (address: string, port = 6881) => endpoint(address, port)!

test('a token is good for its address and infohash, for five to ten minutes', () => {
  const tokens = new Tokens(nodeHashes, random, 0)
  const asker = at('203.0.113.9')
  const token = tokens.issue(asker, HASH, 4 * MINUTE)
  expect(tokens.isValid(token, at('203.0.113.9', 99), HASH, 9.9 * MINUTE)).toBe(true)
  expect(tokens.isValid(token, at('203.0.113.10'), HASH, 4 * MINUTE)).toBe(false)
  expect(tokens.isValid(token, asker, random.bytes(20), 4 * MINUTE)).toBe(false)
  expect(tokens.isValid(token, asker, HASH, 10 * MINUTE)).toBe(false)
  expect(tokens.isValid(new Uint8Array(8), asker, HASH, 4 * MINUTE)).toBe(false)
})

test('a token does not outlive a long silence', () => {
  const tokens = new Tokens(nodeHashes, random, 0)
  const token = tokens.issue(at('203.0.113.9'), HASH, 0)
  expect(tokens.isValid(token, at('203.0.113.9'), HASH, 24 * 60 * MINUTE)).toBe(false)
})

test('peers are kept half an hour, once per address, the latest port', () => {
  const store = new PeerStore()
  store.add(HASH, at('203.0.113.1', 1), false, 0)
  store.add(HASH, at('203.0.113.1', 2), true, 10 * MINUTE)
  expect(store.sample(HASH, 4, 100, false, 10 * MINUTE, random)).toEqual([at('203.0.113.1', 2)])
  expect(store.sample(HASH, 4, 100, true, 10 * MINUTE, random)).toEqual([])
  expect(store.sample(HASH, 6, 100, false, 10 * MINUTE, random)).toEqual([])
  expect(store.sample(HASH, 4, 100, false, 40 * MINUTE, random)).toEqual([])
  expect(store.count).toBe(0)
})

test('500 peers of a hash and 2,000 hashes are kept, the latest', () => {
  const store = new PeerStore()
  for (let n = 0; n < 600; n++) store.add(HASH, at(`20.1.${n >> 8}.${n & 255}`), false, n)
  expect(store.count).toBe(500)
  const found = store.sample(HASH, 4, 1000, false, 600, random).map(peer => peer.address)
  expect(new Set(found).size).toBe(500)
  expect(found).not.toContain('20.1.0.99')
  expect(store.sample(HASH, 4, 50, false, 600, random)).toHaveLength(50)
  for (let n = 0; n < 2_000; n++) store.add(random.bytes(20), at('20.1.1.1'), false, 1000)
  expect(store.count).toBe(2_000)
  expect(store.sample(HASH, 4, 50, false, 1000, random)).toEqual([])
  store.expire(60 * MINUTE)
  expect(store.count).toBe(0)
})

test('100,000 peers are the most, whatever their hashes', () => {
  const store = new PeerStore()
  for (let n = 0; n < 210; n++) {
    const hash = random.bytes(20)
    for (let peer = 0; peer < 500; peer++) store.add(hash, at(`20.2.${peer >> 8}.${peer & 255}`), false, n)
  }
  expect(store.count).toBeLessThanOrEqual(100_000)
  expect(store.count).toBeGreaterThan(99_000)
})

test('the filter of BEP 33 has its bytes and its estimate', () => {
  const filter = new ScrapeFilter()
  for (let n = 0; n < 256; n++) filter.insert(ipv4Bytes(`192.0.2.${n}`)!, nodeHashes)
  for (let n = 0; n < 1000; n++) filter.insert(ipv6Bytes(`2001:db8::${n.toString(16)}`)!, nodeHashes)
  expect(toHex(filter.bytes.subarray(0, 16))).toBe('f6c3f5eaa07ffd91bde89f777f26fb2b')
  expect(toHex(filter.bytes.subarray(-4))).toBe('fd8f72ef')
  expect(filter.estimate()).toBeCloseTo(1224.9308, 3)
  const other = new ScrapeFilter()
  expect(other.estimate()).toBe(0)
  other.unite(filter.bytes)
  expect(other.estimate()).toBe(filter.estimate())
})

test('filters tell seeds from those who still download', () => {
  const store = new PeerStore()
  expect(store.filters(HASH, 4, 0, nodeHashes)).toBeUndefined()
  for (let n = 0; n < 30; n++) store.add(HASH, at(`20.1.1.${n}`), n < 10, 0)
  const filters = store.filters(HASH, 4, 0, nodeHashes)!
  const estimate = (bytes: Uint8Array) => {
    const filter = new ScrapeFilter()
    filter.unite(bytes)
    return Math.round(filter.estimate())
  }
  expect(estimate(filters.seeds)).toBe(10)
  expect(estimate(filters.leeches)).toBe(20)
})

test('more than five packets a second shut a source out for five minutes', () => {
  const guard = new FloodGuard()
  const pestering = at('203.0.113.1')
  for (let n = 0; n < 20; n++) expect(guard.admits(pestering, 0)).toBe(true)
  expect(guard.admits(at('203.0.113.1', 7), 1)).toBe(false)
  expect(guard.admits(at('203.0.113.2'), 1)).toBe(true)
  expect(guard.admits(pestering, 5 * MINUTE)).toBe(false)
  expect(guard.admits(pestering, 5 * MINUTE + 2)).toBe(true)
  const calm = at('203.0.113.3')
  for (let n = 0; n < 1000; n++) expect(guard.admits(calm, n * 200)).toBe(true)
})

test('answers cost 8 kB/s and no more', () => {
  const guard = new FloodGuard()
  let sent = 0
  for (let now = 0; now < 10_000; now += 1) if (guard.pay(300, now)) sent += 300
  expect(sent).toBeGreaterThan(80_000)
  expect(sent).toBeLessThanOrEqual(88_000)
})

test('a majority of networks names our address', () => {
  const votes = new AddressVotes()
  for (let n = 0; n < 10; n++) expect(votes.vote('6.6.6.6', 'one liar')).toBeUndefined()
  expect(['a', 'b', 'c'].map(voter => votes.vote('1.2.3.4', voter))).toEqual([undefined, undefined, undefined])
  expect(votes.vote('1.2.3.4', 'd')).toBe('1.2.3.4')
  for (let n = 0; n < 40; n++) votes.vote('5.6.7.8', `later ${n}`)
  expect(votes.vote('1.2.3.4', 'a')).toBeUndefined()
})

test('strangers are greeted five a second, a hundred wait', () => {
  const strangers = new Strangers()
  for (let n = 0; n < 150; n++) strangers.add({ id: undefined, endpoint: at(`20.1.1.${n}`) })
  let greeted = 0
  for (let now = 10_000; now <= 12_000; now += 50) while (strangers.next(now)) greeted++
  expect(greeted).toBe(16)
  expect(strangers.takeAll()).toHaveLength(84)
  expect(strangers.isEmpty).toBe(true)
})

const contacts = (family: 4 | 6, count: number) =>
  Array.from({ length: count }, (_, n) => {
    const address = family === 4 ? `20.${n}.1.1` : `2a01:${n.toString(16)}::1`
    return { id: nodeIdFor(address, random), endpoint: at(address) }
  })
const saved = { 4: { id: randomNodeId(random), nodes: contacts(4, 30) }, 6: { id: undefined, nodes: contacts(6, 3) } }

test('ids and nodes of both families come back', () => {
  expect(parseDhtState(encodeDhtState(saved))).toEqual(saved)
  const many = { 4: { id: undefined, nodes: contacts(4, 250) }, 6: { id: undefined, nodes: [] } }
  expect(parseDhtState(encodeDhtState(many))[4].nodes).toHaveLength(200)
})

test('a damaged state is an empty one, and never throws', () => {
  const bytes = encodeDhtState(saved)
  const empty = { 4: { id: undefined, nodes: [] }, 6: { id: undefined, nodes: [] } }
  for (let end = 0; end < bytes.length; end += 7) expect(parseDhtState(bytes.subarray(0, end))).toEqual(empty)
  expect(parseDhtState(new Uint8Array(100_000))).toEqual(empty)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (index, byte) => {
      const broken = bytes.slice()
      broken[index] = byte
      for (const { nodes } of Object.values(parseDhtState(broken))) expect(nodes.length).toBeLessThanOrEqual(200)
    }),
    { numRuns: 500 },
  )
})
