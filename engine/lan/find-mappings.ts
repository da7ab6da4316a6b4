import { addressClass } from '#engine/base/address-class.ts'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Http } from '#engine/io/http.ts'
import type { Lan, LanInterface } from '#engine/io/lan.ts'
import type { Log } from '#engine/io/log.ts'
import type { Random } from '#engine/io/random.ts'
import type { Udp } from '#engine/io/udp.ts'
import type { GatewayRoute } from './gateway-exchange.ts'
import {
  isGatewayFailure,
  type Lease,
  type MappingMethod,
  type MappingMethodName,
  type MappingProtocol,
} from './mapping.ts'
import { NatPmp, PMP_PORT } from './nat-pmp.ts'
import { isInNetwork } from './on-link.ts'
import { Pcp } from './pcp.ts'
import { findUpnpRouter, type UpnpRouter } from './upnp.ts'
import { SSDP_GROUP } from './upnp-discovery.ts'

export interface MapperIo {
  readonly udp: Udp
  readonly http: Http
  readonly lan: Lan
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export interface MapperSettings {
  /** Networks to use; all but this computer's own when absent. */
  readonly allow?: (network: LanInterface) => boolean
  /** Where routers listen, when not where the standards say. */
  readonly pmpPort?: number
  readonly ssdp?: Endpoint
}

interface Held {
  readonly method: MappingMethod
  readonly lease: Lease
}

/** What routers do for us at the moment. */
export interface Mappings {
  readonly method: MappingMethodName
  readonly externalAddress: string | undefined
  /** At least one; that of TCP over IPv4 first, if there is one. */
  readonly all: readonly Held[]
}

interface Wanted {
  readonly protocol: MappingProtocol
  readonly port: number
}

/**
 * Forwards both ports by the first method that does it, and opens them for IPv6 where there is a way.
 * @throws EngineError GATEWAY_SILENT, GATEWAY_REFUSED, GATEWAY_INVALID (network): what the last method said; ABORTED
 */
export async function findMappings(
  io: MapperIo,
  networks: readonly LanInterface[],
  ports: { readonly tcp: number | undefined; readonly udp: number | undefined },
  settings: MapperSettings,
  signal: AbortSignal,
): Promise<Mappings> {
  const wanted = (['tcp', 'udp'] as const).flatMap(protocol => {
    const port = ports[protocol]
    return port === undefined ? [] : [{ protocol, port }]
  })
  const search = new Search(io, networks, settings, signal)
  const { method, all } = await search.forward(wanted)
  const openings = await search.open(wanted)
  let externalAddress
  try {
    externalAddress = await method.externalAddress(signal)
  } catch (thrown) {
    // Good to know, and no more.
    io.log.write('debug', 'port-mapper', toEngineError(thrown).message)
  }
  if (signal.aborted) {
    await giveBack({ all: [...all, ...openings] }, new AbortController().signal)
    throw new EngineError('ABORTED', 'network', 'Stopped while the router was asked')
  }
  return { method: method.name, externalAddress, all: [...all, ...openings] }
}

/** The same again for as long. @throws as `findMappings` */
export async function renew(mappings: Mappings, signal: AbortSignal): Promise<Mappings> {
  const all: Held[] = []
  for (const { method, lease } of mappings.all) all.push({ method, lease: await method.map(lease, signal) })
  return { ...mappings, all }
}

/** Whatever happens: a router that does not listen forgets us when the lease ends. */
export async function giveBack({ all }: Pick<Mappings, 'all'>, signal: AbortSignal): Promise<void> {
  await Promise.all(all.map(({ method, lease }) => method.unmap(lease, signal).catch(() => undefined)))
}

class Search {
  readonly #io: MapperIo
  readonly #networks: readonly LanInterface[]
  readonly #settings: MapperSettings
  readonly #signal: AbortSignal
  #upnp: UpnpRouter | undefined

  constructor(io: MapperIo, networks: readonly LanInterface[], settings: MapperSettings, signal: AbortSignal) {
    this.#io = io
    this.#networks = networks
    this.#settings = settings
    this.#signal = signal
  }

  async forward(wanted: readonly Wanted[]): Promise<{ method: MappingMethod; all: Held[] }> {
    const gateway = await this.#io.lan.gateway(4)
    const via = this.#networkOf(gateway, 4)
    if (!via) throw new EngineError('GATEWAY_SILENT', 'network', 'This computer is in no IPv4 network with a router')
    const route = gateway === undefined ? undefined : this.#route(gateway, via)
    const ways: (() => MappingMethod | Promise<MappingMethod>)[] = [async () => this.#byUpnp(gateway, via)]
    if (route)
      ways.unshift(
        () => new Pcp(this.#io, route),
        () => new NatPmp(this.#io, route),
      )
    return await this.#first(ways, wanted)
  }

  /** Openings in the firewall of IPv6: nothing when there is no such address, or no way. */
  async open(wanted: readonly Wanted[]): Promise<readonly Held[]> {
    const own = this.#networks.find(one => one.family === 6 && addressClass(one.address) === 'public')
    if (!own) return []
    const gateway = await this.#io.lan.gateway(6)
    const ways: (() => MappingMethod)[] = []
    if (gateway !== undefined) ways.push(() => new Pcp(this.#io, this.#route(gateway, own)))
    const { pinholes } = this.#upnp ?? {}
    if (pinholes) ways.push(() => pinholes(own.address))
    if (ways.length === 0) return []
    try {
      return (await this.#first(ways, wanted)).all
    } catch (thrown) {
      this.#io.log.write('debug', 'port-mapper', `IPv6: ${toEngineError(thrown).message}`)
      return []
    }
  }

  async #byUpnp(gateway: string | undefined, via: LanInterface): Promise<MappingMethod> {
    const group = this.#settings.ssdp ?? SSDP_GROUP
    const direct = gateway === undefined ? undefined : endpoint(gateway, group.port)
    const asked = direct && direct.address !== group.address ? [group, direct] : [group]
    this.#upnp = await findUpnpRouter(this.#io, via, gateway, asked, this.#signal)
    return this.#upnp.forwarding
  }

  async #first(ways: readonly (() => MappingMethod | Promise<MappingMethod>)[], wanted: readonly Wanted[]) {
    let failure: EngineError | undefined
    for (const way of ways) {
      try {
        const method = await way()
        return { method, all: await this.#mapAll(method, wanted) }
      } catch (thrown) {
        const error = toEngineError(thrown)
        if (this.#signal.aborted || !isGatewayFailure(error)) throw error
        this.#io.log.write('debug', 'port-mapper', error.message)
        // Why a router refuses says more than that nobody answers to the next question.
        if (!failure || error.code !== 'GATEWAY_SILENT') failure = error
      }
    }
    throw failure ?? new EngineError('GATEWAY_SILENT', 'network', 'No router answers')
  }

  /** Both or none. The second would like the port that the first has got. */
  async #mapAll(method: MappingMethod, wanted: readonly Wanted[]): Promise<Held[]> {
    const all: Held[] = []
    try {
      for (const { protocol, port } of wanted) {
        const first = all[0]?.lease
        const externalPort = first?.internalPort === port ? first.externalPort : port
        all.push({ method, lease: await method.map({ protocol, internalPort: port, externalPort }, this.#signal) })
      }
      return all
    } catch (thrown) {
      await giveBack({ all }, new AbortController().signal)
      throw thrown
    }
  }

  #networkOf(gateway: string | undefined, family: 4 | 6): LanInterface | undefined {
    const candidates = this.#networks.filter(one => one.family === family)
    return candidates.find(one => gateway !== undefined && isInNetwork(gateway, one)) ?? candidates[0]
  }

  #route(gateway: string, via: LanInterface): GatewayRoute {
    // Not made by `endpoint`, which takes the zone away: this one is dialled and not told to anybody.
    const to: Endpoint = { address: gateway, port: this.#settings.pmpPort ?? PMP_PORT, family: via.family }
    return { gateway: to, client: via.address }
  }
}
