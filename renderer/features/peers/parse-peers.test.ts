import { expect, test } from 'vitest'
import { parsePeers } from './parse-peers.ts'

test('takes literal addresses with a port, one or several', () => {
  expect(parsePeers(' 203.0.113.7:51413, [2001:db8::7]:6881\n').peers).toEqual([
    '203.0.113.7:51413',
    '[2001:db8::7]:6881',
  ])
  expect(parsePeers('')).toEqual({ peers: [] })
})

test.each([
  '203.0.113.7',
  'peer.example:6881',
  '256.0.0.1:1',
  '[::zz]:1',
  '2001:db8::7:6881',
  '1.2.3.4:0',
  '1.2.3.4:65536',
])('refuses %s and says why', text => {
  expect(parsePeers(text)).toMatchObject({ peers: [], problem: expect.stringContaining(text) })
})
