import { expect, test } from 'vitest'
import type { FinderRow } from '#engine/api/model.ts'
import { finderPeers, finderWords } from './finder-words.ts'

const row = (given: Partial<FinderRow>): FinderRow => ({ kind: 'dht', state: 'on', peers: 0, nodes: 412, ...given })

test.each<[Partial<FinderRow>, string]>([
  [{}, 'On, 412 nodes'],
  [{ nodes: 0 }, 'Looking for its first nodes'],
  [{ kind: 'lsd', nodes: null }, 'On'],
  [{ state: 'resting' }, 'Rests with the torrent'],
  [{ state: 'off' }, 'Off'],
  [{ state: 'private' }, 'Off (private)'],
])('a finder %o says "%s"', (given, words) => {
  expect(finderWords(row(given))).toBe(words)
})

test('counts the peers that came by it, and is silent about none', () => {
  expect([0, 1, 7].map(peers => finderPeers(row({ peers })))).toEqual(['', '1 peer', '7 peers'])
})
