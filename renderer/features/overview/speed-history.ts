/** Rates of the last ten minutes, one a second, sampled in the window: outside Redux, because only graphs read them. */
import type { TorrentId } from '#engine/api/ids.ts'
import { STAT, type StatsState } from '#renderer/engine/stats.ts'

const SECONDS = 600
const RING = SECONDS + 1
/** Torrents that moved lately; the quietest are forgotten above this. 5 KiB each. */
const MOST_TRACKS = 500
/** A longer silence means that the window was hidden: nobody knows what happened meanwhile. */
const LONGEST_GAP = 3

interface Track {
  readonly down: Float32Array
  readonly up: Float32Array
  lastMoved: number
}

export interface Rates {
  readonly down: readonly number[]
  readonly up: readonly number[]
}

export class SpeedHistory {
  readonly #tracks = new Map<TorrentId, Track>()
  #since = Number.NaN
  #last = Number.NaN

  /** @param second whole seconds since any fixed moment */
  record(second: number, stats: StatsState): void {
    if (!(second > this.#last)) {
      if (!Number.isNaN(this.#last)) return
      this.#since = second
    }
    const gap = second - this.#last
    if (gap > LONGEST_GAP) {
      for (const track of this.#tracks.values()) fillUnknown(track, this.#last + 1, Math.min(gap - 1, RING))
      this.#since = second
    }
    for (const id in stats) {
      const row = stats[id]!
      const isMoving = row[STAT.down] > 0 || row[STAT.up] > 0
      const track = this.#tracks.get(id) ?? (isMoving ? this.#open(id, second) : undefined)
      if (!track) continue
      if (isMoving) track.lastMoved = second
      const from = gap > 1 && gap <= LONGEST_GAP ? this.#last + 1 : second
      for (let at = from; at <= second; at++) {
        track.down[at % RING] = row[STAT.down]
        track.up[at % RING] = row[STAT.up]
      }
    }
    for (const [id, track] of this.#tracks)
      if (!stats[id] || second - track.lastMoved > SECONDS) this.#tracks.delete(id)
    this.#last = second
  }

  /** The last `seconds` and now, oldest first; NaN where nobody was looking. */
  read(id: TorrentId, seconds: number): Rates {
    const track = this.#tracks.get(id)
    const down: number[] = []
    const up: number[] = []
    for (let at = this.#last - seconds; at <= this.#last; at++) {
      // Without a track it stood still, as far as we have been looking.
      const still = at >= this.#since ? 0 : Number.NaN
      down.push(track ? track.down[at % RING]! : still)
      up.push(track ? track.up[at % RING]! : still)
    }
    return { down, up }
  }

  #open(id: TorrentId, second: number): Track {
    if (this.#tracks.size >= MOST_TRACKS) this.#forgetQuietest()
    const track: Track = { down: new Float32Array(RING), up: new Float32Array(RING), lastMoved: second }
    const known = Math.min(SECONDS, second - this.#since)
    fillUnknown(track, second - SECONDS, SECONDS - known)
    this.#tracks.set(id, track)
    return track
  }

  #forgetQuietest(): void {
    let quietest: TorrentId | undefined
    let since = Infinity
    for (const [id, track] of this.#tracks) {
      if (track.lastMoved >= since) continue
      since = track.lastMoved
      quietest = id
    }
    if (quietest !== undefined) this.#tracks.delete(quietest)
  }
}

function fillUnknown(track: Track, from: number, count: number): void {
  for (let at = from; at < from + count; at++) {
    track.down[at % RING] = Number.NaN
    track.up[at % RING] = Number.NaN
  }
}

export const speedHistory = new SpeedHistory()

/** Samples once a second while the window can be seen; call once, with the store. */
export function startSpeedHistory(store: { getState(): { readonly stats: StatsState } }): void {
  setInterval(() => {
    if (document.visibilityState === 'visible')
      speedHistory.record(Math.floor(Date.now() / 1000), store.getState().stats)
  }, 1000)
}
