import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { MemoryFiles } from '#engine/testing/memory-files.ts'
import { crc32 } from './crc32.ts'
import { frameRecord, readRecords } from './framing.ts'
import { applyRecord, freshResume, type StateModel } from './model.ts'
import { encodeRecord, parseRecord, type StateRecord, type StoredTorrent } from './records.ts'
import { StateStore } from './state-store.ts'

const FOLDER = '/data/state'
const idOf = (n: number) => n.toString(16).padStart(40, '0')

const torrent = (n: number): StoredTorrent => ({
  id: idOf(n),
  magnet: n % 2 === 0 ? `magnet:?xt=urn:btih:${idOf(n)}` : null,
  savePath: '/downloads/ü',
  addedAt: 1000 + n,
  intent: 'run',
  sequential: false,
  limitDown: 0,
  limitUp: 5,
  trackers: [['http://tracker.example/announce'], []],
  trackersByUser: false,
  skipCheck: false,
  stopAfterMetadata: n % 2 === 0,
  resume: null,
})

const counters = {
  downloaded: 5,
  uploaded: 6,
  corrupt: 0,
  redundant: 1,
  activeSeconds: 2,
  seedingSeconds: 0,
  completedAt: null,
  peers: ['10.0.0.1:6881'],
}

/** One of each kind, and a torrent removed and moved. */
const story: StateRecord[] = [
  { kind: 'torrent', torrent: torrent(1) },
  { kind: 'torrent', torrent: torrent(2) },
  { kind: 'torrent', torrent: torrent(3) },
  { kind: 'change', id: idOf(2), changes: { intent: 'pause', magnet: null, trackers: [['udp://t.example:1']] } },
  { kind: 'pieces', id: idOf(1), pieceCount: 12, pieces: [0, 11] },
  { kind: 'counters', id: idOf(1), counters },
  {
    kind: 'resume',
    id: idOf(3),
    resume: {
      ...freshResume(Uint8Array.of(2, 0)),
      have: Uint8Array.of(0x80),
      clean: true,
      stamps: [{ size: 7, mtimeMs: 1.5 }, undefined],
    },
  },
  { kind: 'queue', order: [idOf(3), idOf(1)] },
  { kind: 'pieces', id: idOf(1), pieceCount: 12, pieces: [5] },
  { kind: 'unclean', id: idOf(3) },
  { kind: 'removed', id: idOf(2) },
]

function modelAfter(records: readonly StateRecord[]): StoredTorrent[] {
  const model: StateModel = new Map()
  for (const record of records) applyRecord(model, record)
  return [...model.values()]
}

async function opened(files: MemoryFiles) {
  const { store, problems } = await StateStore.open(files, FOLDER)
  return { store, problems, torrents: [...store.torrents.values()] }
}

async function written(records = story) {
  const files = new MemoryFiles()
  const { store } = await opened(files)
  for (const record of records) await store.append([record])
  return { files, store }
}

test('checksums are those of the standard', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
})

test.each(story.map(record => [record.kind, record] as const))('a record of kind %s survives the disk', (_, record) => {
  const { records } = readRecords(frameRecord(encodeRecord(record)))
  expect(records.map(parseRecord)).toEqual([record])
})

test('what was appended is there after a restart', async () => {
  const { files } = await written()
  expect(await opened(files)).toMatchObject({ problems: [], torrents: modelAfter(story) })
})

test('a journal cut at any byte is the story up to the last whole record, and can be continued', async () => {
  const { files } = await written()
  const path = `${FOLDER}/journal-1`
  const bytes = files.contents.get(path)!
  const ends = story.map((_, at) =>
    story.slice(0, at + 1).reduce((sum, record) => sum + frameRecord(encodeRecord(record)).length, 0),
  )
  for (let cut = 0; cut <= bytes.length; cut++) {
    const crashed = files.copy()
    crashed.contents.set(path, bytes.slice(0, cut))
    const whole = story.slice(0, ends.filter(end => end <= cut).length)
    const { store, problems, torrents } = await opened(crashed)
    expect({ cut, problems, torrents }).toEqual({ cut, problems: [], torrents: modelAfter(whole) })
    await store.append([{ kind: 'torrent', torrent: torrent(9) }])
    const again = [...whole, { kind: 'torrent', torrent: torrent(9) } as const]
    expect((await opened(crashed)).torrents).toEqual(modelAfter(again))
  }
})

test('a tail of zeros, as a power cut leaves it, is cut without a word', async () => {
  const { files } = await written()
  const path = `${FOLDER}/journal-1`
  const bytes = files.contents.get(path)!
  const grown = new Uint8Array(bytes.length + 100)
  grown.set(bytes.subarray(0, -3))
  files.contents.set(path, grown)
  expect(await opened(files)).toMatchObject({ problems: [], torrents: modelAfter(story.slice(0, -1)) })
})

test('a damaged record in the middle costs itself only, is kept aside, and its torrent is checked again', async () => {
  const stamped: StateRecord = {
    kind: 'resume',
    id: idOf(1),
    resume: { ...freshResume(null), have: Uint8Array.of(0xff), stamps: [{ size: 1, mtimeMs: 2 }] },
  }
  const other: StateRecord = { ...stamped, id: idOf(3) }
  const lost: StateRecord = { kind: 'change', id: idOf(1), changes: { limitUp: 77 } }
  const all = [...story, stamped, other, lost, { kind: 'torrent', torrent: torrent(5) } as const]
  const { files } = await written(all)
  const path = `${FOLDER}/journal-1`
  const bytes = files.contents.get(path)!
  bytes[new TextDecoder('latin1').decode(bytes).indexOf('"limitUp":77') + 3] = 0x7a
  const { problems, torrents } = await opened(files)
  expect(problems).toHaveLength(1)
  expect(torrents.map(({ id, limitUp, resume }) => [id, limitUp, resume?.stamps])).toEqual([
    [idOf(3), 5, [{ size: 1, mtimeMs: 2 }]],
    [idOf(1), 5, null],
    [idOf(5), 5, undefined],
  ])
  expect(files.contents.has(`${FOLDER}/set-aside-1`)).toBe(true)
  // Behind damage a fresh snapshot was made: the next start has nothing to say.
  expect((await opened(files)).problems).toEqual([])
})

test('a snapshot takes over from the journal, and the generation before it is kept', async () => {
  const { files, store } = await written()
  await store.compact()
  await store.append([{ kind: 'torrent', torrent: torrent(4) }])
  await store.compact()
  await store.append([{ kind: 'torrent', torrent: torrent(6) }])
  expect(await files.list(FOLDER)).toEqual(['journal-2', 'journal-3', 'snapshot-2', 'snapshot-3'])
  const all = [...story, { kind: 'torrent', torrent: torrent(4) }, { kind: 'torrent', torrent: torrent(6) }] as const
  expect((await opened(files)).torrents).toEqual(modelAfter(all))
})

test('a snapshot damaged anywhere is replaced by the generation before it, and nothing is lost', async () => {
  const { files, store } = await written()
  await store.compact()
  await store.append([{ kind: 'torrent', torrent: torrent(4) }])
  const expected = modelAfter([...story, { kind: 'torrent', torrent: torrent(4) }])
  const bytes = files.contents.get(`${FOLDER}/snapshot-2`)!
  for (let at = 0; at < bytes.length; at++) {
    const damaged = files.copy()
    damaged.contents.get(`${FOLDER}/snapshot-2`)![at]! ^= 0xff
    const { problems, torrents } = await opened(damaged)
    expect({ at, count: problems.length, torrents }).toEqual({ at, count: 1, torrents: expected })
    const cut = files.copy()
    cut.contents.set(`${FOLDER}/snapshot-2`, bytes.slice(0, at))
    expect((await opened(cut)).torrents).toEqual(expected)
  }
})

test('when one record of the only snapshot is bad, all others load', async () => {
  const { files, store } = await written(
    Array.from({ length: 100 }, (_, n) => ({ kind: 'torrent', torrent: torrent(n + 1) })),
  )
  await store.compact()
  files.contents.delete(`${FOLDER}/journal-1`)
  files.contents.get(`${FOLDER}/snapshot-2`)![500]! ^= 1
  const { problems, torrents } = await opened(files)
  expect([problems.length, torrents.length]).toEqual([1, 99])
  expect(files.contents.has(`${FOLDER}/snapshot-2.damaged`)).toBe(true)
})

test('a record of a later version is set aside and said', async () => {
  const { files } = await written()
  const path = `${FOLDER}/journal-1`
  const strange = frameRecord({ version: 9, type: 200, payload: Uint8Array.of(1) })
  const bytes = files.contents.get(path)!
  files.contents.set(path, Uint8Array.from([...bytes, ...strange]))
  const { problems, torrents } = await opened(files)
  expect([problems.length, torrents]).toEqual([1, modelAfter(story)])
})

test('an append that fails is not remembered, and the next one works', async () => {
  const { files, store } = await written()
  files.failure = new EngineError('DISK_FULL', 'disk', 'no space')
  await expect(store.append([{ kind: 'removed', id: idOf(1) }])).rejects.toMatchObject({ code: 'DISK_FULL' })
  files.failure = undefined
  await store.append([{ kind: 'torrent', torrent: torrent(8) }])
  const expected = modelAfter([...story, { kind: 'torrent', torrent: torrent(8) }])
  expect([...store.torrents.values()]).toEqual(expected)
  expect((await opened(files)).torrents).toEqual(expected)
})

test('any bytes are read as good records, damage and a tail', async () => {
  const bytes = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom(...story).map(record => frameRecord(encodeRecord(record))),
    ),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(bytes, async parts => {
      const files = new MemoryFiles()
      files.contents.set(`${FOLDER}/journal-1`, Uint8Array.from(parts.flatMap(part => [...part])))
      const first = await opened(files)
      const second = await opened(files)
      expect(second.torrents).toEqual(first.torrents)
    }),
    { numRuns: 200 },
  )
})
