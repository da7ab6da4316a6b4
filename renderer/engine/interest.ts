import type { Watch } from '#engine/api/frame.ts'

/** Frames a second that the list asks for while somebody can see it. */
const LIST_HZ = 1

let watch: Watch = { listHz: LIST_HZ, detail: null }
const listeners = new Set<(watch: Watch) => void>()

/** What the face wants to be told, as one value with one owner; a new connection is told it again. */
export const currentWatch = () => watch

export function onWatchChanged(listener: (watch: Watch) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** What the open details tab needs; null while nothing is open. */
export function setDetailWatch(detail: Watch['detail']): void {
  change({ ...watch, detail })
}

/** A hidden window is told nothing. */
export function setVisible(isVisible: boolean): void {
  change({ ...watch, listHz: isVisible ? LIST_HZ : 0 })
}

function change(next: Watch): void {
  if (JSON.stringify(next) === JSON.stringify(watch)) return
  watch = next
  for (const listener of listeners) listener(next)
}
