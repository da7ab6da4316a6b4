import { lossyText } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'

// Controls, line ends, and what is invisible and reorders or hides the text around it (bidi marks, zero width, BOM).
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** A stranger's words, fit to be shown as text: one line, at most 500 characters. Markup stays: nobody renders it. */
export function shownText(bytes: Uint8Array): string {
  // A character has at most four bytes, so this bound loses nothing that would be shown.
  const text = lossyText(bytes.subarray(0, LIMITS.tracker.textChars * 4))
  return cutText(text.replace(UNSHOWN, ' ').trim())
}

/** At most 500 characters, never half of a surrogate pair. */
export function cutText(text: string): string {
  if (text.length <= LIMITS.tracker.textChars) return text
  return `${text.slice(0, LIMITS.tracker.textChars - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
