const FACTORS: Readonly<Record<string, number>> = { '': 1024, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
const RATE = /^(\d+(?:[.,]\d+)?)\s*(?:(b|k|m|g)(?:i?b)?)?(?:\s*\/\s*s|ps)?$/
const NONE = new Set(['', '0', 'none', 'no limit', 'unlimited'])

/** "2.5M", "800 KiB/s", "0" for none, a bare number in KiB/s: as bytes per second, 0 = no limit. Undefined: not a speed. */
export function parseRate(text: string): number | undefined {
  const words = text.trim().toLowerCase()
  if (NONE.has(words)) return 0
  const [, figure, unit = ''] = RATE.exec(words) ?? []
  if (figure === undefined) return undefined
  const rate = Math.round(Number(figure.replace(',', '.')) * FACTORS[unit]!)
  return Number.isSafeInteger(rate) ? rate : undefined
}
