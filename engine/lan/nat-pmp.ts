import { readU16, readU32, writeU16, writeU32 } from '#engine/base/bytes.ts'
import { endpointOfBytes } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { askGateway, type GatewayIo, type GatewayRoute } from './gateway-exchange.ts'
import { LEASE_SECONDS, type Lease, type MappingMethod, type MappingProtocol, type MappingWish } from './mapping.ts'

/** The port of NAT-PMP and PCP on a router. */
export const PMP_PORT = 5351

const OPCODES = { udp: 1, tcp: 2 } as const
const EXTERNAL_ADDRESS = 0
const ANSWER = 0x80

const REASONS: Readonly<Record<number, string>> = {
  1: 'it speaks another version',
  2: 'it is switched off there, or we are not allowed to',
  3: 'it has no connection to the internet itself',
  4: 'it has no room for more',
  5: 'it does not know the request',
}

/** NAT Port Mapping Protocol, RFC 6886: IPv4 only. */
export class NatPmp implements MappingMethod {
  readonly name = 'NAT-PMP'
  readonly #io: GatewayIo
  readonly #route: GatewayRoute

  constructor(io: GatewayIo, route: GatewayRoute) {
    this.#io = io
    this.#route = route
  }

  map(wish: MappingWish, signal: AbortSignal): Promise<Lease> {
    return this.#ask(encodeMapRequest(wish, LEASE_SECONDS), bytes => parseMapAnswer(bytes, wish), signal)
  }

  async unmap({ protocol, internalPort }: Lease, signal: AbortSignal): Promise<void> {
    const wish = { protocol, internalPort, externalPort: 0 }
    await this.#ask(encodeMapRequest(wish, 0), bytes => parseMapAnswer(bytes, wish), signal)
  }

  externalAddress(signal: AbortSignal): Promise<string> {
    return this.#ask(Uint8Array.of(0, EXTERNAL_ADDRESS), parseAddressAnswer, signal)
  }

  #ask<T>(request: Uint8Array, read: (answer: Uint8Array) => T | undefined, signal: AbortSignal): Promise<T> {
    return askGateway(this.#io, this.#route, request, read, signal)
  }
}

/** 12 bytes. @param seconds 0 gives the mapping back */
export function encodeMapRequest(wish: MappingWish, seconds: number): Uint8Array {
  const bytes = new Uint8Array(12)
  bytes[1] = OPCODES[wish.protocol]
  writeU16(bytes, 4, wish.internalPort)
  writeU16(bytes, 6, wish.externalPort)
  writeU32(bytes, 8, seconds)
  return bytes
}

/**
 * @returns `undefined` for what is no answer to this request
 * @throws EngineError GATEWAY_REFUSED (network)
 */
export function parseMapAnswer(
  bytes: Uint8Array,
  asked: { readonly protocol: MappingProtocol; readonly internalPort: number },
): Lease | undefined {
  if (!isAnswer(bytes, OPCODES[asked.protocol])) return undefined
  if (bytes.length < 16 || readU16(bytes, 8) !== asked.internalPort) return undefined
  const { protocol, internalPort } = asked
  return { protocol, internalPort, externalPort: readU16(bytes, 10), lifetimeMs: readU32(bytes, 12) * 1000 }
}

/** Dotted IPv4; otherwise as `parseMapAnswer`. */
export function parseAddressAnswer(bytes: Uint8Array): string | undefined {
  return isAnswer(bytes, EXTERNAL_ADDRESS) && bytes.length >= 12
    ? endpointOfBytes(bytes.subarray(8, 12), 1)?.address
    : undefined
}

/** Version, opcode and result; a refusal may be shorter than what it refuses. */
function isAnswer(bytes: Uint8Array, opcode: number): boolean {
  if (bytes.length < 8 || bytes[0] !== 0 || bytes[1] !== (ANSWER | opcode)) return false
  const result = readU16(bytes, 2)
  if (result === 0) return true
  throw new EngineError(
    'GATEWAY_REFUSED',
    'network',
    `The router refuses by NAT-PMP: ${REASONS[result] ?? `code ${result}`}`,
  )
}
