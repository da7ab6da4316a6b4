import { GROUPS, type Group } from '../torrents/status.ts'
import type { FilterState } from './filter-slice.ts'

export const GROUP_LABELS: Record<Group, string> = {
  downloading: 'Downloading',
  seeding: 'Seeding',
  done: 'Done',
  stalled: 'Stalled',
  queued: 'Queued',
  checking: 'Checking',
  paused: 'Paused',
  attention: 'Needs attention',
}

const GROUP_WORDS: Record<Group, string> = {
  ...(Object.fromEntries(GROUPS.map(group => [group, GROUP_LABELS[group].toLowerCase()])) as Record<Group, string>),
  attention: 'in need of attention',
}

/** The filter as the end of a sentence: “paused, from linux.example and called “iso””. */
export function filterWords({ group, tracker, query }: FilterState): string {
  const parts = [
    group !== null && GROUP_WORDS[group],
    tracker !== null && (tracker === '' ? 'without a tracker' : `from ${tracker}`),
    query.trim() !== '' && `found by “${query.trim()}”`,
  ].filter(part => part !== false)
  return parts.length < 2 ? (parts[0] ?? 'hidden') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
