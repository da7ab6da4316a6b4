import { LIMITS } from '#engine/base/limits.ts'
import type { Random } from '#engine/io/random.ts'

const DEFAULT_INTERVAL_S = 1800
const MINUTE = 60_000
/** BEP 15 ends at 15·2^8 s, and HTTP trackers deserve no less patience. */
const LONGEST_BACKOFF_MS = 15_000 * 2 ** 8

const clampMs = (ms: number) => Math.min(Math.max(ms, LIMITS.tracker.intervalMinMs), LIMITS.tracker.intervalMaxMs)

/** A tracker's interval in seconds, as milliseconds within a minute and a day; half an hour when it names none. */
export function intervalMs(seconds: number | undefined): number {
  return clampMs((seconds ?? DEFAULT_INTERVAL_S) * 1000)
}

/** A tracker's `min interval` in seconds, as milliseconds; 0 when it names none. */
export function minIntervalMs(seconds: number | undefined): number {
  return seconds === undefined || seconds <= 0 ? 0 : clampMs(seconds * 1000)
}

/** When the next regular announce is due. Never before the interval; a little later, so that torrents drift apart. */
export function regularAt(now: number, intervalMs: number, minIntervalMs: number, random: Random): number {
  const wait = Math.max(intervalMs, minIntervalMs)
  return now + wait + random.next() * Math.min(wait / 20, MINUTE)
}

/**
 * When to try again after `failures` in a row (1 or more): a minute doubling to an hour, five minutes for a refusal.
 * @param retryInMs what the tracker asked for; Infinity is "never"
 */
export function retryAt(
  now: number,
  failures: number,
  kind: 'failed' | 'refused',
  retryInMs: number | undefined,
  random: Random,
): number {
  if (retryInMs === Infinity) return Infinity
  if (retryInMs !== undefined) return now + clampMs(retryInMs) + random.next() * MINUTE
  const first = kind === 'refused' ? 5 * MINUTE : MINUTE
  const wait = Math.min(first * 2 ** Math.min(failures - 1, 10), LONGEST_BACKOFF_MS)
  // A tracker goes down for the whole swarm at once; jitter keeps us from coming back in step.
  return now + wait + (random.next() * wait) / 4
}
