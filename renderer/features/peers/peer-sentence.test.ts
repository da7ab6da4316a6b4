import { expect, test } from 'vitest'
import type { PeerRow } from '#engine/api/model.ts'
import { peerFacts, peerSentence } from './peer-sentence.ts'

const peer: PeerRow = {
  key: '203.0.113.41:51413',
  address: '203.0.113.41',
  port: 51413,
  client: 'qBittorrent 5.1.2',
  source: 'tracker',
  incoming: false,
  transport: 'tcp',
  encrypted: false,
  progress: 0.5,
  down: 0,
  up: 0,
  downloaded: 0,
  uploaded: 0,
  amChoking: true,
  amInterested: false,
  peerChoking: true,
  peerInterested: false,
  snubbed: false,
  optimistic: false,
  requestsOut: 0,
  requestsIn: 0,
  connectedAt: 0,
  hashFails: 0,
}

test.each<[string, Partial<PeerRow>]>([
  ['Sends to us', { down: 5, amInterested: true, peerChoking: false }],
  ['Both ways', { down: 5, up: 5 }],
  ['We send to it', { up: 5 }],
  ['We send; it has no slot for us', { up: 5, amInterested: true }],
  ['Chokes us, waiting for a slot', { amInterested: true }],
  ['Asked, answer on its way', { amInterested: true, peerChoking: false, requestsOut: 4 }],
  ['Stopped sending, asked elsewhere', { amInterested: true, peerChoking: false, snubbed: true }],
  ['Waits for a slot of ours', { peerInterested: true }],
  ['Connected, has nothing we lack', {}],
  ['Sends whole pieces by HTTP', { transport: 'web-seed', down: 5 }],
])('says "%s"', (sentence, facts) => {
  expect(peerSentence({ ...peer, ...facts }, false).does).toBe(sentence)
})

test('to a seed, an idle peer is one that wants nothing', () => {
  expect(peerSentence(peer, true).does).toBe('Connected, wants nothing now')
  expect(peerSentence({ ...peer, progress: 1 }, true).does).toBe('Complete, like us')
})

test('says how it is connected where data flows', () => {
  const how = (facts: Partial<PeerRow>) =>
    peerSentence({ ...peer, encrypted: true, transport: 'utp', ...facts }, false).how
  expect([how({ down: 5 }), how({})]).toEqual(['encrypted, uTP', ''])
})

test('decodes every flag', () => {
  const flagged = {
    ...peer,
    amChoking: false,
    optimistic: true,
    requestsOut: 12,
    requestsIn: 1,
    snubbed: true,
    hashFails: 1,
  }
  expect(peerFacts(flagged, 372_000)).toEqual([
    'Known from a tracker',
    'we called it',
    'connected for 6\u00a0min 12\u00a0s',
    'not encrypted, over TCP',
    'it chokes us',
    'it has a trial slot with us',
    'we wait for 12 blocks',
    'it waits for 1 block',
    'it stopped sending what we asked for',
    '1 bad piece with its blocks',
  ])
  expect(peerFacts({ ...peer, source: 'incoming', incoming: true }, 0)[0]).toBe('It called us')
})
