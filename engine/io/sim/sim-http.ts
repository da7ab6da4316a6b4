import { EngineError } from '#engine/base/errors.ts'
import type { HttpRequest, HttpResponse } from '../http.ts'
import type { SimClock } from './sim-clock.ts'
import type { SimHost } from './sim-network.ts'

/**
 * Answers an HTTP request of the simulated world, at once or later; throwing is a connection that breaks.
 * `request.url` is that of the hop.
 */
export type SimHandler = (request: HttpRequest, from: string) => HttpResponse | Promise<HttpResponse>

const SLICE = 64 * 1024

/** Who answers, and where. */
export interface SimWeb {
  readonly clock: SimClock
  handlerOf(origin: string): SimHandler | undefined
  addressOf(hostname: string): string | undefined
}

/** GET as the real port does it: redirects, the address rule on every hop, limits of size and time, the line's rate. */
export function simGet(web: SimWeb, host: SimHost, request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let step: Disposable | undefined
    let isOver = false
    const end = (): boolean => {
      if (isOver) return false
      isOver = true
      step?.[Symbol.dispose]()
      deadline[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
      return true
    }
    const fail = (thrown: unknown): void => {
      if (end()) reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
    }
    const onAbort = (): void => fail(new EngineError('ABORTED', 'input', 'not needed any more'))
    const later = (ms: number, act: () => Promise<void> | void): void => {
      step = web.clock.after(ms, () => {
        Promise.resolve().then(act).catch(fail)
      })
    }
    const ask = async (url: string, hop: number): Promise<void> => {
      const response = await knock(web, host, { ...request, url }, hop)
      if (isOver) return
      const { location } = response.headers
      if (response.status >= 301 && response.status <= 308 && location !== undefined) {
        if (hop >= request.maxRedirects) throw new EngineError('HTTP_REDIRECT', 'network', `more than ${hop} redirects`)
        const next = new URL(location, url).href
        if (!/^https?:/.test(next)) throw new EngineError('HTTP_REDIRECT', 'network', 'no web address')
        later(4 * (host.options.latencyMs ?? 1), () => ask(next, hop + 1))
        return
      }
      if (response.body.length > request.maxBytes) {
        throw new EngineError('HTTP_TOO_LARGE', 'network', `more than ${request.maxBytes} bytes`)
      }
      arrive({ ...response, url }, 0)
    }
    /** The line is shared: a body comes in slices, and other traffic in between. */
    const arrive = (response: HttpResponse, at: number): void => {
      const now = web.clock.now()
      const next = Math.min(response.body.length, at + SLICE)
      later(host.down.pass(next - at, now) - now, () => {
        if (next < response.body.length) arrive(response, next)
        else if (end()) resolve(response)
      })
    }
    const deadline = web.clock.after(request.totalMs, () =>
      fail(new EngineError('HTTP_TIMEOUT', 'network', `no complete answer within ${request.totalMs} ms`)),
    )
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else later(4 * (host.options.latencyMs ?? 1), () => ask(request.url, 0))
  })
}

function knock(web: SimWeb, host: SimHost, request: HttpRequest, hop: number): HttpResponse | Promise<HttpResponse> {
  const { protocol, host: site, hostname } = new URL(request.url)
  const origin = `${protocol}//${site}`
  const handler = web.handlerOf(origin)
  const address = web.addressOf(hostname)
  if (!address || !host.isOnline) throw new EngineError('CONNECT_FAILED', 'network', `${origin} does not answer`)
  if (request.family === 6) throw new EngineError('DNS_FAILED', 'network', `no way to ${origin}`)
  if (request.allow?.({ url: request.url, address, family: 4, hop }) === false) {
    throw new EngineError('ADDRESS_FORBIDDEN', 'network', `no way to ${origin}`)
  }
  if (!handler) throw new EngineError('CONNECT_FAILED', 'network', `${origin} does not answer`)
  return handler(request, host.address)
}
