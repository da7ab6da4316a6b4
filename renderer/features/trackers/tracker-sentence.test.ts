import { expect, test } from 'vitest'
import type { TrackerRow } from '#engine/api/model.ts'
import { announceRefusal, parseTiers, trackerView } from './tracker-sentence.ts'

const NOW = 10_000_000
const tracker: TrackerRow = {
  tier: 0,
  url: 'https://tracker.example/announce',
  host: 'tracker.example',
  state: 'working',
  nextAnnounceAt: NOW + 1_490_000,
  announceAllowedAt: null,
  lastAnnounceAt: NOW - 310_000,
  message: '',
  seeds: 412,
  leeches: 96,
  completed: null,
  peersReceived: 50,
}

const plain = (text: string) => text.replaceAll('\u00a0', ' ')

test.each<[string, string, Partial<TrackerRow>]>([
  ['Gave 50 peers 5 min ago', 'in 24 min 50 s', {}],
  [
    'Gave 1 peer just now, “slow down”',
    'in 24 min 50 s',
    { peersReceived: 1, lastAnnounceAt: NOW, message: 'slow down' },
  ],
  ['Being asked…', '', { state: 'announcing' }],
  ['Not asked yet', 'now', { state: 'waiting', lastAnnounceAt: null, nextAnnounceAt: NOW }],
  ['Not asked while another one answers', '', { state: 'waiting', lastAnnounceAt: null, nextAnnounceAt: null }],
  [
    '“connection refused”, 2 h ago',
    'in 30 s',
    { state: 'failed', message: 'connection refused', lastAnnounceAt: NOW - 7_300_000, nextAnnounceAt: NOW + 29_100 },
  ],
  [
    'Refused us: “unregistered torrent”, 5 min ago',
    '',
    { state: 'refused', message: 'unregistered torrent', nextAnnounceAt: null },
  ],
])('%s · %s', (answer, next, facts) => {
  const view = trackerView({ ...tracker, ...facts }, NOW)
  expect([plain(view.answer), plain(view.next)]).toEqual([answer, next])
})

test('announcing waits for the first tracker that allows it, and says how long', () => {
  const refusal = (...allowed: (number | null)[]) =>
    announceRefusal(
      allowed.map(announceAllowedAt => ({ ...tracker, announceAllowedAt })),
      true,
      NOW,
    )
  expect(plain(refusal(NOW + 400_000, NOW + 250_000) ?? '')).toBe('in 4 min 10 s')
  expect(refusal(NOW + 400_000, null)).toBeUndefined()
  expect(refusal()).toBe('There is no tracker to ask')
  expect(announceRefusal([tracker], false, NOW)).toBe('Paused: resume it to announce')
})

test('a blank line begins the next tier', () => {
  expect(parseTiers('https://a.example/x\n udp://b.example:1337 \n\n\n  \nhttp://c.example\n')).toEqual({
    tiers: [['https://a.example/x', 'udp://b.example:1337'], ['http://c.example']],
  })
  expect(parseTiers('  \n ')).toEqual({ tiers: [] })
})

test.each([
  ['a.example/announce', /not a whole address/],
  ['ftp://a.example/x', /not spoken here/],
  ['udp://a.example', /needs a port/],
  ['https://a.example\nhttps://a.example', /there twice/],
])('refuses %j', (text, problem) => {
  expect(parseTiers(text).problem).toMatch(problem)
})
