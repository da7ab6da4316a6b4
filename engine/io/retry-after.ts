/**
 * What a Retry-After header asks for: seconds, or a date (RFC 9110, 10.2.3).
 * @param wall milliseconds since 1970
 * @returns ms from then, as far as a stranger wants it; `undefined` when it says nothing
 */
export function retryAfterMs(value: string | undefined, wall: number): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\s*\d{1,9}\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value.slice(0, 64)) - wall
  return ms > 0 ? ms : undefined
}
