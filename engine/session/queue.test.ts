import { expect, test } from 'vitest'
import { moved, whoMayRun, type Queued } from './queue.ts'

/** One character per torrent, in queue order: d wants to download, i is idle, s seeds, p is paused. */
const queue = (text: string): Queued[] =>
  Array.from(text, (kind, at) => ({
    id: String(at),
    intent: kind === 'p' ? 'pause' : 'run',
    isComplete: kind === 's',
    isIdle: kind === 'i',
  }))

test.each([
  ['ddd', 2, '**.'],
  ['ddd', 0, '***'],
  ['dsdd', 2, '***.'],
  ['pddd', 2, '.**.'],
  ['iddd', 2, '***.'],
  ['sss', 1, '***'],
])('of %s with %i slots, %s run', (torrents, most, running) => {
  const may = whoMayRun(queue(torrents), most)
  expect(Array.from(torrents, (_, at) => (may.has(String(at)) ? '*' : '.')).join('')).toBe(running)
})

test.each([
  ['abcde', 'bd', 'top', 'bdace'],
  ['abcde', 'bd', 'bottom', 'acebd'],
  ['abcde', 'bd', 'up', 'badce'],
  ['abcde', 'bd', 'down', 'acbed'],
  ['abcde', 'ab', 'up', 'abcde'],
  ['abcde', 'de', 'down', 'abcde'],
  ['abcde', 'ac', 'up', 'acbde'],
] as const)('moving in %s the torrents %s %s gives %s', (order, ids, to, after) => {
  expect(moved(Array.from(order), new Set(ids), to).join('')).toBe(after)
})
