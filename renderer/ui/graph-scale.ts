/** Bytes in a unit that a rate axis is labelled in. */
const UNITS: readonly (readonly [unit: string, bytes: number])[] = [
  ['GiB/s', 1024 ** 3],
  ['MiB/s', 1024 ** 2],
  ['KiB/s', 1024],
  ['B/s', 1],
]

export interface RateScale {
  /** Bytes per second at the edge of the axis. */
  readonly top: number
  readonly unit: string
  /** Ticks from 0 to the edge: bytes per second, and what stands beside them. */
  readonly ticks: readonly { readonly rate: number; readonly label: string }[]
  /** The largest value, when it is an outlier that leaves the axis; else undefined. */
  readonly peak: number | undefined
}

/** The smallest of 1, 2, 5, 10, 20, 50 … that is not below `value`. */
export function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const lead = value / power
  // A power of ten is not exact in binary: a hair above 2 is still 2.
  for (const step of [1, 2, 5]) if (lead <= step * (1 + 1e-9)) return step * power
  return 10 * power
}

/**
 * A round axis (1-2-5) for these rates. One burst does not flatten the rest: what is far above almost all the others
 * leaves the axis, and `peak` says how high it was.
 * @param rates bytes per second; NaN = unknown
 */
export function rateScale(rates: Iterable<number>, parts = 2): RateScale {
  const known = Array.from(rates).filter(rate => rate > 0)
  known.sort((a, b) => a - b)
  const largest = known[known.length - 1] ?? 0
  const usual = known[Math.floor(known.length * 0.95)] ?? 0
  const isOutlier = known.length >= 20 && largest > 3 * usual
  const wanted = Math.max(1024, isOutlier ? usual * 1.25 : largest)
  const [unit, bytes] = UNITS.find(([, bytes]) => wanted >= bytes) ?? UNITS[3]!
  const edge = roundUp(wanted / bytes)
  // 1000 KiB/s reads better as 1 MiB/s.
  if (edge >= 1000 && unit !== 'GiB/s')
    return withTicks(bytes * 1024, nextUnit(unit), 1, isOutlier ? largest : undefined, parts)
  return withTicks(bytes, unit, edge, isOutlier ? largest : undefined, parts)
}

const nextUnit = (unit: string) => UNITS[UNITS.findIndex(([name]) => name === unit) - 1]![0]

function withTicks(bytes: number, unit: string, edge: number, peak: number | undefined, parts: number): RateScale {
  const ticks = Array.from({ length: parts + 1 }, (_, part) => {
    const value = (edge * part) / parts
    return { rate: value * bytes, label: String(Number(value.toPrecision(3))) }
  })
  return { top: edge * bytes, unit, ticks, peak }
}

/** Seconds before now, and what stands below: "10 min", "8 min" … "now". At most `most` of them. */
export function timeTicks(span: number, most: number): readonly { readonly ago: number; readonly label: string }[] {
  const steps = [10, 20, 30, 60, 120, 300, 600, 1200, 3600]
  const step = steps.find(step => span / step <= most - 1) ?? span
  const ticks = []
  for (let ago = span; ago > 0; ago -= step) {
    ticks.push({ ago, label: ago % 60 === 0 ? `${ago / 60} min` : `${ago} s` })
  }
  return [...ticks, { ago: 0, label: 'now' }]
}
