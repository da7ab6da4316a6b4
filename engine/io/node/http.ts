import http from 'node:http'
import https from 'node:https'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Dns } from '../dns.ts'
import type { Http, HttpRequest, HttpResponse } from '../http.ts'
import { aborted } from './abort.ts'
import { exchange } from './http-exchange.ts'
import { parseHttpUrl, redirectTarget, type HttpTarget } from './http-url.ts'

const IDLE = { keepAlive: true, maxFreeSockets: 32, timeout: 30_000, scheduling: 'lifo' } as const
/** Addresses of one name that are tried in turn. */
const ADDRESSES = 4
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** GET over Node's own HTTP parser, with our own idea of redirects, addresses and limits. */
export class NodeHttp implements Http {
  readonly #dns: Dns
  readonly #plain = new http.Agent(IDLE)
  readonly #tls = new https.Agent(IDLE)

  constructor(dns: Dns) {
    this.#dns = dns
  }

  async get(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const deadline = new Deadline(request.totalMs, signal)
    try {
      return await this.#follow(request, deadline)
    } catch (thrown) {
      throw deadline.reason ?? toEngineError(thrown)
    } finally {
      deadline.end()
    }
  }

  close(): void {
    this.#plain.destroy()
    this.#tls.destroy()
  }

  async #follow(request: HttpRequest, deadline: Deadline): Promise<HttpResponse> {
    const first = parseHttpUrl(request.url)
    let target = first
    for (let hop = 0; ; hop++) {
      const response = await this.#ask(target, request, hop, target.host === first.host, deadline)
      const location = response.headers['location']
      if (!REDIRECTS.has(response.status) || location === undefined || request.body) return response
      if (hop >= request.maxRedirects) {
        throw new EngineError('HTTP_REDIRECT', 'network', `${first.hostname} sent us on more than ${hop} times`)
      }
      target = redirectTarget(target, location)
    }
  }

  async #ask(target: HttpTarget, request: HttpRequest, hop: number, isHome: boolean, deadline: Deadline) {
    const addresses = await this.#addresses(target, request, hop, deadline.signal)
    const headers = headersFor(target, request.headers ?? {}, isHome)
    let failure: unknown
    for (const { address } of addresses) {
      try {
        return await exchange(target, address, {
          headers,
          body: request.body,
          agent: target.isTls ? this.#tls : this.#plain,
          maxBytes: request.maxBytes,
          silentMs: request.silentMs,
          skipBodyOf: REDIRECTS,
          signal: deadline.signal,
        })
      } catch (thrown) {
        failure = thrown
        const couldNotConnect = thrown instanceof EngineError && thrown.code === 'CONNECT_FAILED'
        if (!couldNotConnect || deadline.signal.aborted) throw thrown
      }
    }
    throw failure
  }

  /** Judged after the name was resolved; exactly these are then connected to, whatever DNS says next. */
  async #addresses(target: HttpTarget, request: HttpRequest, hop: number, signal: AbortSignal) {
    const all = await this.#dns.resolve(target.hostname, signal)
    const found = request.family ? all.filter(({ family }) => family === request.family) : all
    if (found.length === 0) {
      throw new EngineError('DNS_FAILED', 'network', `${target.hostname} has no IPv${request.family} address`)
    }
    const { allow } = request
    const allowed = allow ? found.filter(one => allow({ url: target.url, ...one, hop })) : found
    if (allowed.length === 0) {
      throw new EngineError(
        'ADDRESS_FORBIDDEN',
        'network',
        `${target.hostname} leads to ${found[0]!.address}, an address inside a private network`,
      )
    }
    return allowed.slice(0, ADDRESSES)
  }
}

function headersFor(target: HttpTarget, given: Readonly<Record<string, string>>, isHome: boolean) {
  const headers: Record<string, string> = { Host: target.host, 'Accept-Encoding': 'gzip, deflate, br' }
  for (const [name, value] of Object.entries(given)) {
    // What identifies us to one host is not told to the host it sends us to.
    if (isHome || !/^(authorization|cookie)$/i.test(name)) headers[name] = value
  }
  if (target.authorization !== undefined) headers['Authorization'] = target.authorization
  return headers
}

/** The caller's signal and the total time as one signal. */
class Deadline {
  reason: EngineError | undefined
  readonly signal: AbortSignal
  readonly #caller: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #onAbort: () => void

  constructor(totalMs: number, caller: AbortSignal) {
    const own = new AbortController()
    const stop = (reason: EngineError) => {
      this.reason ??= reason
      own.abort()
    }
    this.signal = own.signal
    this.#caller = caller
    this.#onAbort = () => stop(aborted('network'))
    const late = () => stop(new EngineError('HTTP_TIMEOUT', 'network', `No complete answer within ${totalMs / 1000} s`))
    this.#timer = setTimeout(late, Math.min(totalMs, LIMITS.timerMs))
    if (caller.aborted) this.#onAbort()
    else caller.addEventListener('abort', this.#onAbort, { once: true })
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#caller.removeEventListener('abort', this.#onAbort)
  }
}
