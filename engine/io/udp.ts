import type { Endpoint } from '#engine/base/endpoint.ts'

export interface UdpSocket {
  readonly port: number
  /** Best effort, like UDP: an address that cannot be reached is silently lost. The bytes may be reused afterwards. */
  send(bytes: Uint8Array, to: Endpoint): void
  close(): void
}

export interface Udp {
  /**
   * @param onPacket `bytes` is lent. A throw drops that packet and nothing else.
   * @throws EngineError PORT_IN_USE (network)
   */
  bind(
    at: { family: 4 | 6; host?: string; port: number },
    onPacket: (bytes: Uint8Array, from: Endpoint) => void,
  ): Promise<UdpSocket>
}
