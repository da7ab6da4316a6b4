import { ipv4Bytes, ipv6Bytes } from './endpoint.ts'

/**
 * `public`; `local`: this computer or its networks (loopback, private, carrier NAT, unique local);
 * `forbidden`: nothing that a server could listen at (unspecified, link-local with its metadata services, multicast,
 * broadcast, protocol assignments), or no address at all.
 */
export type AddressClass = 'public' | 'local' | 'forbidden'

/** Judges the text of an IP literal; an IPv4 address inside an IPv6 one (mapped, NAT64, 6to4) counts as itself. */
export function addressClass(address: string): AddressClass {
  const v4 = ipv4Bytes(address)
  if (v4) return classOfV4(v4)
  const v6 = ipv6Bytes(address)
  return v6 ? classOfV6(v6) : 'forbidden'
}

export const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

function classOfV4(bytes: Uint8Array): AddressClass {
  const [a, b, c] = bytes as unknown as [number, number, number]
  if (a === 0 || a >= 224 || (a === 169 && b === 254) || (a === 192 && b === 0 && c === 0)) return 'forbidden'
  if (a === 10 || a === 127 || (a === 192 && b === 168) || (a === 172 && (b & 0xf0) === 16)) return 'local'
  if ((a === 100 && (b & 0xc0) === 64) || (a === 198 && (b & 0xfe) === 18)) return 'local'
  return 'public'
}

function classOfV6(bytes: Uint8Array): AddressClass {
  const startsWith = (...prefix: number[]) => prefix.every((byte, at) => bytes[at] === byte)
  const zeros = bytes.findIndex(byte => byte !== 0)
  if (zeros < 0) return 'forbidden'
  if (zeros === 15 && bytes[15] === 1) return 'local'
  if (zeros >= 12 || (zeros === 10 && bytes[10] === 0xff && bytes[11] === 0xff)) return classOfV4(bytes.subarray(12))
  if (startsWith(0x00, 0x64, 0xff, 0x9b)) return classOfV4(bytes.subarray(12))
  if (startsWith(0x20, 0x02)) return classOfV4(bytes.subarray(2, 6))
  if (bytes[0] === 0xff || (bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80)) return 'forbidden'
  if ((bytes[0]! & 0xfe) === 0xfc || (bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0xc0)) return 'local'
  return 'public'
}
