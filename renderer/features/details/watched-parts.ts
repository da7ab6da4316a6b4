import type { DetailPart } from '#engine/api/frame.ts'
import type { DetailsTab } from '../commands/windows-slice.ts'

/** What the engine has to tell for an open tab, and nothing more. */
const PARTS: Record<DetailsTab, readonly DetailPart[]> = {
  overview: ['overview', 'pieces'],
  files: ['files'],
  peers: ['peers'],
  trackers: ['trackers'],
  // The files are its lanes and borders.
  pieces: ['pieces', 'files'],
}

export function watchedParts(tab: DetailsTab, hasMetadata: boolean): readonly DetailPart[] {
  // Before the metadata there are neither files nor pieces; the list itself says when they arrive.
  return hasMetadata ? PARTS[tab] : PARTS[tab].filter(part => part !== 'pieces')
}
