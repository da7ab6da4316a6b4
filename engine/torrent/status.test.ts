import { expect, test } from 'vitest'
import { reasonOf, statusOf, type StatusFacts } from './status.ts'

const RUNNING: StatusFacts = {
  phase: 'running',
  intent: 'run',
  hasMetadata: true,
  isComplete: false,
  down: 1000,
  up: 0,
  quietMs: 0,
  connected: 1,
  connectedSeeds: 1,
  known: 1,
  dialling: 0,
  useful: 1,
  usefulChoking: 0,
  missingSomewhere: false,
  hasTrackers: true,
  wantsNothing: false,
  tracker: undefined,
  error: undefined,
}
const still = { down: 0, quietMs: 60_000 }
const alone = { ...still, connected: 0, connectedSeeds: 0, known: 0, useful: 0 }
const refused = { kind: 'refused', host: 'tracker.example', text: 'unregistered' } as const

test.each<[string, Partial<StatusFacts>, string, string | null]>([
  ['data arrives', {}, 'downloading', null],
  ['complete and asked', { isComplete: true, up: 5 }, 'seeding', null],
  ['complete and nobody asks', { isComplete: true }, 'seeding', 'nobody-asks'],
  ['complete, alone and refused', { isComplete: true, connected: 0, tracker: refused }, 'seeding', 'tracker-refused'],
  ['a magnet without peers', { hasMetadata: false, ...alone }, 'metadata', 'no-peers'],
  ['a magnet with peers', { hasMetadata: false }, 'metadata', null],
  ['nobody known', alone, 'stalled', 'no-peers'],
  ['nobody known and nobody to ask', { ...alone, hasTrackers: false }, 'stalled', 'no-trackers'],
  ['addresses, no connection yet', { ...alone, known: 3 }, 'stalled', 'connecting'],
  ['the tracker says no', { ...alone, tracker: refused }, 'stalled', 'tracker-refused'],
  ['everybody chokes us', { ...still, useful: 2, usefulChoking: 2 }, 'stalled', 'all-busy'],
  ['nobody has what we lack', { ...still, connectedSeeds: 0, useful: 0 }, 'stalled', 'no-seeds'],
  ['every file is skipped', { isComplete: true, wantsNothing: true }, 'seeding', 'nothing-wanted'],
  ['waits for a slot', { phase: 'stopped' }, 'queued', null],
  ['the user paused it', { phase: 'stopped', intent: 'pause' }, 'paused', null],
  ['looks at the disk', { phase: 'checking' }, 'checking', null],
  ['waits for its turn to look', { phase: 'check-queued' }, 'check-queued', null],
  ['says goodbye', { phase: 'stopping' }, 'stopping', null],
  ['gave up', { phase: 'failed' }, 'error', null],
])('%s', (_, facts, status, reason) => {
  const all = { ...RUNNING, ...facts }
  const actual = statusOf(all)
  expect([actual, reasonOf(all, actual)?.kind ?? null]).toEqual([status, reason])
})
