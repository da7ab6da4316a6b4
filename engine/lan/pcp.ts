import { readU16, readU32, writeU16, writeU32 } from '#engine/base/bytes.ts'
import { endpointOfBytes, ipv4Bytes, ipv6Bytes } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { sameBytes } from '#engine/base/ids.ts'
import type { Random } from '#engine/io/random.ts'
import { askGateway, type GatewayIo, type GatewayRoute } from './gateway-exchange.ts'
import { LEASE_SECONDS, type Lease, type MappingMethod, type MappingWish } from './mapping.ts'

const VERSION = 2
const MAP = 1
const ANSWER = 0x80
const LENGTH = 60
const NONCE_LENGTH = 12
/** IANA's numbers. */
const PROTOCOLS = { tcp: 6, udp: 17 } as const

const REASONS: Readonly<Record<number, string>> = {
  1: 'it speaks another version',
  2: 'it is switched off there, or we are not allowed to',
  4: 'it does not know the request',
  7: 'it has a problem of its own',
  8: 'it has no room for more',
  9: 'it does not forward this protocol',
  10: 'this computer has had its share',
  11: 'the port is taken',
  12: 'there is another router in between',
}

interface PcpLease extends Lease {
  readonly externalAddress: string | undefined
}

/** Port Control Protocol, RFC 6887: mappings of IPv4, and openings in the firewall of IPv6. */
export class Pcp implements MappingMethod {
  readonly name = 'PCP'
  readonly #io: GatewayIo & { readonly random: Random }
  readonly #route: GatewayRoute
  /** By which the router knows whose mapping it is: the same for renewing it and giving it back. */
  readonly #nonces = new Map<string, Uint8Array>()
  #externalAddress: string | undefined

  constructor(io: GatewayIo & { readonly random: Random }, route: GatewayRoute) {
    this.#io = io
    this.#route = route
  }

  async map(wish: MappingWish, signal: AbortSignal): Promise<Lease> {
    const { externalAddress, ...lease } = await this.#ask(wish, LEASE_SECONDS, signal)
    this.#externalAddress = externalAddress
    return lease
  }

  async unmap({ protocol, internalPort }: Lease, signal: AbortSignal): Promise<void> {
    await this.#ask({ protocol, internalPort, externalPort: 0 }, 0, signal)
  }

  /** Known after a mapping. */
  externalAddress(): Promise<string | undefined> {
    return Promise.resolve(this.#externalAddress)
  }

  #ask(wish: MappingWish, seconds: number, signal: AbortSignal): Promise<PcpLease> {
    const key = `${wish.protocol} ${wish.internalPort}`
    const nonce = this.#nonces.get(key) ?? this.#io.random.bytes(NONCE_LENGTH)
    this.#nonces.set(key, nonce)
    const request = encodePcpMap(wish, seconds, this.#route.client, nonce)
    return askGateway(this.#io, this.#route, request, bytes => parsePcpMap(bytes, wish, nonce), signal)
  }
}

/** 60 bytes. @param client our address on the network of the router, IPv4 or IPv6 */
export function encodePcpMap(wish: MappingWish, seconds: number, client: string, nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(LENGTH)
  const own = ipv6Bytes(client)
  bytes[0] = VERSION
  bytes[1] = MAP
  writeU32(bytes, 4, seconds)
  bytes.set(own ?? mapped(client), 8)
  bytes.set(nonce, 24)
  bytes[36] = PROTOCOLS[wish.protocol]
  writeU16(bytes, 40, wish.internalPort)
  writeU16(bytes, 42, wish.externalPort)
  // No external address in mind: all zeros of the family.
  if (!own) bytes.set(mapped('0.0.0.0'), 44)
  return bytes
}

/**
 * @returns `undefined` for what is no answer to this request
 * @throws EngineError GATEWAY_REFUSED (network)
 */
export function parsePcpMap(bytes: Uint8Array, asked: MappingWish, nonce: Uint8Array): PcpLease | undefined {
  // A router of NAT-PMP answers in its own version that it does not know ours.
  if (bytes.length >= 4 && bytes[0] === 0 && (bytes[1]! & ANSWER) !== 0) throw refused(1)
  if (bytes.length < 24 || bytes[1] !== (ANSWER | MAP)) return undefined
  if (bytes[0] !== VERSION) throw refused(1)
  if (bytes.length < LENGTH) {
    // Refusals that did not understand the request need not repeat it.
    if (bytes[3] !== 0) throw refused(bytes[3]!)
    return undefined
  }
  const { protocol, internalPort } = asked
  const isOurs = sameBytes(bytes.subarray(24, 36), nonce) && bytes[36] === PROTOCOLS[protocol]
  if (!isOurs || readU16(bytes, 40) !== internalPort) return undefined
  if (bytes[3] !== 0) throw refused(bytes[3]!)
  return {
    protocol,
    internalPort,
    externalPort: readU16(bytes, 42),
    lifetimeMs: readU32(bytes, 4) * 1000,
    externalAddress: endpointOfBytes(bytes.subarray(44, 60), 1)?.address,
  }
}

const refused = (result: number) =>
  new EngineError('GATEWAY_REFUSED', 'network', `The router refuses by PCP: ${REASONS[result] ?? `code ${result}`}`)

/** IPv4 inside IPv6. */
function mapped(address: string): Uint8Array {
  const bytes = new Uint8Array(16)
  bytes[10] = bytes[11] = 0xff
  bytes.set(ipv4Bytes(address) ?? new Uint8Array(4), 12)
  return bytes
}
