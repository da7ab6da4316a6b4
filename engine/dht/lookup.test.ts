import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endpoint } from '#engine/base/endpoint.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { type Candidate, Lookup } from './lookup.ts'
import { byDistance, type Contact, nodeIdFor, type NodeId, randomNodeId } from './node-id.ts'

const random = new SimRandom(9)
const target = randomNodeId(random)
const TOKEN = new Uint8Array(4)

const proven = (address: string): Contact => ({ id: nodeIdFor(address, random), endpoint: endpoint(address, 6881)! })
const crowd = (count: number) =>
  Array.from({ length: count }, (_, n) => proven(`${20 + (n % 200)}.${n >> 3}.7.1`)).sort((a, b) =>
    byDistance(target, a.id, b.id),
  )
/** Runs it to the end; everybody answers with what `tells` says. */
function run(lookup: Lookup, tells: (asked: Candidate) => readonly Contact[] | undefined): Candidate[] {
  const asked: Candidate[] = []
  for (let to = lookup.next(); to; to = lookup.next()) {
    asked.push(to)
    const told = tells(to)
    if (!told) lookup.failed(to)
    else {
      lookup.answered(to, to.id!, TOKEN)
      lookup.offer(told)
    }
  }
  return asked
}

test('four are asked at once', () => {
  const lookup = new Lookup(target, crowd(20))
  expect([1, 2, 3, 4, 5].map(() => lookup.next() !== undefined)).toEqual([true, true, true, true, false])
  expect(lookup.isDone).toBe(false)
})

test('goes from what it knows to the eight nearest', () => {
  const all = crowd(60)
  const lookup = new Lookup(target, all.slice(50))
  const asked = run(lookup, ({ id }) => {
    const at = all.findIndex(one => one.id === id)
    return all.slice(Math.max(0, at - 15), at)
  })
  expect(lookup.isDone).toBe(true)
  expect(lookup.findings(8).map(one => one.endpoint)).toEqual(all.slice(0, 8).map(one => one.endpoint))
  expect(asked.length).toBeLessThan(35)
})

test('those who do not answer are passed over', () => {
  const all = crowd(40)
  const lookup = new Lookup(target, all)
  run(lookup, ({ id }) => (all.findIndex(one => one.id === id) % 2 === 0 ? [] : undefined))
  expect(lookup.isDone).toBe(true)
  expect(lookup.findings(8)).toHaveLength(8)
})

test('a slow node makes room for another question, and its answer still counts', () => {
  const all = crowd(8)
  const lookup = new Lookup(target, all)
  const slow = lookup.next()!
  for (let n = 0; n < 3; n++) lookup.next()
  expect(lookup.next()).toBeUndefined()
  lookup.slow(slow)
  expect(lookup.next()).toBeDefined()
  expect(lookup.answered(slow, slow.id!, TOKEN)).toBe(true)
  expect(lookup.answered(slow, slow.id!, TOKEN)).toBe(false)
  expect(lookup.findings(8)).toHaveLength(1)
})

test('ids beside the target gain nothing: two of a network are asked, and they do not count as found', () => {
  const honest = crowd(30)
  const beside = (n: number): Contact => {
    const id = target.slice() as NodeId
    id[19]! ^= n
    return { id, endpoint: endpoint(`66.6.6.${n}`, 6881)! }
  }
  const attackers = Array.from({ length: 30 }, (_, n) => beside(n + 1))
  const lookup = new Lookup(target, [...attackers, ...honest])
  const asked = run(lookup, () => attackers)
  expect(asked.filter(one => one.endpoint.address.startsWith('66.')).length).toBe(2)
  expect(lookup.findings(8).map(one => one.endpoint)).toEqual(honest.slice(0, 8).map(one => one.endpoint))
})

test('an endless supply of ever nearer nodes comes to an end', () => {
  const lookup = new Lookup(target, crowd(5))
  let n = 0
  const asked = run(lookup, () =>
    Array.from({ length: 16 }, () => {
      const id = target.slice() as NodeId
      n++
      id[18] = n >> 8
      id[19] = n
      return { id, endpoint: endpoint(`${1 + (n % 200)}.${20 + (n >> 8)}.${n & 255}.1`, 6881)! }
    }),
  )
  expect(asked.length).toBeLessThanOrEqual(120)
  expect(lookup.isDone).toBe(true)
})

test('an address without an id is asked first and becomes a node by its answer', () => {
  const door = endpoint('203.0.114.1', 6881)!
  const lookup = new Lookup(target, [], [door])
  const asked = lookup.next()!
  expect(asked).toEqual({ id: undefined, endpoint: door })
  expect(lookup.isDone).toBe(false)
  lookup.answered(asked, nodeIdFor(door.address, random), TOKEN)
  expect(lookup.findings(8)).toHaveLength(1)
  expect(lookup.isDone).toBe(true)
})

test('a door that is named twice is asked once, and asked again when it was silent', () => {
  const door = endpoint('203.0.114.1', 6881)!
  const lookup = new Lookup(target, [], [door, door])
  const asked = lookup.next()!
  lookup.slow(asked)
  lookup.offer([], [door])
  expect(lookup.next()).toBeUndefined()
  lookup.failed(asked)
  expect(lookup.isDone).toBe(true)
  lookup.offer([], [door])
  expect(lookup.next()).toEqual(asked)
})

test('a door may be a known node as well: the two questions do not get mixed up', () => {
  const node = proven('203.0.114.1')
  const lookup = new Lookup(target, [node], [node.endpoint])
  const both = [lookup.next()!, lookup.next()!]
  for (const asked of both) lookup.slow(asked)
  for (const asked of both) lookup.failed(asked)
  expect(lookup.isDone).toBe(true)
})

test('nobody to ask is an end, too', () => {
  expect(new Lookup(target, []).isDone).toBe(true)
})

test('whatever happens in whatever order, at most four are waited for, and it ends when all is heard of', () => {
  const all = crowd(40)
  const step = fc.record({ what: fc.constantFrom('ask', 'slow', 'answer', 'fail', 'door', 'tell'), which: fc.nat(50) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const lookup = new Lookup(target, all.slice(30))
      const open: { to: Candidate; isSlow: boolean }[] = []
      for (const { what, which } of steps) {
        const at = which % Math.max(1, open.length)
        const one = open[at]
        const known = all[which % all.length]!
        if (what === 'door') lookup.offer([], [known.endpoint])
        else if (what === 'tell') lookup.offer([known])
        else if (what === 'ask') {
          const to = lookup.next()
          if (to) open.push({ to, isSlow: false })
        } else if (one && what === 'slow') {
          lookup.slow(one.to)
          one.isSlow = true
        } else if (one) {
          if (what === 'fail') lookup.failed(one.to)
          else lookup.answered(one.to, one.to.id ?? known.id, TOKEN)
          open.splice(at, 1)
        }
        expect(open.filter(({ isSlow }) => !isSlow).length).toBeLessThanOrEqual(4)
      }
      for (const { to } of open) lookup.failed(to)
      run(lookup, () => undefined)
      expect(lookup.isDone).toBe(true)
    }),
    { numRuns: 500 },
  )
})
