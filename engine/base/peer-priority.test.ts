import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharedData } from '#engine/testing/shared-data.ts'
import { endpoint, endpointOfBytes } from './endpoint.ts'
import { peerPriority } from './peer-priority.ts'

const priority = (a: string, b: string, ports: [number, number] = [1, 2]) =>
  peerPriority(endpoint(a, ports[0])!, endpoint(b, ports[1])!).toString(16).padStart(8, '0')

test('computes the examples of BEP 40', () => {
  expect(priority('123.213.32.10', '98.76.54.32')).toBe('ec2d7224')
  expect(priority('123.213.32.10', '123.213.32.234')).toBe('99568189')
})

const vectors = sharedData('vectors/bep40-peer-priority.json')

test.skipIf(!vectors)('agrees with the shared vectors', () => {
  type Vector = { a: string; a_port: number; b: string; b_port: number; priority: string }
  const { vectors: all } = JSON.parse(readFileSync(vectors!, 'utf8')) as { vectors: Vector[] }
  expect(all.map(({ a, b, a_port, b_port }) => priority(a, b, [a_port, b_port]))).toEqual(all.map(one => one.priority))
})

test('is the same from both ends, whatever the ports of different addresses', () => {
  const end = (length: 4 | 16) =>
    fc.tuple(fc.uint8Array({ minLength: length, maxLength: length }), fc.integer({ min: 1, max: 65_535 }))
  for (const length of [4, 16] as const) {
    fc.assert(
      fc.property(end(length), end(length), ([a, aPort], [b, bPort]) => {
        const [left, right] = [endpointOfBytes(a, aPort)!, endpointOfBytes(b, bPort)!]
        expect(peerPriority(left, right)).toBe(peerPriority(right, left))
        fc.pre(left.family === right.family && left.address !== right.address)
        expect(peerPriority({ ...left, port: 9 }, right)).toBe(peerPriority(left, right))
      }),
    )
  }
})

test('many addresses of one network are worth as much as few, in both families', () => {
  // Bits outside 0x55 of the last byte do not count: .10 and .8 are one.
  expect(priority('10.1.2.3', '98.76.54.8')).toBe(priority('10.1.2.3', '98.76.54.10'))
  expect(priority('2001:db8:1::1', '2001:db8:2::8')).toBe(priority('2001:db8:1::1', '2001:db8:2::a'))
  expect(priority('2001:db8:1::1', '2001:db8:1:100::8')).toBe(priority('2001:db8:1::1', '2001:db8:1:100::a'))
  // In the same /64 the next byte counts whole.
  expect(priority('2001:db8:1:1::1', '2001:db8:1:1:8000::1')).not.toBe(
    priority('2001:db8:1:1::1', '2001:db8:1:1:2000::1'),
  )
  expect(priority('2001:db8:1::1', '1.2.3.4')).toBe('00000000')
})
