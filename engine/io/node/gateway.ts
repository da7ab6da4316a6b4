import { endpoint, ipv6Text } from '#engine/base/endpoint.ts'
import { fromHex } from '#engine/base/ids.ts'

const IS_GATEWAY = 0x2

/** The default route of Linux' /proc/net/route: addresses in hex, in the machine's byte order, which is little-endian. */
export function gatewayOfProc4(text: string): string | undefined {
  const routes = rows(text).flatMap(([, destination, gateway, flags, , , metric, mask]) => {
    const bytes = fromHex(gateway ?? '')
    const isDefault =
      destination === '00000000' && mask === '00000000' && (parseInt(flags ?? '', 16) & IS_GATEWAY) !== 0
    return isDefault && bytes?.length === 4 ? [{ metric: Number(metric), gateway: bytes.reverse().join('.') }] : []
  })
  return best(routes)
}

/** The same of /proc/net/ipv6_route, where addresses are in network order and metrics in hex. */
export function gatewayOfProc6(text: string): string | undefined {
  const routes = rows(text).flatMap(([destination, length, , , next, metric, , , flags, name]) => {
    const bytes = fromHex(next ?? '')
    const isDefault =
      /^0{32}$/.test(destination ?? '') && length === '00' && (parseInt(flags ?? '', 16) & IS_GATEWAY) !== 0
    if (!isDefault || bytes?.length !== 16) return []
    return [{ metric: parseInt(metric ?? '', 16), gateway: zoned(ipv6Text(bytes), name) }]
  })
  return best(routes)
}

/** `route -n get default` of macOS and the BSDs. */
export function gatewayOfRouteGet(text: string): string | undefined {
  const [address, zone] = (/^\s*gateway:\s*(\S+)/m.exec(text)?.[1] ?? '').split('%')
  const known = endpoint(address ?? '', 1)
  return known && zoned(known.address, zone)
}

/** `route print` of Windows, whose words are translated and whose columns are not. */
export function gatewayOfRoutePrint(text: string, family: 4 | 6): string | undefined {
  const routes = rows(text).flatMap(columns => {
    if (family === 4) {
      const [destination, mask, gateway = '', , metric] = columns
      return destination === '0.0.0.0' && mask === '0.0.0.0' ? [{ metric: Number(metric), gateway }] : []
    }
    const [zone, metric, destination, gateway = ''] = columns
    return destination === '::/0' ? [{ metric: Number(metric), gateway: zoned(gateway, zone) }] : []
  })
  return best(routes.filter(({ gateway }) => endpoint(gateway, 1) !== undefined))
}

const rows = (text: string): string[][] => text.split(/\r?\n/).map(line => line.trim().split(/\s+/))

const zoned = (address: string, zone: string | undefined): string =>
  /^fe[89ab]/.test(address) && zone !== undefined ? `${address}%${zone}` : address

const best = (routes: readonly { metric: number; gateway: string }[]): string | undefined =>
  routes.toSorted((a, b) => a.metric - b.metric)[0]?.gateway
