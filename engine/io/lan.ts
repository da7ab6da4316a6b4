/** One address of this computer, and the network that it is in. */
export interface LanInterface {
  /** What the system calls the interface. */
  readonly name: string
  /** Canonical text as in `Endpoint.address`. */
  readonly address: string
  readonly family: 4 | 6
  /** The bits of the network, as an address: `255.255.255.0`, `ffff:ffff:ffff:ffff::`. */
  readonly netmask: string
  /** Only this computer is there. */
  readonly internal: boolean
  /** Number of the zone, for IPv6 addresses that mean something in one network only; 0 otherwise. */
  readonly scope: number
}

/** What is around this computer. */
export interface Lan {
  /** Where packets for the internet go; for IPv6 with its zone (`fe80::1%eth0`). `undefined` when there is no such router or it cannot be told. */
  gateway(family: 4 | 6): Promise<string | undefined>
  /** As they are at this moment. */
  interfaces(): readonly LanInterface[]
}
