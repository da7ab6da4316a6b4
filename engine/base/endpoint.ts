import { readU16, writeU16 } from './bytes.ts'

/** An address that can be dialled: an IPv4 or IPv6 literal (never a name) and a port from 1 to 65535. */
export interface Endpoint {
  /** Canonical text: dotted IPv4, or lower-case compressed IPv6 without brackets or zone. */
  readonly address: string
  readonly port: number
  readonly family: 4 | 6
}

/** `1.2.3.4:6881` or `[2001:db8::1]:6881`: unique per endpoint, so it serves as a key. */
export const endpointKey = (endpoint: Endpoint): string =>
  endpoint.family === 6 ? `[${endpoint.address}]:${endpoint.port}` : `${endpoint.address}:${endpoint.port}`

export function ipv4Bytes(address: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)
  if (!match) return undefined
  const bytes = match.slice(1).map(Number)
  return bytes.every(byte => byte <= 255) ? Uint8Array.from(bytes) : undefined
}

/** 16 bytes of an IPv6 literal, `::` and an embedded IPv4 tail included; no zone. */
export function ipv6Bytes(address: string): Uint8Array | undefined {
  let text = address
  if (text.length > 45 || !text.includes(':')) return undefined
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text)
  if (tail) {
    const v4 = ipv4Bytes(tail[2]!)
    if (!v4) return undefined
    text = tail[1]! + readU16(v4, 0).toString(16) + ':' + readU16(v4, 2).toString(16)
  }
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const given = groups.reduce((sum, half) => sum + half.length, 0)
  if (halves.length === 1 ? given !== 8 : given > 7) return undefined
  const all = halves.length === 1 ? groups[0]! : [...groups[0]!, ...Array<string>(8 - given).fill('0'), ...groups[1]!]
  const bytes = new Uint8Array(16)
  for (let at = 0; at < 8; at++) {
    if (!/^[0-9a-f]{1,4}$/i.test(all[at]!)) return undefined
    writeU16(bytes, at * 2, parseInt(all[at]!, 16))
  }
  return bytes
}

/** RFC 5952 text of 16 bytes. */
export function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) => readU16(bytes, at * 2))
  let bestStart = -1
  let bestLength = 1
  for (let at = 0; at < 8;) {
    let end = at
    while (end < 8 && groups[end] === 0) end++
    if (end - at > bestLength) [bestStart, bestLength] = [at, end - at]
    at = Math.max(end, at + 1)
  }
  const hex = groups.map(group => group.toString(16))
  if (bestStart < 0) return hex.join(':')
  return `${hex.slice(0, bestStart).join(':')}::${hex.slice(bestStart + bestLength).join(':')}`
}

/** An endpoint of an IP literal, or `undefined` when it is no address or no port to dial. IPv4-mapped IPv6 becomes IPv4. */
export function endpoint(address: string, port: number): Endpoint | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65535) return undefined
  const bytes = ipv4Bytes(address) ?? ipv6Bytes(address.replace(/^\[|\]$/g, '').replace(/%.*$/, ''))
  return bytes && endpointOfBytes(bytes, port)
}

/** From 4 or 16 address bytes. */
export function endpointOfBytes(bytes: Uint8Array, port: number): Endpoint | undefined {
  if (port < 1) return undefined
  if (bytes.length === 4) return { address: bytes.join('.'), port, family: 4 }
  const isMapped = bytes.subarray(0, 10).every(byte => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff
  if (isMapped) return { address: bytes.subarray(12).join('.'), port, family: 4 }
  return { address: ipv6Text(bytes), port, family: 6 }
}

/** `host:port` or `[v6]:port` with a literal address, as users and `x.pe` write it. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  return match ? endpoint(match[1] ?? match[2]!, Number(match[3])) : undefined
}

export const addressBytes = (endpoint: Endpoint): Uint8Array =>
  (endpoint.family === 4 ? ipv4Bytes(endpoint.address) : ipv6Bytes(endpoint.address))!

/** Compact form: 6 bytes for IPv4 (BEP 23), 18 for IPv6 (BEP 7). */
export function compactEndpoint(endpoint: Endpoint): Uint8Array {
  const address = addressBytes(endpoint)
  const bytes = new Uint8Array(address.length + 2)
  bytes.set(address)
  writeU16(bytes, address.length, endpoint.port)
  return bytes
}

/** Endpoints of a compact list; `undefined` when the length does not divide. Port 0 is left out. */
export function parseCompact(bytes: Uint8Array, family: 4 | 6, most: number): Endpoint[] | undefined {
  const size = family === 4 ? 6 : 18
  if (bytes.length % size !== 0) return undefined
  const found: Endpoint[] = []
  for (let at = 0; at < bytes.length && found.length < most; at += size) {
    const one = endpointOfBytes(bytes.subarray(at, at + size - 2), readU16(bytes, at + size - 2))
    if (one) found.push(one)
  }
  return found
}
