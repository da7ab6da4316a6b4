import { expect, test } from 'vitest'
import { endpoint } from '#engine/base/endpoint.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { type Contact, idAtDistance, nodeIdFor, randomNodeId, sharedBits } from './node-id.ts'
import { RoutingTable } from './routing-table.ts'

const MINUTE = 60_000
const random = new SimRandom(5)
const own = randomNodeId(random)

/** In the bucket of ids that share `bits` with ours. */
function node(address: string, bits = 0, port = 6881): Contact {
  return { id: idAtDistance(own, bits, random), endpoint: endpoint(address, port)! }
}
/** With an id that fits its address. */
function proven(address: string, bits = 0): Contact {
  for (;;) {
    const id = nodeIdFor(address, random)
    if (sharedBits(id, own) === bits) return { id, endpoint: endpoint(address, 6881)! }
  }
}
const far = (n: number) => `${20 + n}.1.1.1`
const known = (table: RoutingTable, now = 0) =>
  table.closest(own, 1000, { isGood: false, now }).map(contact => contact.endpoint.address)

test('eight nodes to a bucket; the next wait until one is dead', () => {
  const table = new RoutingTable(own, 0)
  const nodes = Array.from({ length: 10 }, (_, n) => node(far(n)))
  for (const one of nodes) table.heard(one, 0)
  expect(table.count).toBe(8)
  table.failed(nodes[3]!.endpoint, 1)
  expect(known(table)).toContain(far(3))
  expect(table.failed(nodes[3]!.endpoint, 2)).toBe(true)
  expect(table.count).toBe(8)
  expect(known(table)).not.toContain(far(3))
  // The latest heard of takes the place.
  expect(known(table)).toContain(far(9))
})

test('one node per computer, whatever ports and ids it has', () => {
  const table = new RoutingTable(own, 0)
  for (let bits = 0; bits < 20; bits++) table.heard(node('20.1.1.1', bits, 1000 + bits), 0)
  expect(table.count).toBe(1)
  for (let n = 0; n < 20; n++) table.heard(node(`2a01:db9:1:2::${n}`, n), 0)
  expect(table.count).toBe(2)
})

test('two of a /24 in a bucket, no more; neighbours on a private network are no attack', () => {
  const table = new RoutingTable(own, 0)
  for (let n = 1; n < 30; n++) table.heard(node(`20.1.1.${n}`), 0)
  expect(table.count).toBe(2)
  table.heard(node('20.1.1.77', 1), 0)
  expect(table.count).toBe(3)
  for (let n = 1; n < 30; n++) table.heard(node(`192.168.1.${n}`, 2), 0)
  expect(table.count).toBe(11)
})

test('an id is not taken over from who still answers', () => {
  const table = new RoutingTable(own, 0)
  const honest = node(far(1))
  table.heard(honest, 0)
  expect(table.heard({ id: honest.id, endpoint: endpoint(far(2), 1)! }, 0)).toBe(false)
  expect(known(table)).toEqual([far(1)])
})

test('a node that starts again with a new id is found under it', () => {
  const table = new RoutingTable(own, 0)
  table.heard(node(far(1), 0), 0)
  const again = node(far(1), 3)
  table.heard(again, 1)
  expect(table.closest(own, 8, { isGood: true, now: 1 })).toEqual([expect.objectContaining({ id: again.id })])
})

test('our own id never enters', () => {
  const table = new RoutingTable(own, 0)
  expect(table.heard({ id: own, endpoint: endpoint(far(1), 1)! }, 0)).toBe(false)
  expect(table.count).toBe(0)
})

test('a node whose id fits its address takes the place of one whose does not', () => {
  const table = new RoutingTable(own, 0)
  for (let n = 0; n < 8; n++) table.heard(node(far(n)), 0)
  const honest = proven('93.184.216.34')
  expect(table.hasRoomFor(honest)).toBe(true)
  expect(table.heard(honest, 1)).toBe(true)
  expect(table.count).toBe(8)
  expect(table.hasRoomFor(node('99.1.1.1'))).toBe(false)
})

test('questionable after a quarter of an hour, good again when heard of', () => {
  const table = new RoutingTable(own, 0)
  const one = node(far(1))
  table.heard(one, 0)
  expect(table.nextToPing(14 * MINUTE)).toBeUndefined()
  expect(table.closest(own, 8, { isGood: true, now: 15 * MINUTE })).toEqual([])
  expect(table.nextToPing(15 * MINUTE)).toMatchObject({ id: one.id })
  expect(table.nextToPing(15 * MINUTE)).toBeUndefined()
  table.queried(one, 16 * MINUTE)
  expect(table.closest(own, 8, { isGood: true, now: 30 * MINUTE })).toHaveLength(1)
})

test('dead nodes are kept while there is nobody in their place, but not handed out', () => {
  const table = new RoutingTable(own, 0)
  const one = node(far(1))
  table.heard(one, 0)
  table.failed(one.endpoint, 1)
  table.failed(one.endpoint, 2)
  expect(table.count).toBe(0)
  expect(known(table)).toEqual([])
  expect(table.all()).toHaveLength(1)
  table.heard(one, 3)
  expect(table.count).toBe(1)
})

test('a bucket that has not changed for long is looked into, once', () => {
  const table = new RoutingTable(own, 0)
  table.heard(node(far(1), 1), 0)
  expect(table.nextToRefresh(14 * MINUTE, random)).toBeUndefined()
  expect(sharedBits(own, table.nextToRefresh(15 * MINUTE, random)!)).toBe(0)
  expect(sharedBits(own, table.nextToRefresh(15 * MINUTE, random)!)).toBe(1)
  expect(table.nextToRefresh(15 * MINUTE, random)).toBeUndefined()
})

test('the nearest come first', () => {
  const table = new RoutingTable(own, 0)
  for (const bits of [0, 9, 4, 7, 2]) table.heard(node(far(bits), bits), 0)
  expect(known(table)).toEqual([9, 7, 4, 2, 0].map(far))
})
