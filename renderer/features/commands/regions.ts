/** Parts of the window that F6 goes round, in the order of the document: toolbar, sidebar, list, details, status. */
const REGIONS = '[data-region]:not([data-region=toasts])'
const STOPS =
  'button:not([tabindex="-1"]), input:not([tabindex="-1"]), [tabindex="0"], a[href], select:not([tabindex="-1"])'

export function focusRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGIONS)].filter(region => stopOf(region) !== undefined)
  const here = regions.findIndex(region => region.contains(document.activeElement))
  const next = here < 0 && step < 0 ? regions.length - 1 : (here + step + regions.length) % Math.max(1, regions.length)
  const region = regions[next]
  if (region) stopOf(region)?.focus()
}

export function focusList(): void {
  const list = document.querySelector<HTMLElement>('[data-region=list]')
  if (list) stopOf(list)?.focus()
}

export function focusQuery(): void {
  document.querySelector<HTMLInputElement>('[data-query]')?.focus()
}

function stopOf(region: HTMLElement): HTMLElement | undefined {
  const row = region.querySelector<HTMLElement>('[role=row][tabindex="0"]')
  if (row) return row
  return [...region.querySelectorAll<HTMLElement>(STOPS)].find(stop => stop.offsetParent !== null)
}
