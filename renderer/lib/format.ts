/** Numbers as people read them. Whatever is not a finite number becomes an en dash, never "NaN" or "∞". */

const NBSP = '\u00a0'
export const DASH = '–'

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** A figure and its unit apart, so that a table can put the unit into a box of its own. */
export type Quantity = readonly [figure: string, unit: string]

/** Bytes. Three digits at most: "3.7 GiB", "84.6 GiB", "312 GiB"; a unit goes up where it would show 1000. */
export function bytesQuantity(bytes: number): Quantity {
  if (!Number.isFinite(bytes) || bytes < 0) return [DASH, '']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return [figure(value, unit === 0), BYTE_UNITS[unit] ?? '']
}

export function formatBytes(bytes: number): string {
  return joined(bytesQuantity(bytes))
}

/** Bytes per second. Whole KiB below 1000 KiB/s, one decimal above. */
export function rateQuantity(bytesPerSecond: number): Quantity {
  const [value, unit] = bytesQuantity(bytesPerSecond)
  if (unit === '') return [value, unit]
  return unit === 'KiB' ? [String(Math.max(1, Math.round(bytesPerSecond / 1024))), 'KiB/s'] : [value, `${unit}/s`]
}

export function formatRate(bytesPerSecond: number): string {
  return joined(rateQuantity(bytesPerSecond))
}

/** 0..1 with one decimal, rounded down: what is not complete never reads "100 %". */
export function formatPercent(fraction: number): string {
  if (!Number.isFinite(fraction)) return DASH
  const tenths = Math.floor(Math.min(1, Math.max(0, fraction)) * 1000 + 1e-9)
  return tenths >= 1000 ? `100${NBSP}%` : `${(tenths / 10).toFixed(1)}${NBSP}%`
}

/** Uploaded by downloaded, cut and not rounded: 0.999 has not reached 1. Unknown (below 0) is ''. */
export function formatRatio(ratio: number): string {
  if (!Number.isFinite(ratio) || ratio < 0) return ''
  if (ratio >= 100) return formatCount(Math.floor(ratio))
  const places = ratio >= 10 ? 1 : 2
  const scale = 10 ** places
  return (Math.floor(ratio * scale + 1e-9) / scale).toFixed(places)
}

/** Groups of three, parted by a thin space that does not break: "1 184". */
export function formatCount(count: number): string {
  if (!Number.isFinite(count)) return DASH
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Edges of the bands a forecast falls into, in the unit they are named by: an estimate is not a promise to the second. */
const BANDS: readonly (readonly [unit: string, seconds: number, edges: readonly number[]])[] = [
  ['min', MINUTE, [1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 45, 60]],
  ['h', HOUR, [1, 2, 3, 4, 6, 8, 12, 18, 24]],
  ['days', DAY, [1, 2, 3, 5, 7, 14, 28]],
]

/** Seconds left as a band: "2–3 min", "1–2 h". Unknown (below 0) is ''. */
export function formatEta(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds <= 0) return ''
  if (seconds < MINUTE) return `<${NBSP}1${NBSP}min`
  for (const [unit, length, edges] of BANDS) {
    const above = edges.findIndex(edge => seconds < edge * length)
    if (above > 0) return `${edges[above - 1]}–${edges[above]}${NBSP}${unit}`
  }
  return `>${NBSP}4${NBSP}weeks`
}

/** Seconds in the two largest units: "6 min 12 s", "3 d 4 h". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return DASH
  const whole = Math.floor(seconds)
  if (whole < MINUTE) return `${whole}${NBSP}s`
  if (whole < HOUR) return two(Math.floor(whole / MINUTE), 'min', whole % MINUTE, 's')
  if (whole < DAY) return two(Math.floor(whole / HOUR), 'h', Math.floor((whole % HOUR) / MINUTE), 'min')
  return two(Math.floor(whole / DAY), 'd', Math.floor((whole % DAY) / HOUR), 'h')
}

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Milliseconds since 1970 as "22 Nov 2026, 07:38". */
export function formatDate(ms: number | null): string {
  // Beyond these a Date is invalid; a stranger's torrent may say anything.
  if (ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return DASH
  return `${date.format(ms)}, ${time.format(ms)}`
}

function figure(value: number, whole: boolean): string {
  return whole || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1)
}

const joined = ([value, unit]: Quantity) => (unit === '' ? value : `${value}${NBSP}${unit}`)

const two = (major: number, majorUnit: string, minor: number, minorUnit: string) =>
  minor === 0 ? `${major}${NBSP}${majorUnit}` : `${major}${NBSP}${majorUnit} ${minor}${NBSP}${minorUnit}`
