import { type ErrorCode, toEngineError } from '#engine/base/errors.ts'
import type { Failure } from './announce.ts'
import { maskText } from './mask.ts'
import { cutText } from './text.ts'
import type { TrackerUrl } from './tracker-url.ts'

const SENTENCES: Partial<Record<ErrorCode, (host: string) => string>> = {
  DNS_FAILED: host => `The address of ${host} could not be found.`,
  CONNECT_FAILED: host => `${host} could not be reached.`,
  CONNECT_TIMEOUT: host => `${host} did not answer in time.`,
  HTTP_TIMEOUT: host => `${host} did not answer in time.`,
  TRACKER_TIMEOUT: host => `${host} did not answer in time.`,
  HTTP_TOO_LARGE: host => `${host} sent an answer that is too long for a tracker.`,
  TRACKER_INVALID: host => `${host} sent an answer that is not a tracker's.`,
  ADDRESS_FORBIDDEN: host =>
    `${host} leads to a local address, which a torrent may not contact by itself. Add the tracker yourself or allow local trackers in the settings.`,
}

/** What a request that threw comes to: an end that was asked for, or what went wrong on the way. */
export function failedResult(tracker: TrackerUrl, thrown: unknown, signal: AbortSignal): Failure | { kind: 'aborted' } {
  const error = toEngineError(thrown)
  if (signal.aborted || error.code === 'ABORTED') return { kind: 'aborted' }
  const sentence = SENTENCES[error.code]?.(tracker.host)
  // Texts of the network may hold the URL, and that the passkey.
  const text = sentence ?? cutText(`${tracker.host} could not be asked: ${maskText(error.message)}`)
  return { kind: 'failed', code: error.code, text, retryInMs: undefined }
}
