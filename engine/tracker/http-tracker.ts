import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Http, HttpResponse } from '#engine/io/http.ts'
import { retryAfterMs } from '#engine/io/retry-after.ts'
import { trackerAddressRule } from './address-rule.ts'
import type { Announce, AnnounceResult, Failure, LocalPermission, Refusal, ScrapeResult } from './announce.ts'
import { failedResult } from './failure-text.ts'
import { announceAnswer, announceUrl, parseBody, refusalOf } from './http-codec.ts'
import { scrapeCounts, scrapeHref, scrapeUrl } from './scrape.ts'
import type { TrackerUrl } from './tracker-url.ts'
import { usablePeers } from './usable-peers.ts'

export interface HttpTrackerIo {
  readonly http: Http
  readonly userAgent: string
  /** Milliseconds since 1970, for dates in Retry-After. */
  wall(): number
}

/** One announce over HTTP (BEP 3, 23). Never throws. */
export async function announceHttp(
  io: HttpTrackerIo,
  tracker: TrackerUrl,
  family: 4 | 6,
  permission: LocalPermission,
  announce: Announce,
  signal: AbortSignal,
): Promise<AnnounceResult> {
  try {
    const response = await get(io, tracker, announceUrl(tracker.href, announce), family, permission, signal)
    const body = readBody(io, tracker, response)
    if ('kind' in body) return body
    const answer = announceAnswer(body)
    return { kind: 'answer', answer: { ...answer, peers: usablePeers(answer.peers, response.remoteAddress) } }
  } catch (thrown) {
    return failedResult(tracker, thrown, signal)
  }
}

/** One scrape over HTTP (BEP 48). Never throws. */
export async function scrapeHttp(
  io: HttpTrackerIo,
  tracker: TrackerUrl,
  family: 4 | 6,
  permission: LocalPermission,
  hashes: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<ScrapeResult> {
  try {
    const href = scrapeHref(tracker)
    if (!href) throw new EngineError('UNSUPPORTED', 'tracker', 'no address to scrape at')
    const response = await get(io, tracker, scrapeUrl(href, hashes), family, permission, signal)
    const body = readBody(io, tracker, response)
    return 'kind' in body ? body : { kind: 'counts', counts: scrapeCounts(body, hashes) }
  } catch (thrown) {
    return failedResult(tracker, thrown, signal)
  }
}

function get(
  io: HttpTrackerIo,
  tracker: TrackerUrl,
  url: string,
  family: 4 | 6,
  permission: LocalPermission,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return io.http.get(
    {
      url,
      headers: { 'user-agent': io.userAgent },
      family,
      maxBytes: LIMITS.http.trackerBytes,
      maxRedirects: LIMITS.http.trackerRedirects,
      totalMs: LIMITS.http.totalMs,
      silentMs: LIMITS.http.silentMs,
      allow: trackerAddressRule(tracker, permission),
    },
    signal,
  )
}

/** The dictionary of a good answer; else what the tracker or its server said instead. @throws EngineError TRACKER_INVALID */
function readBody(
  io: HttpTrackerIo,
  tracker: TrackerUrl,
  response: HttpResponse,
): ReturnType<typeof parseBody> | Refusal | Failure {
  const retryInMs = retryAfterMs(response.headers['retry-after'], io.wall())
  const isGood = response.status >= 200 && response.status < 300
  if (!isGood) {
    // Many trackers send their bencoded reason with an error status.
    const reason = reasonIn(response.body)
    if (reason) return { ...reason, retryInMs: reason.retryInMs ?? retryInMs }
    if (response.status === 401 || response.status === 403) {
      return { kind: 'refused', text: `access denied (HTTP status ${response.status})`, retryInMs }
    }
    return { kind: 'failed', code: 'HTTP_STATUS', text: statusText(tracker.host, response.status), retryInMs }
  }
  const body = parseBody(response.body)
  return refusalOf(body) ?? body
}

function reasonIn(body: Uint8Array): Refusal | undefined {
  try {
    return refusalOf(parseBody(body))
  } catch {
    return undefined // a web page, most likely: the status says enough
  }
}

function statusText(host: string, status: number): string {
  if (status === 429 || status === 503)
    return `${host} is overloaded (HTTP status ${status}) and will be asked again later.`
  if (status === 404) return `${host} has no tracker at this URL (HTTP status 404).`
  return `${host} answered with HTTP status ${status}.`
}
