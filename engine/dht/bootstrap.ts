import { type Endpoint, endpoint } from '#engine/base/endpoint.ts'
import { isUsable } from './address-groups.ts'
import type { Dns } from '#engine/io/dns.ts'
import type { Family } from './krpc.ts'

/** Mainline's public doors. They know somebody; everything else comes from there. */
export const BOOTSTRAP_NODES: readonly string[] = [
  'router.bittorrent.com:6881',
  'dht.libtorrent.org:25401',
  'dht.transmissionbt.com:6881',
  'router.utorrent.com:6881',
]

/**
 * Addresses of `host:port` or `[v6]:port` texts in one family. What cannot be found is left out: others will do.
 * @throws never
 */
export async function resolveNodes(
  hosts: readonly string[],
  family: Family,
  options: { dns: Dns; allowLocal: boolean },
  signal: AbortSignal,
): Promise<Endpoint[]> {
  const found = await Promise.all(hosts.map(host => resolveNode(host, options.dns, signal)))
  return found.flat().filter(to => to.family === family && isUsable(to.address, options.allowLocal))
}

async function resolveNode(text: string, dns: Dns, signal: AbortSignal): Promise<Endpoint[]> {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  if (!match) return []
  try {
    const addresses = await dns.resolve(match[1] ?? match[2]!, signal)
    return addresses.flatMap(({ address }) => endpoint(address, Number(match[3])) ?? [])
  } catch {
    return [] // no such name today, or not needed any more
  }
}
