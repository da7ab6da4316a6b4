import { expect, test } from 'vitest'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { Candidates } from './candidates.ts'

const at = (address: string, port = 6881): Endpoint => endpoint(address, port)!
const dice = () => 0.5

test('an address is offered once, and tried again later and later while it fails', () => {
  const candidates = new Candidates()
  expect([candidates.offer(at('10.0.0.1'), 'tracker'), candidates.offer(at('10.0.0.1'), 'tracker')]).toEqual([
    true,
    false,
  ])
  const first = candidates.next(0, dice)!
  expect(candidates.next(0, dice)).toBeUndefined()
  candidates.failed(first, 0)
  expect(candidates.next(29_000, dice)).toBeUndefined()
  expect(candidates.next(36_000, dice)).toBe(first)
})

test('addresses that the user named are tried before all others', () => {
  const candidates = new Candidates()
  candidates.offer(at('10.0.0.1'), 'tracker')
  candidates.offer(at('10.0.0.2'), 'manual')
  expect(candidates.next(0, dice)?.endpoint.address).toBe('10.0.0.2')
})

test('a banned address is gone on every port and stays out', () => {
  const candidates = new Candidates()
  candidates.offer(at('10.0.0.1', 1000), 'tracker')
  candidates.ban('10.0.0.1', 'sent data that failed its hash')
  expect(candidates.next(0, dice)).toBeUndefined()
  expect(candidates.offer(at('10.0.0.1', 2000), 'tracker')).toBe(false)
})

test('a tracker cannot make us remember more addresses than the limit', () => {
  const candidates = new Candidates()
  for (let nth = 0; nth < LIMITS.peers.knownPerTorrent + 500; nth++) {
    candidates.offer(at(`10.${nth >> 16}.${(nth >> 8) & 255}.${nth & 255}`), 'tracker')
  }
  expect(candidates.size).toBe(LIMITS.peers.knownPerTorrent)
})
