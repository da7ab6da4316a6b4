import { LIMITS } from '#engine/base/limits.ts'
import type { Random } from '#engine/io/random.ts'
import type { AnnounceAnswer, Failure, Refusal, SwarmCounts } from './announce.ts'
import { regularAt, retryAt } from './schedule.ts'

/** One swarm at one tracker by one family: the unit that is announced. Times are `clock.now()` milliseconds. */
export class Route {
  readonly swarm: Uint8Array
  readonly family: 4 | 6
  /** This family reaches the tracker at present, and the swarm is still ours. */
  isUsed = true
  isBusy = false
  /** A request under way has left: the tracker may know us before it says so. */
  isSent = false
  /** The tracker took our `started`. */
  isKnown = false
  isRefused = false
  /** The port that it was told last; 0 before that. */
  port = 0
  /** In a row. */
  failures = 0
  message = ''
  lastAt: number | undefined
  nextAt = -Infinity
  /** The tracker's own wish: `min interval`, `retry in`, Retry-After. */
  heldUntil = -Infinity
  /** A person asked for it. */
  isUrgent = false
  trackerId: Uint8Array | undefined
  counts: SwarmCounts = { seeds: null, leeches: null, completed: null }
  /** The last answer had no counts. */
  lacksCounts = false
  peersReceived: number | null = null

  constructor(swarm: Uint8Array, family: 4 | 6) {
    this.swarm = swarm
    this.family = family
  }

  get isWorking(): boolean {
    return this.lastAt !== undefined && this.failures === 0
  }

  /** When a click may announce. */
  get allowedAt(): number {
    const lastAt = this.lastAt ?? -Infinity
    return Math.max(lastAt + LIMITS.tracker.retryOnClickMs, this.heldUntil)
  }

  settleAnswer(answer: AnnounceAnswer, now: number, random: Random): void {
    this.isKnown = true
    this.isRefused = false
    this.failures = 0
    this.message = answer.warning
    this.lastAt = now
    this.nextAt = regularAt(now, answer.intervalMs, answer.minIntervalMs, random)
    this.heldUntil = now + answer.minIntervalMs
    this.trackerId = answer.trackerId ?? this.trackerId
    this.lacksCounts = answer.seeds === null || answer.leeches === null
    this.setCounts(answer)
    this.peersReceived = answer.peers.length
  }

  settleFailure(failure: Failure | Refusal, now: number, random: Random): void {
    this.isRefused = failure.kind === 'refused'
    this.failures++
    this.message = failure.text
    this.lastAt = now
    this.nextAt = retryAt(now, this.failures, failure.kind, failure.retryInMs, random)
    // After "never" we do not come back by ourselves, but the user may have put right what was wrong.
    if (failure.retryInMs !== undefined && failure.retryInMs !== Infinity) this.heldUntil = this.nextAt
    if (this.isRefused) this.isKnown = false
  }

  /** What is not told stays as it was: an announce often has fewer counts than a scrape. */
  setCounts(counts: SwarmCounts): void {
    this.counts = {
      seeds: counts.seeds ?? this.counts.seeds,
      leeches: counts.leeches ?? this.counts.leeches,
      completed: counts.completed ?? this.counts.completed,
    }
  }
}
