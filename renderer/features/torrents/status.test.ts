import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StatusReason, TorrentRow, TorrentStatus } from '#engine/api/model.ts'
import { sampleRow } from './sample.ts'
import { groupOf, statusOf } from './status.ts'

const words = (over: Partial<TorrentRow>, figures = { checked: 0.128, connected: 3 }) => {
  const { word, group, remedy } = statusOf(sampleRow(over), figures)
  return [word.replace('\u00a0', ' '), group, remedy?.label].filter(Boolean).join(' | ')
}

test.each<[Partial<TorrentRow>, string]>([
  [{ status: 'downloading' }, 'Downloading | downloading'],
  [{ status: 'seeding' }, 'Seeding | seeding'],
  [{ status: 'seeding', reason: { kind: 'nobody-asks' } }, 'Seeding, idle | seeding'],
  [{ status: 'checking' }, 'Checking 12 % | checking'],
  [{ status: 'check-queued' }, 'Waiting to check | checking'],
  [{ status: 'paused' }, 'Paused | paused'],
  [{ status: 'stopping' }, 'Stopping… | paused'],
  [{ status: 'done' }, 'Goal reached | done'],
  [{ status: 'queued', queuePosition: 4 }, 'Queued 4 | queued'],
  [{ status: 'metadata' }, 'Finding files: 3 peers | downloading'],
  [{ status: 'stalled', reason: { kind: 'no-seeds' } }, 'No seeds | stalled'],
  [{ status: 'stalled', reason: { kind: 'nothing-wanted' } }, 'No file chosen | stalled | Choose files…'],
  [
    { status: 'stalled', reason: { kind: 'tracker-refused', host: 'h', text: 'unregistered' } },
    'Refused by tracker: unregistered | attention | Edit trackers…',
  ],
  [{ status: 'error', error: { code: 'DISK_FULL', message: 'Full.' } }, 'Disk full | attention | Try again'],
  [{ status: 'error', error: { code: 'DISK_MISSING', message: '' } }, 'Files not found | attention | Check again'],
  [{ status: 'error', error: { code: 'NEW', message: 'What it was.' } }, 'What it was. | attention | Try again'],
])('%j reads "%s"', (over, expected) => {
  expect(words(over)).toBe(expected)
})

const statuses: readonly TorrentStatus[] = [
  'error',
  'checking',
  'check-queued',
  'paused',
  'done',
  'queued',
  'metadata',
  'stalled',
  'downloading',
  'seeding',
  'stopping',
]
const host = { host: fc.string(), text: fc.string({ maxLength: 20, unit: fc.constantFrom('a', ' ', '.') }) }
const reason: fc.Arbitrary<StatusReason | null> = fc.oneof(
  fc.constantFrom(
    null,
    ...(
      ['no-peers', 'no-seeds', 'all-busy', 'connecting', 'no-trackers', 'nobody-asks', 'nothing-wanted'] as const
    ).map(kind => ({ kind })),
  ),
  fc.record({ kind: fc.constantFrom('tracker-refused' as const, 'tracker-unreachable' as const), ...host }),
)

test('every state has words, one group that the counts agree with, and no figure that is none', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...statuses),
      reason,
      fc.double(),
      fc.integer({ min: 0 }),
      (status, why, checked, connected) => {
        const torrent = sampleRow({ status, reason: why })
        const view = statusOf(torrent, { checked, connected })
        expect(view.word).not.toBe('')
        expect(view.word).not.toMatch(/NaN|Infinity|∞|null|undefined|-\d|None/)
        expect(view.group).toBe(groupOf(torrent))
        expect(view.isProblem && !view.remedy).toBe(false)
      },
    ),
  )
})
