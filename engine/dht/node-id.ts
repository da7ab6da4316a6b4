/** Node ids: 160 bits, near and far by XOR (BEP 5), bound to the address of the node (BEP 42). */
import { addressClass } from '#engine/base/address-class.ts'
import type { Brand } from '#engine/base/brand.ts'
import { ipv4Bytes, ipv6Bytes, type Endpoint } from '#engine/base/endpoint.ts'
import type { Random } from '#engine/io/random.ts'

/** 20 bytes. */
export type NodeId = Brand<Uint8Array, 'NodeId'>

/** A node as others tell of it. */
export interface Contact {
  readonly id: NodeId
  readonly endpoint: Endpoint
}

export const ID_BYTES = 20
export const ID_BITS = 160

/** The only door to a NodeId; `undefined` for any other length. The bytes are copied. */
export const nodeId = (bytes: Uint8Array): NodeId | undefined =>
  bytes.length === ID_BYTES ? (bytes.slice() as NodeId) : undefined

export const randomNodeId = (random: Random): NodeId => random.bytes(ID_BYTES) as NodeId

const V4_MASK = Uint8Array.of(0x03, 0x0f, 0x3f, 0xff)
const V6_MASK = Uint8Array.of(0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff)

/** A fresh id for a node at `address` (BEP 42); any id where the address is local or none. */
export function nodeIdFor(address: string, random: Random): NodeId {
  const id = randomNodeId(random)
  if (addressClass(address) !== 'public') return id
  const prefix = prefixOf(address, id[ID_BYTES - 1]!)
  id[0] = prefix >>> 24
  id[1] = prefix >>> 16
  id[2] = ((prefix >>> 8) & 0xf8) | (id[2]! & 7)
  return id
}

/** Whether a node at `address` may have this id (BEP 42). Local addresses are exempt. */
export function isIdOfAddress(id: NodeId, address: string): boolean {
  if (addressClass(address) !== 'public') return true
  const prefix = prefixOf(address, id[ID_BYTES - 1]!)
  return id[0] === prefix >>> 24 && id[1] === ((prefix >>> 16) & 0xff) && ((id[2]! ^ (prefix >>> 8)) & 0xf8) === 0
}

/** 32 bits of which 21 count. */
function prefixOf(address: string, lastByte: number): number {
  const v4 = ipv4Bytes(address)
  const mask = v4 ? V4_MASK : V6_MASK
  const bytes = (v4 ?? ipv6Bytes(address)!).slice(0, mask.length)
  for (let at = 0; at < bytes.length; at++) bytes[at]! &= mask[at]!
  bytes[0]! |= (lastByte & 7) << 5
  return crc32c(bytes)
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1
  return crc
})

/** CRC-32C (Castagnoli), unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** Leading bits that two ids share, 0 to 160. */
export function sharedBits(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < ID_BYTES; at++) {
    const difference = a[at]! ^ b[at]!
    if (difference !== 0) return at * 8 + Math.clz32(difference) - 24
  }
  return ID_BITS
}

/** Negative when `a` is nearer to `target` than `b`. */
export function byDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < ID_BYTES; at++) {
    const difference = (a[at]! ^ target[at]!) - (b[at]! ^ target[at]!)
    if (difference !== 0) return difference
  }
  return 0
}

/** A random id that shares exactly `bits` (below 160) leading bits with `own`. */
export function idAtDistance(own: NodeId, bits: number, random: Random): NodeId {
  const id = randomNodeId(random)
  const byte = bits >>> 3
  id.set(own.subarray(0, byte))
  const below = 0x7f >>> (bits & 7) // free bits behind the one that differs
  id[byte] = ((own[byte]! ^ (below + 1)) & ~below) | (id[byte]! & below)
  return id
}
