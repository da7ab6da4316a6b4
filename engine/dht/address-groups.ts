/** Which addresses count as one owner: ids are free to make up, addresses are not. */
import { addressClass, isLoopback } from '#engine/base/address-class.ts'
import { addressBytes, type Endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'

/**
 * One computer: an IPv4 address, or the /64 that every IPv6 customer has to himself.
 * Programs on loopback count one by one, or no two nodes could ever meet on one machine.
 */
export function hostOf(endpoint: Endpoint): string {
  if (isLoopback(endpoint.address)) return endpointKey(endpoint)
  return endpoint.family === 4 ? endpoint.address : toHex(addressBytes(endpoint).subarray(0, 8))
}

/** One network: an IPv4 /24 or an IPv6 /48. `undefined` for local addresses, where neighbours are no sign of an attack. */
export function subnetOf(endpoint: Endpoint): string | undefined {
  if (addressClass(endpoint.address) !== 'public') return undefined
  return toHex(addressBytes(endpoint).subarray(0, endpoint.family === 4 ? 3 : 6))
}

/** Nodes of one network in one bucket, and in one search. */
export const NODES_PER_SUBNET = 2

/** Whether we may send there at all: local addresses only where the user's network takes part. */
export function isUsable(address: string, allowLocal: boolean): boolean {
  const kind = addressClass(address)
  return kind === 'public' || (allowLocal && kind === 'local')
}

/** Leaves out what `from` cannot know: local addresses are believed of, and told to, local nodes only. */
export function credible<T>(items: readonly T[], from: Endpoint, endpointOf: (item: T) => Endpoint): T[] {
  const isFromLocal = addressClass(from.address) === 'local'
  return items.filter(item => isUsable(endpointOf(item).address, isFromLocal))
}
