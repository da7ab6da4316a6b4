import { toEngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { HttpResponse } from '#engine/io/http.ts'
import { retryAfterMs } from '#engine/io/retry-after.ts'
import type { RangePart } from './range-plan.ts'

/** What an answer comes to. */
export type Verdict =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Not at the moment. `retryInMs` is what the server asks for. */
  | { readonly kind: 'later'; readonly reason: string; readonly retryInMs?: number | undefined }
  /** Not this file. */
  | { readonly kind: 'missing'; readonly reason: string }
  /** Nothing that we could use will come from there. */
  | { readonly kind: 'useless'; readonly reason: string }

/** Bytes that an answer may have: what was asked for, a small file whole, or a page that says what is wrong. */
export const mostBytesOf = (part: RangePart, fileLength: number): number =>
  Math.max(lengthOf(part), fileLength <= LIMITS.webSeed.wholeBytes ? fileLength : 0, LIMITS.webSeed.errorPageBytes)

const lengthOf = ({ from, to }: RangePart): number => to - from + 1

/**
 * Takes the bytes of a part from an answer, or says why not.
 * @param fileLength bytes of the whole file, as the torrent has it
 * @param wall milliseconds since 1970
 */
export function judgeAnswer(response: HttpResponse, part: RangePart, fileLength: number, wall: number): Verdict {
  const { status, headers, body } = response
  if (status === 206 || status === 200) {
    // Ranges of an encoded file are not ranges of the file.
    const encoding = headers['content-encoding'] ?? 'identity'
    if (!/^\s*identity\s*$/i.test(encoding)) return useless('compresses what it sends')
    return status === 206
      ? judgePart(headers['content-range'], body, part, fileLength)
      : judgeWhole(body, part, fileLength)
  }
  const reason = `answers with HTTP status ${status}`
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    return { kind: 'later', reason, retryInMs: retryAfterMs(headers['retry-after'], wall) }
  }
  if (status === 416) return useless('has a file of another length')
  if (status >= 400) return { kind: 'missing', reason }
  return useless(reason)
}

function judgePart(range: string | undefined, body: Uint8Array, part: RangePart, fileLength: number): Verdict {
  const [, first, last, total] = /^\s*bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)\s*$/i.exec(range ?? '') ?? []
  if (Number(first) !== part.from || Number(last) !== part.to) return useless('sends other bytes than were asked for')
  if (total !== '*' && Number(total) !== fileLength) {
    return useless(`has a file of ${total} bytes where the torrent has ${fileLength}`)
  }
  // An honest server may have been cut off behind a proxy that did not notice.
  if (body.length !== lengthOf(part)) return { kind: 'later', reason: 'sends less than it promises' }
  return { kind: 'bytes', bytes: body }
}

/** A server that knows no ranges sends the whole file: good when that is what we want, or little. */
function judgeWhole(body: Uint8Array, part: RangePart, fileLength: number): Verdict {
  const isWanted = lengthOf(part) === fileLength || fileLength <= LIMITS.webSeed.wholeBytes
  if (!isWanted) return useless('does not send parts of files')
  if (body.length !== fileLength)
    return useless(`has a file of ${body.length} bytes where the torrent has ${fileLength}`)
  return { kind: 'bytes', bytes: body.subarray(part.from, part.to + 1) }
}

/** What a request that got no answer comes to. */
export function judgeFailure(thrown: unknown): Verdict {
  const error = toEngineError(thrown)
  switch (error.code) {
    case 'ADDRESS_FORBIDDEN':
      return useless('leads to a local address, which a torrent may not contact by itself')
    case 'HTTP_REDIRECT':
      return useless('leads to nowhere by redirects')
    case 'HTTP_TOO_LARGE':
      return useless('sends more than was asked for, or does not send parts of files')
    case 'INVALID_INPUT':
      return useless('has no usable address')
    case 'HTTP_TIMEOUT':
      return { kind: 'later', reason: 'does not answer in time' }
    case 'DNS_FAILED':
    case 'CONNECT_FAILED':
    case 'CONNECT_TIMEOUT':
      return { kind: 'later', reason: 'cannot be reached' }
    default:
      return { kind: 'later', reason: error.message }
  }
}

const useless = (reason: string): Verdict => ({ kind: 'useless', reason })
