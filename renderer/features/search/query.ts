import type { TorrentRow } from '#engine/api/model.ts'
import { GROUPS, groupOf, type Group } from '../torrents/status.ts'

/** Says whether a torrent is meant. */
export type Matcher = (torrent: TorrentRow) => boolean

/**
 * Words must all be in the name, in any order; "in quotes" keeps blanks; `-word` must not be there. `state:` takes the
 * begin of a state's name (`state:seed`), `tracker:` a part of a host. Case does not matter. Undefined: everything.
 */
export function parseQuery(text: string): Matcher | undefined {
  const tests: Matcher[] = []
  for (const [term, minus, field, quoted, word] of text.matchAll(/(-?)(?:(state|tracker):)?(?:"([^"]*)"?|(\S*))/giu)) {
    const value = fold(quoted ?? word ?? '')
    // A field without its value yet narrows nothing: the list does not empty itself under the typing hand.
    if (term === '' || value === '') continue
    const test = testOf(field?.toLowerCase(), value)
    tests.push(minus === '-' ? torrent => !test(torrent) : test)
  }
  return tests.length === 0 ? undefined : torrent => tests.every(test => test(torrent))
}

function testOf(field: string | undefined, value: string): Matcher {
  if (field === 'tracker') return torrent => fold(torrent.trackerHost ?? '').includes(value)
  if (field === 'state') {
    const meant = new Set(GROUPS.filter(group => STATE_WORDS[group].some(word => word.startsWith(value))))
    return torrent => meant.has(groupOf(torrent))
  }
  return torrent => fold(torrent.name).includes(value)
}

const STATE_WORDS: Record<Group, readonly string[]> = {
  downloading: ['downloading', 'finding'],
  seeding: ['seeding'],
  done: ['done', 'goal'],
  stalled: ['stalled'],
  queued: ['queued', 'waiting'],
  checking: ['checking'],
  paused: ['paused', 'stopped'],
  attention: ['attention', 'error', 'problem'],
}

const fold = (text: string) => text.normalize('NFKC').toLowerCase()
