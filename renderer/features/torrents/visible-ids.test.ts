import { expect, test } from 'vitest'
import type { TorrentRow } from '#engine/api/model.ts'
import { sampleRow, sampleStats } from './sample.ts'
import { createSorter, filterIds } from './visible-ids.ts'
import type { SortKey } from './sort-slice.ts'

const rows = (...list: Partial<TorrentRow>[]) =>
  Object.fromEntries(list.map(over => [over.id ?? '', sampleRow(over)])) as Record<string, TorrentRow>

const library = rows(
  { id: 'd', name: 'debian-13', queuePosition: 2, trackerHost: 'linux.example' },
  { id: 'm', name: 'Metropolis (1927)', queuePosition: 1, status: 'paused' },
  { id: 's', name: 'Sintel 10', queuePosition: 0, status: 'seeding' },
  { id: 't', name: 'sintel 9', queuePosition: 0, status: 'seeding' },
)
const stats = {
  d: sampleStats('d', { down: 10, eta: 60 }),
  m: sampleStats('m', { eta: -1 }),
  s: sampleStats('s', { down: 30, eta: -1 }),
  t: sampleStats('t', { down: 20, eta: 5 }),
}
const order = (key: SortKey, descending = false) =>
  createSorter()(Object.keys(library), library, stats, { key, descending }).join('')

test('sorts by any column, by name where it is equal, and numbers in names by value', () => {
  expect(order('name')).toBe('dmts')
  expect(order('name', true)).toBe('stmd')
  expect(order('down', true)).toBe('stdm')
  expect(order('state')).toBe('dtsm')
})

test('what is unknown comes last in either direction', () => {
  expect(order('queue')).toBe('mdts')
  expect(order('queue', true)).toBe('dmts')
  expect(order('eta')).toBe('tdms')
  expect(order('eta', true)).toBe('dtms')
})

test.each([
  ['sintel', 'st'],
  ['SINTEL 9', 't'],
  ['"sintel 1"', 's'],
  ['-sintel', 'dm'],
  ['state:paus', 'm'],
  ['state:', 'dmst'],
  ['tracker:linux', 'd'],
  ['-state:seeding deb', 'd'],
  ['  ', 'dmst'],
  ['nothing like it', ''],
])('%j finds %j', (query, expected) => {
  expect(filterIds(Object.keys(library), library, { group: null, tracker: null, query }).join('')).toBe(expected)
})

test('ten thousand rows are sorted within a frame once they have been sorted before', () => {
  const many = rows(...Array.from({ length: 10_000 }, (_, n) => ({ id: `${n}`, name: `Name ${(n * 7919) % 10_007}` })))
  const ids = Object.keys(many)
  const sort = createSorter()
  const first = sort(ids, many, {}, { key: 'name', descending: false })
  const started = performance.now()
  const second = sort(ids, many, {}, { key: 'name', descending: false })
  expect(performance.now() - started).toBeLessThan(200)
  expect(second).toEqual(first)
})
