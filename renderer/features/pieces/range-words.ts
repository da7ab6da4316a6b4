/** "4.25–4.28 GiB": one unit for both ends, with the decimals that tell them apart. */
export function rangeWords(from: number, to: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = to < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(to) / 10))
  const unit = 1024 ** power
  const apart = (to - from) / unit
  const places =
    power === 0 || apart >= 10 ? 0 : Math.min(4, Math.max(1, Math.ceil(-Math.log10(Math.max(apart, 1e-4))) + 1))
  return `${(from / unit).toFixed(places)}–${(to / unit).toFixed(places)}\u00a0${units[power]}`
}
