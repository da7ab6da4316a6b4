import type { Endpoint } from '#engine/base/endpoint.ts'
import type { LanInterface } from './lan.ts'

export interface UdpSocket {
  readonly port: number
  /** Best effort, like UDP: an address that cannot be reached is silently lost. The bytes may be reused afterwards. */
  send(bytes: Uint8Array, to: Endpoint): void
  close(): void
}

/** How a socket takes part in multicast. Others on this computer may then use the same port. */
export interface Multicast {
  /** Joined when given; sending needs no membership. */
  readonly group?: string
  /** The network by which packets of the group come and ours leave. */
  readonly via: LanInterface
  /** Networks that ours may cross; 1 stays on this one. */
  readonly ttl: number
  /** Whether this computer hears its own packets: its other programs do only then. */
  readonly loopback: boolean
}

export interface Udp {
  /**
   * @param onPacket `bytes` is lent. A throw drops that packet and nothing else.
   * @throws EngineError PORT_IN_USE, CONNECT_FAILED (network)
   */
  bind(
    at: { family: 4 | 6; host?: string; port: number; multicast?: Multicast },
    onPacket: (bytes: Uint8Array, from: Endpoint) => void,
  ): Promise<UdpSocket>
}
