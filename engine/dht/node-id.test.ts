import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { fromHex } from '#engine/base/ids.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import {
  byDistance,
  crc32c,
  idAtDistance,
  isIdOfAddress,
  nodeId,
  nodeIdFor,
  randomNodeId,
  sharedBits,
} from './node-id.ts'

const path = sharedData('vectors/bep42-node-id.json')
const vectors = path
  ? (
      JSON.parse(readFileSync(path, 'utf8')) as {
        vectors: { ip: string; node_id: string; valid: boolean; from: string }[]
      }
    ).vectors
  : []

test('CRC-32C of the usual digits', () => {
  expect(crc32c(utf8('123456789'))).toBe(0xe3069283)
})

test.skipIf(!path).each(vectors)('$node_id at $ip: $valid ($from)', ({ ip, node_id, valid }) => {
  expect(isIdOfAddress(nodeId(fromHex(node_id)!)!, ip)).toBe(valid)
})

test('an id made for an address fits it, and no other', () => {
  const random = new SimRandom(1)
  for (const address of ['8.8.8.8', '203.0.114.77', '2a00:1450:4001:81b::200e']) {
    for (let n = 0; n < 50; n++) {
      const id = nodeIdFor(address, random)
      expect(isIdOfAddress(id, address)).toBe(true)
      expect(isIdOfAddress(id, '93.184.216.34')).toBe(false)
    }
  }
})

test('only 20 bytes are an id', () => {
  expect(nodeId(new Uint8Array(19))).toBeUndefined()
  expect(nodeId(new Uint8Array(21))).toBeUndefined()
})

test('an id at a distance shares exactly so many bits', () => {
  const random = new SimRandom(2)
  const own = randomNodeId(random)
  for (let bits = 0; bits < 160; bits++) expect(sharedBits(own, idAtDistance(own, bits, random))).toBe(bits)
  expect(sharedBits(own, own)).toBe(160)
})

test('distance orders as the numbers of the XOR do', () => {
  const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 })
  const xor = (a: Uint8Array, b: Uint8Array) =>
    BigInt('0x' + Buffer.from(a.map((byte, at) => byte ^ b[at]!)).toString('hex'))
  fc.assert(
    fc.property(bytes, bytes, bytes, (target, a, b) => {
      const difference = xor(a, target) - xor(b, target)
      expect(Math.sign(byDistance(target, a, b))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0)
    }),
  )
})
