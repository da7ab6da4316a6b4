import { latin1, utf8 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { LanInterface } from '#engine/io/lan.ts'
import type { Udp, UdpSocket } from '#engine/io/udp.ts'

/** Where devices are looked for (UPnP Device Architecture 1.1, "SSDP"). */
export const SSDP_GROUP: Endpoint = { address: '239.255.255.250', port: 1900, family: 4 }

const WANTED = [1, 2].map(version => `urn:schemas-upnp-org:device:InternetGatewayDevice:${version}`)
/** How long devices may take to answer, so that not all do at once; we wait a little longer. */
const ANSWER_SECONDS = 2
const ASK_AGAIN_MS = 800
const WAIT_MS = 2_800

/** 200 OK that tells where the description of a router is; `undefined` for anything else. Never throws. */
export function parseSsdpAnswer(bytes: Uint8Array): { readonly location: string } | undefined {
  const [first, ...lines] = latin1(bytes.subarray(0, 2048)).split(/\r?\n/)
  if (!/^HTTP\/1\.\d 200\b/.test(first ?? '')) return undefined
  const headerOf = (name: string) =>
    lines
      .find(line => line.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim()
  const location = headerOf('location')
  return WANTED.includes(headerOf('st') ?? '') && location ? { location } : undefined
}

export const encodeSsdpSearch = (target: string): Uint8Array =>
  utf8(
    ['M-SEARCH * HTTP/1.1', `HOST: ${SSDP_GROUP.address}:${SSDP_GROUP.port}`, 'MAN: "ssdp:discover"']
      .concat([`MX: ${ANSWER_SECONDS}`, `ST: ${target}`, '', ''])
      .join('\r\n'),
  )

/**
 * Looks for routers on one network and tells of each description once, `LIMITS.lan.routersAsked` at most.
 * @param at who is asked: the group, and the gateway by itself, because some hear only that
 * @param onFound a location is at the address that answered, or it is not told; return true to look no further
 * @throws EngineError ABORTED, PORT_IN_USE, CONNECT_FAILED
 */
export async function searchRouters(
  io: { readonly udp: Udp; readonly clock: Clock },
  via: LanInterface,
  at: readonly Endpoint[],
  onFound: (location: string, address: string) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const found = new Map<string, string>()
  let wake = () => undefined as void
  const onPacket = (bytes: Uint8Array, from: Endpoint) => {
    const answer = parseSsdpAnswer(bytes)
    // A description elsewhere would make us ask, or configure, somebody else's device.
    if (!answer || found.size >= LIMITS.lan.routersAsked || hostOf(answer.location) !== from.address) return
    found.set(answer.location, from.address)
    wake()
  }
  const multicast = { via, ttl: 2, loopback: true }
  const socket = await io.udp.bind({ family: 4, host: via.address, port: 0, multicast }, onPacket)
  const end = io.clock.now() + WAIT_MS
  const again = io.clock.after(ASK_AGAIN_MS, () => ask(socket, at))
  try {
    ask(socket, at)
    const told = new Set<string>()
    while (!signal.aborted) {
      const next = [...found].find(([location]) => !told.has(location))
      const leftMs = end - io.clock.now()
      if (next) {
        told.add(next[0])
        if (await onFound(...next)) return
      } else if (leftMs <= 0) {
        return
      } else {
        await new Promise<void>(resolve => {
          const timer = io.clock.after(leftMs, resolve)
          wake = () => {
            timer[Symbol.dispose]()
            resolve()
          }
          signal.addEventListener('abort', wake, { once: true })
        })
        signal.removeEventListener('abort', wake)
      }
    }
    throw new EngineError('ABORTED', 'network', 'Stopped before a router was found')
  } finally {
    again[Symbol.dispose]()
    socket.close()
  }
}

function ask(socket: UdpSocket, at: readonly Endpoint[]): void {
  for (const to of at) for (const target of WANTED) socket.send(encodeSsdpSearch(target), to)
}

/** The address literal of an http location; '' when it is anything else. */
export function hostOf(url: string): string {
  try {
    const { protocol, hostname } = new URL(url)
    return protocol === 'http:' ? hostname : ''
  } catch {
    return ''
  }
}
