import { utf8 } from '#engine/base/bytes.ts'
import { endpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Http, HttpRequest } from '#engine/io/http.ts'
import type { LanInterface } from '#engine/io/lan.ts'
import type { Udp } from '#engine/io/udp.ts'
import { LEASE_SECONDS, isGatewayFailure, type Lease, type MappingMethod, type MappingWish } from './mapping.ts'
import { parseDescription, type UpnpService, type UpnpServices } from './upnp-description.ts'
import { searchRouters } from './upnp-discovery.ts'
import { childText, elementsNamed, escaped, parseXml } from './xml.ts'

export interface UpnpIo {
  readonly udp: Udp
  readonly http: Http
  readonly clock: Clock
}

/** The UPnP error codes that lead to another try (WANIPConnection:1, 2.4.16). */
const CONFLICT = 718
const ONLY_PERMANENT = 725
/** External ports tried when somebody has the one that we would like. */
const TRIES = 4
const PERMANENT_MS = LEASE_SECONDS * 1000

/** A router's methods: IPv4 forwarding, and IPv6 openings where it offers them. */
export interface UpnpRouter {
  readonly address: string
  readonly forwarding: MappingMethod
  readonly pinholes: ((client: string) => MappingMethod) | undefined
}

/**
 * The first router that forwards ports.
 * @param gateway its address, when known: nobody else is then believed to be it
 * @param groups whom to ask
 * @throws EngineError GATEWAY_SILENT when nobody answers, GATEWAY_INVALID (network), ABORTED
 */
export async function findUpnpRouter(
  io: UpnpIo,
  via: LanInterface,
  gateway: string | undefined,
  groups: readonly Endpoint[],
  signal: AbortSignal,
): Promise<UpnpRouter> {
  let router: UpnpRouter | undefined
  let failure = new EngineError('GATEWAY_SILENT', 'network', 'No router answers by UPnP')
  const onFound = async (location: string, address: string) => {
    if (gateway !== undefined && address !== gateway) return false
    try {
      const services = await describe(io.http, location, address, signal)
      router = routerOf(io.http, services, address, via.address)
      if (!router)
        failure = new EngineError('GATEWAY_INVALID', 'network', 'The router offers no port forwarding by UPnP')
    } catch (thrown) {
      failure = toEngineError(thrown)
      if (!isGatewayFailure(failure)) throw failure
    }
    return router !== undefined
  }
  await searchRouters(io, via, groups, onFound, signal)
  if (router) return router
  throw failure
}

async function describe(http: Http, location: string, address: string, signal: AbortSignal): Promise<UpnpServices> {
  const { status, body } = await http.get(requestTo(location, address), signal)
  if (status === 200) return parseDescription(body, location)
  throw new EngineError('GATEWAY_INVALID', 'network', `The router's description cannot be read: HTTP ${status}`)
}

function routerOf(http: Http, services: UpnpServices, address: string, client: string): UpnpRouter | undefined {
  const { connection, firewall } = services
  if (!connection) return undefined
  return {
    address,
    forwarding: new UpnpForwarding(new Soap(http, connection, address), client),
    pinholes: firewall && (client6 => new UpnpPinholes(new Soap(http, firewall, address), client6)),
  }
}

const requestTo = (url: string, address: string): HttpRequest => ({
  url,
  maxBytes: LIMITS.lan.xmlBytes,
  maxRedirects: 0,
  totalMs: LIMITS.lan.httpMs,
  silentMs: LIMITS.lan.httpMs,
  allow: target => target.address === address,
})

/** What a router answered instead of doing it. */
class UpnpRefusal extends Error {
  readonly upnpCode: number

  constructor(upnpCode: number) {
    super(`UPnP error ${upnpCode}`)
    this.upnpCode = upnpCode
  }
}

/** Calls the actions of one service. */
class Soap {
  readonly #http: Http
  readonly #service: UpnpService
  readonly #address: string

  constructor(http: Http, service: UpnpService, address: string) {
    this.#http = http
    this.#service = service
    this.#address = address
  }

  /**
   * @param args in the order of the service's description: many routers read them by it
   * @returns the text of an argument of the answer
   * @throws UpnpRefusal; EngineError GATEWAY_INVALID, and what `Http` throws
   */
  async call(action: string, args: readonly (readonly [string, string | number])[], signal: AbortSignal) {
    const { type, controlUrl } = this.#service
    const fields = args.map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`).join('')
    const body = utf8(
      '<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
        `<u:${action} xmlns:u="${type}">${fields}</u:${action}></s:Body></s:Envelope>\r\n`,
    )
    const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${type}#${action}"` }
    const answer = await this.#http.get({ ...requestTo(controlUrl, this.#address), headers, body }, signal)
    const root = answer.body.length > 0 ? parseXml(answer.body) : undefined
    if (answer.status !== 200 || !root) {
      const code = root && elementsNamed(root, 'UPnPError').map(error => childText(error, 'errorCode'))[0]
      throw new UpnpRefusal(Number(code ?? answer.status))
    }
    return (name: string) => elementsNamed(root, name)[0]?.text
  }
}

/** Forwarding of IPv4 ports: WANIPConnection and WANPPPConnection. */
class UpnpForwarding implements MappingMethod {
  readonly name = 'UPnP'
  readonly #soap: Soap
  readonly #client: string
  #leaseSeconds = LEASE_SECONDS

  constructor(soap: Soap, client: string) {
    this.#soap = soap
    this.#client = client
  }

  async map(wish: MappingWish, signal: AbortSignal): Promise<Lease> {
    let { externalPort } = wish
    for (let tries = 1; ; tries++) {
      try {
        await this.#add({ ...wish, externalPort }, signal)
        const lifetimeMs = this.#leaseSeconds > 0 ? this.#leaseSeconds * 1000 : PERMANENT_MS
        return { protocol: wish.protocol, internalPort: wish.internalPort, externalPort, lifetimeMs }
      } catch (thrown) {
        const code = thrown instanceof UpnpRefusal ? thrown.upnpCode : undefined
        if (tries >= TRIES || (code !== CONFLICT && code !== ONLY_PERMANENT)) throw failureOf(thrown)
        if (code === ONLY_PERMANENT) this.#leaseSeconds = 0
        // Away from the ports that everybody likes, and inside 1024 to 65535.
        else externalPort = 1024 + ((externalPort + 7919 * tries) % 64_512)
      }
    }
  }

  async unmap({ protocol, externalPort }: Lease, signal: AbortSignal): Promise<void> {
    await attempt(
      this.#soap.call(
        'DeletePortMapping',
        [
          ['NewRemoteHost', ''],
          ['NewExternalPort', externalPort],
          ['NewProtocol', protocol.toUpperCase()],
        ],
        signal,
      ),
    )
  }

  async externalAddress(signal: AbortSignal): Promise<string | undefined> {
    const answer = await attempt(this.#soap.call('GetExternalIPAddress', [], signal))
    return endpoint(answer('NewExternalIPAddress') ?? '', 1)?.address
  }

  #add({ protocol, internalPort, externalPort }: MappingWish, signal: AbortSignal) {
    return this.#soap.call(
      'AddPortMapping',
      [
        ['NewRemoteHost', ''],
        ['NewExternalPort', externalPort],
        ['NewProtocol', protocol.toUpperCase()],
        ['NewInternalPort', internalPort],
        ['NewInternalClient', this.#client],
        ['NewEnabled', 1],
        ['NewPortMappingDescription', 'Freshet'],
        ['NewLeaseDuration', this.#leaseSeconds],
      ],
      signal,
    )
  }
}

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const

/** Openings in the firewall of IPv6: WANIPv6FirewallControl. */
class UpnpPinholes implements MappingMethod {
  readonly name = 'UPnP'
  readonly #soap: Soap
  readonly #client: string
  readonly #ids = new Map<string, string>()

  constructor(soap: Soap, client: string) {
    this.#soap = soap
    this.#client = client
  }

  async map({ protocol, internalPort }: MappingWish, signal: AbortSignal): Promise<Lease> {
    const key = `${protocol} ${internalPort}`
    const known = this.#ids.get(key)
    if (known === undefined) this.#ids.set(key, await this.#open(protocol, internalPort, signal))
    else await this.#renew(key, known, signal)
    return { protocol, internalPort, externalPort: internalPort, lifetimeMs: LEASE_SECONDS * 1000 }
  }

  async unmap({ protocol, internalPort }: Lease, signal: AbortSignal): Promise<void> {
    const key = `${protocol} ${internalPort}`
    const id = this.#ids.get(key)
    this.#ids.delete(key)
    if (id !== undefined) await attempt(this.#soap.call('DeletePinhole', [['UniqueID', id]], signal))
  }

  /** Nothing is translated. */
  externalAddress(): Promise<string> {
    return Promise.resolve(this.#client)
  }

  async #open(protocol: 'tcp' | 'udp', port: number, signal: AbortSignal): Promise<string> {
    const answer = await attempt(
      this.#soap.call(
        'AddPinhole',
        [
          ['RemoteHost', ''],
          ['RemotePort', 0],
          ['InternalClient', this.#client],
          ['InternalPort', port],
          ['Protocol', PROTOCOL_NUMBERS[protocol]],
          ['LeaseTime', LEASE_SECONDS],
        ],
        signal,
      ),
    )
    return answer('UniqueID') ?? ''
  }

  async #renew(key: string, id: string, signal: AbortSignal): Promise<void> {
    try {
      const args = [
        ['UniqueID', id],
        ['NewLeaseTime', LEASE_SECONDS],
      ] as const
      await attempt(this.#soap.call('UpdatePinhole', args, signal))
    } catch (thrown) {
      // The router forgot it: the next try opens another.
      this.#ids.delete(key)
      throw thrown
    }
  }
}

async function attempt<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (thrown) {
    throw failureOf(thrown)
  }
}

const REASONS: Readonly<Record<number, string>> = {
  501: 'it could not do it',
  606: 'we are not allowed to',
  718: 'the port is forwarded to another computer',
}

function failureOf(thrown: unknown): EngineError {
  if (!(thrown instanceof UpnpRefusal)) return toEngineError(thrown)
  const reason = REASONS[thrown.upnpCode] ?? `code ${thrown.upnpCode}`
  return new EngineError('GATEWAY_REFUSED', 'network', `The router refuses by UPnP: ${reason}`)
}
