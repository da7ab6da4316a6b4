import type { DetailPart } from '#engine/api/frame.ts'
import type { DetailsTab } from '../commands/windows-slice.ts'

/** What the engine has to tell for an open tab, and nothing more. */
const PARTS: Record<DetailsTab, readonly DetailPart[]> = {
  overview: ['overview', 'pieces'],
  files: ['files'],
  peers: ['peers'],
  // The overview names the web seeds.
  trackers: ['trackers', 'overview'],
  // The files are its lanes and borders.
  pieces: ['pieces', 'files'],
}

const WITHOUT_METADATA: Record<DetailsTab, readonly DetailPart[]> = {
  overview: ['overview'],
  files: ['trackers'],
  peers: ['peers', 'trackers'],
  trackers: ['trackers', 'overview'],
  pieces: ['trackers'],
}

export function watchedParts(tab: DetailsTab, hasMetadata: boolean): readonly DetailPart[] {
  // Before the metadata there are neither files nor pieces, but people wonder who is asked for them.
  return hasMetadata ? PARTS[tab] : WITHOUT_METADATA[tab]
}
