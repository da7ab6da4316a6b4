import { expect, test } from 'vitest'
import type { FinderRow } from '#engine/api/model.ts'
import { finderTone, finderWords, type FinderTone } from './finder-words.ts'

const row = (given: Partial<FinderRow>): FinderRow => ({ kind: 'dht', state: 'on', peers: 0, nodes: 412, ...given })

test.each<[Partial<FinderRow>, string, FinderTone]>([
  [{}, 'On, 412 nodes', 'good'],
  [{ nodes: 0 }, 'Looking for its first nodes', 'waiting'],
  [{ kind: 'lsd', nodes: null }, 'On, nobody found by it yet', 'good'],
  [{ kind: 'pex', nodes: null, peers: 3 }, 'On', 'good'],
  [{ state: 'resting' }, 'Rests with the torrent', 'waiting'],
  [{ state: 'off' }, 'Off in the preferences', 'off'],
  [{ state: 'private' }, 'Off (private)', 'off'],
])('a finder %o says "%s"', (given, words, tone) => {
  expect([finderWords(row(given)), finderTone(row(given))]).toEqual([words, tone])
})
