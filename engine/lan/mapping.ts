import type { EngineError } from '#engine/base/errors.ts'

export type MappingProtocol = 'tcp' | 'udp'

export interface MappingWish {
  readonly protocol: MappingProtocol
  readonly internalPort: number
  /** What we would like, or have: a router may give another. */
  readonly externalPort: number
}

export interface Lease {
  readonly protocol: MappingProtocol
  readonly internalPort: number
  readonly externalPort: number
  /** How long it lasts from now on. */
  readonly lifetimeMs: number
}

/** What the user is told it is. */
export type MappingMethodName = 'PCP' | 'NAT-PMP' | 'UPnP'

/** One router, spoken to in one protocol. */
export interface MappingMethod {
  readonly name: MappingMethodName
  /**
   * Asks for a lease, or renews one when asked for what it gave.
   * @throws EngineError GATEWAY_SILENT, GATEWAY_REFUSED, GATEWAY_INVALID (network), ABORTED
   */
  map(wish: MappingWish, signal: AbortSignal): Promise<Lease>
  /** Gives it back. @throws as `map` */
  unmap(lease: Lease, signal: AbortSignal): Promise<void>
  /** Our address as the internet sees it, where the router says so. @throws as `map` */
  externalAddress(signal: AbortSignal): Promise<string | undefined>
}

/** Asked for: long enough to be little traffic, short enough not to outlive a crash for long. */
export const LEASE_SECONDS = 3600

/** Whether a failure is the router's, so that another way may still work. */
export const isGatewayFailure = ({ code }: EngineError): boolean => code !== 'ABORTED' && code !== 'INTERNAL'
