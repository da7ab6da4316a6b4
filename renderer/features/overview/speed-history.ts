/** Rates of the last ten minutes, one a second, sampled in the window: outside Redux, because only graphs read them. */
import type { TorrentId } from '#engine/api/ids.ts'
import { STAT, type StatsState } from '#renderer/engine/stats.ts'

const SECONDS = 600
const RING = SECONDS + 1
/** Torrents that moved lately; above this one is forgotten for another only if it rests. 5 KiB each. */
const MOST_TRACKS = 500
/** Seconds without movement before a track gives way. */
const REST = 10
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
  /** The second in which a moving torrent last got no track: without one, nothing is known up to then. */
  #fullAt = Number.NEGATIVE_INFINITY
  /** Somebody looks at this one: it gets a track even if none is free. */
  #asked: TorrentId | undefined

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
    let isFull = false
    for (const id in stats) {
      const row = stats[id]!
      const isMoving = row[STAT.down] > 0 || row[STAT.up] > 0
      let track = this.#tracks.get(id)
      if (!track && isMoving && (!isFull || id === this.#asked)) {
        track = this.#open(id, second)
        isFull ||= !track
      }
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
    if (isFull) this.#fullAt = second
    this.#last = second
  }

  /** The last `seconds` and now, oldest first; NaN where nobody was looking. */
  read(id: TorrentId, seconds: number): Rates {
    this.#asked = id
    const track = this.#tracks.get(id)
    const since = this.#knownSince()
    const down: number[] = []
    const up: number[] = []
    for (let at = this.#last - seconds; at <= this.#last; at++) {
      // Without a track it stood still, as far as we have been looking.
      const still = at >= since ? 0 : Number.NaN
      down.push(track ? track.down[at % RING]! : still)
      up.push(track ? track.up[at % RING]! : still)
    }
    return { down, up }
  }

  /** The first second from which a torrent without a track is known to have stood still. */
  #knownSince(): number {
    return Math.max(this.#since, this.#fullAt + 1)
  }

  /** Undefined when all tracks are in use by torrents that move. */
  #open(id: TorrentId, second: number): Track | undefined {
    if (this.#tracks.size >= MOST_TRACKS && !this.#forgetQuietest(id === this.#asked ? second : second - REST)) {
      return undefined
    }
    const track: Track = { down: new Float32Array(RING), up: new Float32Array(RING), lastMoved: second }
    const known = Math.max(0, Math.min(SECONDS, second - this.#knownSince()))
    fillUnknown(track, second - SECONDS, SECONDS - known)
    this.#tracks.set(id, track)
    return track
  }

  /** @param before only one that did not move from then on */
  #forgetQuietest(before: number): boolean {
    let quietest: TorrentId | undefined
    let since = before + 1
    for (const [id, track] of this.#tracks) {
      if (track.lastMoved >= since || id === this.#asked) continue
      since = track.lastMoved
      quietest = id
    }
    return quietest !== undefined && this.#tracks.delete(quietest)
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
