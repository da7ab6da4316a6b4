import { ipv4Bytes, ipv6Bytes } from '#engine/base/endpoint.ts'
import type { LanInterface } from '#engine/io/lan.ts'

/** Whether an address is in the network of one of our interfaces: reached without a router in between. */
export function isOnLink(address: string, interfaces: readonly LanInterface[]): boolean {
  return interfaces.some(one => isInNetwork(address, one))
}

export function isInNetwork(address: string, network: LanInterface): boolean {
  const bytesOf = network.family === 4 ? ipv4Bytes : ipv6Bytes
  const [theirs, ours, mask] = [address, network.address, network.netmask].map(bytesOf)
  if (!theirs || !ours || !mask) return false
  return mask.every((bits, at) => (theirs[at]! & bits) === (ours[at]! & bits))
}
