import { hostOf } from './upnp-discovery.ts'
import { childText, elementsNamed, parseXml } from './xml.ts'

/** A service of a router, and where it is told what to do. */
export interface UpnpService {
  /** `urn:schemas-upnp-org:service:WANIPConnection:1` */
  readonly type: string
  readonly controlUrl: string
}

export interface UpnpServices {
  /** Forwards ports of IPv4. */
  readonly connection: UpnpService | undefined
  /** Opens ports in the firewall of IPv6 (IGD 2). */
  readonly firewall: UpnpService | undefined
}

const SERVICE = /^urn:schemas-upnp-org:service:(WANIPConnection|WANPPPConnection|WANIPv6FirewallControl):[12]$/

/**
 * The services that we use, of a router's description.
 * @param location where the description came from: control addresses are relative to it, and at the same address or left out
 * @throws EngineError GATEWAY_INVALID (network)
 */
export function parseDescription(bytes: Uint8Array, location: string): UpnpServices {
  const root = parseXml(bytes)
  const base = childText(root, 'URLBase') ?? ''
  const services = elementsNamed(root, 'service').flatMap(service => {
    const type = childText(service, 'serviceType') ?? ''
    const controlUrl = controlUrlOf(childText(service, 'controlURL') ?? '', base, location)
    return SERVICE.test(type) && controlUrl !== undefined ? [{ type, controlUrl }] : []
  })
  const first = (name: string) => services.find(({ type }) => type.includes(`:${name}:`))
  return {
    connection: first('WANIPConnection') ?? first('WANPPPConnection'),
    firewall: first('WANIPv6FirewallControl'),
  }
}

/** Some descriptions name a base that is not where they are; the location itself is then the base. */
function controlUrlOf(path: string, base: string, location: string): string | undefined {
  if (path === '') return undefined
  for (const start of [base, location]) {
    try {
      const { href } = new URL(path, start)
      if (hostOf(href) === hostOf(location)) return href
    } catch {
      // Not an address: the next one may be.
    }
  }
  return undefined
}
