import { expect, test } from 'vitest'
import type { FolderInfo, TorrentPreview } from '#engine/api/commands.ts'
import {
  addRefusal,
  batchFacts,
  batchRows,
  factsOf,
  originOf,
  prioritiesOf,
  roomOf,
  wantedOf,
  type Inspection,
} from './add-plan.ts'

const GIB = 2 ** 30
const plain = (text: string) => text.replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ')

const preview: TorrentPreview = {
  id: 'a'.repeat(40),
  name: 'Shorts',
  kind: 'hybrid',
  infohashV1: 'a'.repeat(40),
  infohashV2: null,
  hasMetadata: true,
  totalSize: 4 * GIB,
  pieceLength: 2 ** 22,
  pieceCount: 1024,
  // Index 1 is padding, which is not listed: positions and indexes differ.
  files: [
    { index: 0, path: 'Shorts/a.mkv', length: 3 * GIB, firstPiece: 0, lastPiece: 767 },
    { index: 2, path: 'Shorts/b.mkv', length: GIB, firstPiece: 768, lastPiece: 1023 },
  ],
  trackers: [['https://tracker.example/a'], ['udp://tracker.example:1']],
  webSeeds: [],
  private: false,
  comment: 'Public domain',
  createdBy: '',
  creationDate: null,
  duplicate: false,
  warnings: [],
  refusal: null,
}
const folder: FolderInfo = { path: '/data/Films', exists: true, writable: true, free: 10 * GIB, total: 20 * GIB }

test('totals and priorities go by file, not by position', () => {
  expect(wantedOf(preview, [2, 0])).toEqual({ bytes: 3 * GIB, files: 1 })
  expect(prioritiesOf(preview, [3, 0])).toEqual([
    [0, 3],
    [2, 0],
  ])
  expect(prioritiesOf(preview)).toEqual([])
})

test.each([
  ['no file is ticked', { priorities: [0, 0] as const }, 'Choose at least one file'],
  ['there is no folder', { saveTo: ' ' }, 'Choose a folder'],
  ['the folder is not whole', { saveTo: 'Films' }, 'Give the whole path, beginning at the root'],
  ['nobody may write there', { folder: { ...folder, writable: false } }, 'Nobody may write in Films from here'],
  ['the engine refuses it', { preview: { ...preview, refusal: 'Pieces of 3 GiB.' } }, 'Pieces of 3 GiB.'],
  ['all is well', {}, undefined],
  ['it is a magnet without files', { preview: { ...preview, hasMetadata: false, files: [] } }, undefined],
])('adding is refused with its reason when %s', (_, given, reason) => {
  const all = { preview, priorities: [2, 2] as const, saveTo: '/data/Films', folder, ...given }
  expect(addRefusal(all.preview, wantedOf(all.preview, all.priorities), all.saveTo, all.folder)).toBe(reason)
})

test('room is told before and after, and what is missing when it is short', () => {
  expect(plain(roomOf(folder, 4 * GIB).words)).toBe('Films: 10.0 GiB free now, 6.0 GiB after')
  expect(roomOf(folder, 4 * GIB).bar).toEqual({ used: 0.5, added: 0.2 })
  expect(plain(roomOf(folder, 12 * GIB).words)).toBe('2.0 GiB more than the 10.0 GiB that are free')
  expect(roomOf({ ...folder, free: null }, 1)).toEqual({ words: '', isShort: false, bar: undefined })
})

test('facts fit one line, and say only what is known', () => {
  expect(plain(factsOf(preview))).toBe('4.0 GiB · 2 files · hybrid v1 and v2 · “Public domain”')
  expect(factsOf({ ...preview, hasMetadata: false, private: true, comment: '' })).toBe('Magnet link · private')
  expect(originOf('x.torrent', { kind: 'url', url: 'https://films.example/x.torrent' })).toBe('From films.example')
})

test('the table puts what cannot be read first, and adds nothing twice', () => {
  const requests = ['ok', 'bad', 'twin', 'here', 'private', 'magnet', 'later'].map(id => ({
    id,
    name: `${id}.torrent`,
  }))
  const ready = (facts: Partial<TorrentPreview>): Inspection => ({ kind: 'ready', preview: { ...preview, ...facts } })
  const inspections = new Map<string, Inspection>([
    ['ok', ready({})],
    ['bad', { kind: 'failed', message: 'Cut off (at byte 41 902)' }],
    ['twin', ready({ name: 'Again' })],
    ['here', ready({ id: 'b', duplicate: true })],
    ['private', ready({ id: 'c', duplicate: true, private: true })],
    ['magnet', ready({ id: 'd', hasMetadata: false, files: [] })],
  ])
  const rows = batchRows(requests, inspections, new Map())
  expect(rows.map(row => [row.id, row.status, row.isAddable])).toEqual([
    ['bad', 'Cut off (at byte 41 902)', false],
    ['ok', 'Ready', true],
    ['twin', 'The same as another one here', false],
    ['here', 'Already here, adds its 2 trackers', true],
    ['private', 'Already here', false],
    ['magnet', 'Finds its files when added', true],
    ['later', 'Reading…', false],
  ])
  expect(batchFacts(rows)).toBe('7 given: 1 being read, 2 ready, 3 already here, 1 cannot be added.')
  expect(batchRows(requests, inspections, new Map([['ok', 'Disk full']]))[0]).toMatchObject({
    id: 'ok',
    status: 'Disk full',
    isAddable: true,
  })
})
