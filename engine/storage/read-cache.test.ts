import { expect, test } from 'vitest'
import { ReadCache } from './read-cache.ts'

const KIB = 1024
const of = (length: number, fill = 1) => Promise.resolve(new Uint8Array(length).fill(fill))

test('a stretch that several want at once is read once', async () => {
  const cache = new ReadCache(1024 * KIB)
  let reads = 0
  const read = () => {
    reads++
    return of(256 * KIB)
  }
  const [first, second] = await Promise.all([cache.load(0, 7, read), cache.load(0, 7, read)])
  expect([reads, first === second, cache.find(0, 7) === first]).toEqual([1, true, true])
})

test('the least recently used stretch goes first, and the budget holds', async () => {
  const cache = new ReadCache(512 * KIB)
  await cache.load(0, 1, () => of(256 * KIB))
  await cache.load(0, 2, () => of(256 * KIB))
  cache.find(0, 1)
  await cache.load(0, 3, () => of(256 * KIB))
  expect([1, 2, 3].map(stretch => cache.find(0, stretch) !== undefined)).toEqual([true, false, true])
  expect(cache.bytes).toBe(512 * KIB)
})

test('a failed read is told to all who wait and tried again by the next', async () => {
  const cache = new ReadCache(512 * KIB)
  const failing = () => Promise.reject(new Error('gone'))
  const both = await Promise.allSettled([cache.load(0, 1, failing), cache.load(0, 1, failing)])
  expect(both.map(one => one.status)).toEqual(['rejected', 'rejected'])
  expect((await cache.load(0, 1, () => of(10))).length).toBe(10)
})

test('bytes that were read before they changed on disk are not kept', async () => {
  const cache = new ReadCache(512 * KIB)
  let arrive: (bytes: Uint8Array) => void = () => {}
  const early = cache.load(0, 1, () => new Promise(resolve => (arrive = resolve)))
  cache.forget(0, 1)
  arrive(new Uint8Array(8))
  expect((await early).length).toBe(8)
  expect(cache.find(0, 1)).toBeUndefined()
})

test('dropping a store leaves those of others', async () => {
  const cache = new ReadCache(1024 * KIB)
  const [a, b] = [cache.enrol(), cache.enrol()]
  await cache.load(a, 1, () => of(100))
  await cache.load(b, 1, () => of(200))
  cache.drop(a)
  expect([cache.find(a, 1), cache.find(b, 1)?.length, cache.bytes]).toEqual([undefined, 200, 200])
})

test('stretches get shorter when the budget is small', () => {
  const cache = new ReadCache(64 * 1024 * KIB)
  expect(cache.stretchLength).toBe(1024 * KIB)
  cache.setBudget(16 * 1024 * KIB)
  expect(cache.stretchLength).toBe(512 * KIB)
  cache.setBudget(KIB)
  expect(cache.stretchLength).toBe(256 * KIB)
})
