import { formatBytes } from './format.ts'

/** "2.6 of 3.7 GiB": the unit once when both have the same. */
export function partOf(part: number, whole: number): string {
  const [partWords, wholeWords] = [formatBytes(part), formatBytes(whole)]
  const unit = wholeWords.slice(wholeWords.indexOf('\u00a0'))
  return `${partWords.endsWith(unit) ? partWords.slice(0, -unit.length) : partWords} of ${wholeWords}`
}
