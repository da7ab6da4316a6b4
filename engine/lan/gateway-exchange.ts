import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Udp } from '#engine/io/udp.ts'

/** Routers of NAT-PMP and PCP answer at once or never; the RFCs' minute of patience would only delay the next method. */
const WAITS_MS = [250, 500, 1000]

export interface GatewayIo {
  readonly udp: Udp
  readonly clock: Clock
}

/** Where a router is asked, and from which address of ours. */
export interface GatewayRoute {
  /** With its zone in IPv6, where it has one. */
  readonly gateway: Endpoint
  readonly client: string
}

/**
 * One question to a router and the first answer that fits, asked again a few times. Only what comes from the router's own
 * address and port is looked at.
 * @param read the answer, or `undefined` for a packet that is none; what it throws is the result
 * @throws EngineError GATEWAY_SILENT (network), ABORTED
 */
export async function askGateway<T>(
  io: GatewayIo,
  { gateway, client }: GatewayRoute,
  request: Uint8Array,
  read: (answer: Uint8Array) => T | undefined,
  signal: AbortSignal,
): Promise<T> {
  if (signal.aborted) throw aborted()
  const [address = ''] = gateway.address.split('%')
  let hear: (answer: Uint8Array) => void = () => undefined
  const socket = await io.udp.bind({ family: gateway.family, host: client, port: 0 }, (bytes, from) => {
    if (from.address === address && from.port === gateway.port) hear(bytes)
  })
  const asking = new Asking(io.clock, () => socket.send(request, gateway))
  let onAbort = () => undefined as void
  try {
    return await new Promise<T>((resolve, reject) => {
      hear = bytes => {
        try {
          const answer = read(bytes)
          if (answer !== undefined) resolve(answer)
        } catch (thrown) {
          reject(toEngineError(thrown))
        }
      }
      onAbort = () => reject(aborted())
      signal.addEventListener('abort', onAbort, { once: true })
      // Aborted while the socket was opening.
      if (signal.aborted) onAbort()
      const silence = new EngineError('GATEWAY_SILENT', 'network', `The router at ${address} does not answer`)
      asking.start(() => reject(silence))
    })
  } finally {
    asking.end()
    signal.removeEventListener('abort', onAbort)
    socket.close()
  }
}

const aborted = () => new EngineError('ABORTED', 'network', 'Stopped before the router answered')

/** Asks, waits, asks again, and gives up. */
class Asking {
  readonly #clock: Clock
  readonly #ask: () => void
  #timer: Disposable | undefined

  constructor(clock: Clock, ask: () => void) {
    this.#clock = clock
    this.#ask = ask
  }

  start(onSilence: () => void, attempt = 0): void {
    const waitMs = WAITS_MS[attempt]
    if (waitMs === undefined) return onSilence()
    this.#ask()
    this.#timer = this.#clock.after(waitMs, () => this.start(onSilence, attempt + 1))
  }

  end(): void {
    this.#timer?.[Symbol.dispose]()
  }
}
