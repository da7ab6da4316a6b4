import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { MemoryFiles } from '#engine/testing/memory-files.ts'
import { Recorder } from './recorder.ts'
import { freshResume } from './state/model.ts'
import type { StoredTorrent } from './state/records.ts'
import { StateStore } from './state/state-store.ts'

const ID = 'a'.repeat(40)
const settled = () => new Promise(resolve => setTimeout(resolve))

async function recording() {
  const files = new MemoryFiles()
  const { store } = await StateStore.open(files, '/state')
  const torrent: StoredTorrent = {
    id: ID,
    magnet: null,
    savePath: '/downloads',
    addedAt: 0,
    intent: 'run',
    sequential: false,
    limitDown: 0,
    limitUp: 0,
    trackers: [],
    trackersByUser: false,
    skipCheck: false,
    stopAfterMetadata: false,
    resume: null,
  }
  await store.append([{ kind: 'torrent', torrent }])
  const failures: string[] = []
  const recorder = new Recorder(store, {
    resumeOf: () => ({ ...freshResume(null), uploaded: 99 }),
    pieceCountOf: () => 16,
    onFailure: error => failures.push(error.code),
  })
  const tick = async (now: number) => {
    recorder.tick(now)
    await settled()
  }
  const resume = () => store.torrents.get(ID)!.resume
  files.journal.length = 0
  return { files, recorder, failures, tick, resume }
}

test('claims of a moment share one write and one sync', async () => {
  const { files, recorder, tick, resume } = await recording()
  recorder.claim(ID, [0, 1], 1000)
  await tick(1100)
  expect(files.journal).toEqual([])
  recorder.claim(ID, [9], 1150)
  await tick(1300)
  expect(files.journal).toEqual(['append /state/journal-1', 'sync /state/journal-1'])
  expect(resume()?.have).toEqual(Uint8Array.of(0b1100_0000, 0b0100_0000))
})

test('counters are written every thirty seconds, if anything moved', async () => {
  const { files, recorder, tick, resume } = await recording()
  await tick(60_000)
  expect(files.journal).toEqual([])
  recorder.markCounters(ID)
  await tick(60_100)
  expect(resume()?.uploaded).toBe(99)
  recorder.markCounters(ID)
  await tick(89_000)
  expect(files.journal).toHaveLength(2)
  await tick(90_200)
  expect(files.journal).toHaveLength(4)
})

test('nothing is claimed before the .torrent of a magnet is on disk', async () => {
  const { recorder, tick, resume } = await recording()
  let save = () => {}
  recorder.hold(ID, new Promise<void>(resolve => (save = resolve)))
  recorder.claim(ID, [3], 0)
  await tick(1000)
  expect(resume()).toBeNull()
  save()
  await settled()
  await tick(2000)
  expect(resume()?.have).toEqual(Uint8Array.of(0b0001_0000, 0))
})

test('what could not be written is kept and tried again, and people hear of it once', async () => {
  const { files, recorder, failures, tick, resume } = await recording()
  files.failure = new EngineError('DISK_FULL', 'disk', 'no space')
  recorder.claim(ID, [0], 0)
  recorder.note({ kind: 'change', id: ID, changes: { intent: 'pause' } })
  for (const now of [1000, 2000, 7000, 13_000]) await tick(now)
  expect([failures, resume()]).toEqual([['DISK_FULL'], null])
  files.failure = undefined
  await tick(20_000)
  expect(resume()?.have).toEqual(Uint8Array.of(0b1000_0000, 0))
})

test('the end waits for nothing but what is being written', async () => {
  const { recorder, resume } = await recording()
  recorder.claim(ID, [15], 0)
  recorder.markCounters(ID)
  await recorder.finish(1)
  expect(resume()).toMatchObject({ have: Uint8Array.of(0, 1), uploaded: 99 })
})
