import { strictText, utf8 } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'

/** A tracker that we can talk to (BEP 3, 15), or `undefined`. The spelling stays: passkeys are compared by trackers. */
export function trackerUrl(text: string): string | undefined {
  return usable(text, /^(?:https?|udp):\/\/[^/]/i)
}

/** A web seed that we can read from (BEP 19), percent-encoded where the torrent was not, or `undefined`. */
export function webSeedUrl(text: string): string | undefined {
  return usable(escapeUrl(text), /^https?:\/\/[^/]/i)
}

/**
 * What a torrent lists among trackers or web seeds, as far as it can be shown: also WebSocket trackers, which we do not speak,
 * and bare `host:port/path`. Schemes that make a browser or a shell do something are left out.
 */
export function listedUrl(text: string): string | undefined {
  const trimmed = trimmedOf(text)
  if (/^(?:https?|udp|wss?):/i.test(trimmed)) return usable(trimmed, /^[a-z]+:\/\/[^/]/i)
  const hasScheme = /^[a-z][a-z0-9+.-]*:(?!\d+(?:\/|$))/i.test(trimmed)
  return trimmed === '' || hasScheme || !isPrintable(trimmed) ? undefined : trimmed
}

/** URLs of a list of strings, in order: what is not UTF-8 is no URL. */
export const textsOf = (list: readonly Uint8Array[]): string[] =>
  list.map(strictText).filter(text => text !== undefined)

/** Some writers leave blanks before or line breaks after a URL; what is left is judged, and contacted. */
const trimmedOf = (text: string) => text.replace(/^\s+|[\s\0]+$/g, '')

const isPrintable = (text: string) =>
  text.length <= LIMITS.metainfo.textChars && !/[\p{Cc}\p{Cs}\p{Cf}\s\\]/u.test(text)

function usable(text: string, form: RegExp): string | undefined {
  const trimmed = trimmedOf(text)
  if (!form.test(trimmed) || !isPrintable(trimmed)) return undefined
  try {
    return new URL(trimmed).hostname === '' ? undefined : trimmed
  } catch {
    return undefined
  }
}

/** Blanks and what is not ASCII as %xx; what is encoded already stays. */
function escapeUrl(text: string): string {
  return trimmedOf(text).replace(/[^\x21-\x7e]/gu, char => {
    let escaped = ''
    for (const byte of utf8(char)) escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    return escaped
  })
}
