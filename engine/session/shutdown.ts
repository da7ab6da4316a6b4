/** The order of goodbye. Nothing in it may keep the program open beyond its deadline. */
import { toEngineError } from '#engine/base/errors.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Log } from '#engine/io/log.ts'
import type { TrackerService } from '#engine/tracker/tracker-service.ts'
import type { Discovery } from './discovery.ts'
import type { Listener } from './listen.ts'
import type { Reach } from './reach.ts'
import type { Recorder } from './recorder.ts'
import type { StateStore } from './state/state-store.ts'
import type { TorrentLike } from './torrent-like.ts'

/** Trackers and peers get this long to hear of it, in ms. */
const GOODBYE_MS = 2000

export interface Ending {
  readonly clock: Clock
  readonly log: Log
  readonly deadlineMs: number
  readonly listener: Listener
  readonly torrents: readonly TorrentLike[]
  readonly recorder: Recorder
  readonly store: StateStore
  readonly trackers: TrackerService
  readonly discovery: Discovery
  readonly reach: Reach
}

export async function shutDown(ending: Ending): Promise<void> {
  const { clock, torrents, recorder, store } = ending
  const endsAt = clock.now() + ending.deadlineMs
  const left = () => Math.max(0, endsAt - clock.now())
  ending.listener.close()
  await inTime(ending, 'stopping torrents', left(), async () => {
    const wait = Math.min(GOODBYE_MS, left())
    await Promise.all(torrents.filter(torrent => torrent.isActive).map(torrent => torrent.stop(wait)))
  })
  ending.trackers.close()
  await inTime(ending, 'leaving the DHT and the router', Math.max(left(), 500), async () => {
    await Promise.all([ending.discovery.end(), ending.reach.end()])
  })
  // Whatever the deadline says: claims that are synced cost one write, and forgetting them costs the user much more.
  await inTime(ending, 'saving progress', Math.max(left(), 1000), () => recorder.finish(clock.now()))
  await inTime(ending, 'saving the list', Math.max(left(), 1000), async () => {
    if (ending.deadlineMs > 0) await store.compact()
    await store.close()
  })
}

/** Runs one step, at most so long; what goes wrong is logged, and the next step follows. */
function inTime({ clock, log }: Ending, what: string, ms: number, step: () => Promise<void>): Promise<void> {
  return new Promise(resolve => {
    const timer = clock.after(ms, () => {
      log.write('warn', 'shutdown', `${what} took too long`)
      resolve()
    })
    const done = () => {
      timer[Symbol.dispose]()
      resolve()
    }
    step().then(done, (thrown: unknown) => {
      log.write('error', 'shutdown', `${what}: ${toEngineError(thrown).message}`)
      done()
    })
  })
}
