import { expect, test } from 'vitest'
import { automaticSlots, chokeRound, type Chokeable } from './choker.ts'

interface TestPeer extends Chokeable {
  readonly name: string
}

function peer(
  name: string,
  given: { down?: number; up?: number } & Partial<Omit<Chokeable, 'downRate' | 'upRate'>>,
): TestPeer {
  const { down = 0, up = 0, ...rest } = given
  return {
    name,
    peerInterested: true,
    amChoking: true,
    isSnubbed: false,
    unchokedAt: 0,
    connectedAt: 0,
    downRate: () => down,
    upRate: () => up,
    ...rest,
  }
}

const round = (peers: TestPeer[], slots: number, seeding = false, random = 0) => {
  const result = chokeRound(peers, {
    slots,
    seeding,
    optimistic: undefined,
    optimisticSince: 0,
    now: 100_000,
    random: () => random,
  })
  return [...result.unchoke].map(one => one.name).join(' ')
}

test('everybody who is interested is unchoked while there are slots for all', () => {
  expect(round([peer('a', {}), peer('b', {}), peer('c', { peerInterested: false })], 4)).toBe('a b')
})

test('while leeching those that give most get the slots, and one slot goes to chance', () => {
  const peers = [peer('slow', { down: 1 }), peer('fast', { down: 100 }), peer('good', { down: 50 }), peer('new', {})]
  expect(round(peers, 3, false, 0.99)).toBe('fast good new')
})

test('a peer that owes us blocks and sends none ranks below one that never sent anything', () => {
  expect(round([peer('snub', { down: 90, isSnubbed: true }), peer('idle', {}), peer('other', {})], 2, false, 0)).toBe(
    'idle other',
  )
})

test('while seeding a peer that had its minute makes room for one that waits', () => {
  const peers = [
    peer('served', { amChoking: false, unchokedAt: 1_000, up: 1e6 }),
    peer('waiting', { unchokedAt: 0 }),
    peer('current', { amChoking: false, unchokedAt: 90_000, up: 10 }),
  ]
  expect(round(peers, 2, true, 0).split(' ')).toContain('current')
  expect(round(peers, 2, true, 0).split(' ')).not.toContain('served')
})

test('the automatic number of slots grows with the line and stays within reason', () => {
  expect(automaticSlots(0, 0)).toBe(8)
  expect(automaticSlots(0, 50 * 1024)).toBeLessThan(8)
  expect(automaticSlots(1e9, 0)).toBe(50)
})
