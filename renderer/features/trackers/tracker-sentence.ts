import type { TrackerRow, TrackerState } from '#engine/api/model.ts'
import { formatDuration } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'

/** Colour and glyph of a tracker's state; the sentence says the same in words. */
export type TrackerTone = 'good' | 'waiting' | 'warning' | 'error'

export interface TrackerView {
  readonly tone: TrackerTone
  /** What it last said or did. */
  readonly answer: string
  /** When it is asked again; '' while nobody plans to. */
  readonly next: string
}

const TONES: Record<TrackerState, TrackerTone> = {
  working: 'good',
  announcing: 'waiting',
  waiting: 'waiting',
  off: 'waiting',
  failed: 'warning',
  refused: 'error',
}

/** @param now milliseconds since 1970 */
export function trackerView(tracker: TrackerRow, now: number): TrackerView {
  return { tone: TONES[tracker.state], answer: answerOf(tracker, now), next: nextOf(tracker, now) }
}

function answerOf({ state, message, lastAnnounceAt, nextAnnounceAt, peersReceived }: TrackerRow, now: number): string {
  const said = message === '' ? '' : `“${message}”`
  const ago = lastAnnounceAt === null ? '' : sinceWords(now - lastAnnounceAt)
  const gave = peersReceived === null ? 'Answered' : `Gave ${plural(peersReceived, 'peer', 'peers')}`
  const unasked = nextAnnounceAt === null ? 'Not asked while another one answers' : 'Not asked yet'
  const answers: Record<TrackerState, string> = {
    announcing: 'Being asked…',
    working: join(`${gave} ${ago}`.trim(), said),
    waiting: ago === '' ? unasked : join(`Asked ${ago}`, said),
    failed: said === '' ? `No answer ${ago}`.trim() : join(said, ago),
    refused: said === '' ? `Refused us ${ago}`.trim() : join(`Refused us: ${said}`, ago),
    off: join('Not in use', said),
  }
  return answers[state]
}

function nextOf({ state, nextAnnounceAt }: TrackerRow, now: number): string {
  if (state === 'announcing' || nextAnnounceAt === null) return ''
  return nextAnnounceAt <= now ? 'now' : `in ${waitWords(nextAnnounceAt - now)}`
}

/** Why "Announce now" cannot be pressed; undefined when at least one tracker may be asked. */
export function announceRefusal(trackers: readonly TrackerRow[], isRunning: boolean, now: number): string | undefined {
  if (!isRunning) return 'Paused: resume it to announce'
  const usable = trackers.filter(tracker => tracker.state !== 'off')
  if (usable.length === 0) return 'There is no tracker to ask'
  const waits = usable.map(tracker => (tracker.announceAllowedAt ?? 0) - now)
  const shortest = Math.min(...waits)
  return shortest <= 0 ? undefined : `in ${waitWords(shortest)}`
}

const join = (first: string, second: string) => (second === '' ? first : `${first}, ${second}`)

/** Rounded up to seconds: a countdown ends at 1 s, not at 0. */
const waitWords = (ms: number) => formatDuration(Math.ceil(ms / 1000))

/** "just now", "40 s ago", "5 min ago": one unit, because an hour ago nobody counts seconds. */
function sinceWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 10) return 'just now'
  const unit = seconds < 60 ? 1 : seconds < 3600 ? 60 : seconds < 86_400 ? 3600 : 86_400
  return `${formatDuration(seconds - (seconds % unit))} ago`
}

/** What is wrong with an announce URL, or undefined. */
function trackerUrlProblem(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.hostname === '') return `“${text}” is not a whole address: it begins with https://, http:// or udp://`
  if (!['http:', 'https:', 'udp:'].includes(url.protocol)) {
    return `${url.protocol}// is not spoken here: use https://, http:// or udp://`
  }
  if (url.protocol === 'udp:' && url.port === '') return `“${text}” needs a port, as in udp://host:6969`
  return undefined
}

/** Tiers as edited: one URL a line, a blank line begins the next tier. */
export function parseTiers(text: string): {
  readonly tiers: readonly (readonly string[])[]
  readonly problem?: string
} {
  const tiers: string[][] = []
  for (const block of text.split(/\n\s*\n/)) {
    const urls = block
      .split('\n')
      .map(line => line.trim())
      .filter(Boolean)
    for (const url of urls) {
      const problem = trackerUrlProblem(url)
      if (problem !== undefined) return { tiers: [], problem }
    }
    if (urls.length > 0) tiers.push(urls)
  }
  const seen = new Set<string>()
  for (const url of tiers.flat()) {
    if (seen.has(url)) return { tiers: [], problem: `“${url}” is there twice` }
    seen.add(url)
  }
  return { tiers }
}
