import { addressClass, isLoopback } from '#engine/base/address-class.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'

/**
 * Leaves out what cannot be a peer: unspecified, link-local, multicast, broadcast. Loopback addresses are believed
 * only of a tracker on this computer or its networks: from outside they could only aim us at our own services.
 * @param from address of the tracker that gave them
 */
export function usablePeers(peers: readonly Endpoint[], from: string): Endpoint[] {
  const isFromOutside = addressClass(from) !== 'local'
  return peers.filter(({ address }) => addressClass(address) !== 'forbidden' && !(isFromOutside && isLoopback(address)))
}
