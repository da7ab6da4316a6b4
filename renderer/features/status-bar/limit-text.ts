/** What people type for a speed: "2.5 MiB", "800K", "1m", "0", "". Bytes per second, 0 = no limit; undefined: not a speed. */
export function parseLimit(text: string): number | undefined {
  const match = /^\s*(\d+(?:[.,]\d+)?)\s*(?:([kmg])(?:i?b)?|b)?\s*(?:\/\s*s)?\s*$/i.exec(text)
  if (/^\s*(?:no limit|none)?\s*$/i.test(text)) return 0
  if (!match) return undefined
  const factor = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[match[2]?.toLowerCase() ?? ''] ?? 1
  const value = Math.round(Number((match[1] ?? '').replace(',', '.')) * factor)
  return Number.isSafeInteger(value) && value <= 2 ** 40 ? value : undefined
}
