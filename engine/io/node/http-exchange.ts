import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { HttpResponse } from '../http.ts'
import { aborted } from './abort.ts'
import { readBody } from './http-body.ts'
import type { HttpTarget } from './http-url.ts'
import { errnoOf, reasonOf } from './net-error.ts'

export interface ExchangeOptions {
  readonly headers: Readonly<Record<string, string>>
  /** Makes it a POST. */
  readonly body: Uint8Array | undefined
  readonly agent: http.Agent
  readonly maxBytes: number
  readonly silentMs: number
  /** Statuses whose body is of no use: the connection is dropped instead of reading it. */
  readonly skipBodyOf: ReadonlySet<number>
  readonly signal: AbortSignal
}

/** One request to one address, one answer. */
export async function exchange(target: HttpTarget, address: string, options: ExchangeOptions): Promise<HttpResponse> {
  try {
    return await attempt(target, address, options)
  } catch (thrown) {
    if (!(thrown instanceof StaleConnection)) throw thrown
  }
  // The kept connection was closed by the other side just when it was used again: once more on a fresh one.
  return await attempt(target, address, { ...options, agent: new (target.isTls ? https : http).Agent() })
}

/** A kept connection that turned out to be closed before anything was answered. */
class StaleConnection extends Error {}

function attempt(target: HttpTarget, address: string, options: ExchangeOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    if (options.signal.aborted) {
      reject(aborted('network'))
      return
    }
    const request = start(target, address, options)
    let isConnected = request.reusedSocket
    const silence = setTimeout(
      () => fail(new EngineError('HTTP_TIMEOUT', 'network', `${target.hostname} was silent for too long`)),
      options.silentMs,
    )
    const onProgress = () => void silence.refresh()
    const onAbort = () => fail(aborted('network'))
    const end = () => {
      clearTimeout(silence)
      options.signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: Error) => {
      end()
      reject(error)
      request.destroy()
    }
    options.signal.addEventListener('abort', onAbort, { once: true })

    request.on('socket', socket => {
      if (!socket.connecting) isConnected = true
      socket.once('connect', () => {
        isConnected = true
        onProgress()
      })
    })
    request.on('error', thrown => {
      const isStale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(errnoOf(thrown))
      fail(isStale ? new StaleConnection() : requestError(target, thrown, isConnected))
    })
    request.on('response', response => {
      onProgress()
      answerOf(response, target, address, options, onProgress).then(
        answer => {
          end()
          resolve(answer)
        },
        (thrown: unknown) => fail(thrown instanceof Error ? thrown : new Error(String(thrown))),
      )
    })
    request.end(options.body)
  })
}

/** To the address, not the name: kept connections are then shared by address too, and no second lookup can differ. */
function start(target: HttpTarget, address: string, options: ExchangeOptions): ClientRequest {
  const common = {
    host: address,
    port: target.port,
    path: target.path,
    method: options.body ? 'POST' : 'GET',
    headers: options.headers,
    agent: options.agent,
    maxHeaderSize: LIMITS.http.headerBytes,
    insecureHTTPParser: false,
  }
  if (!target.isTls) return http.request(common)
  // Certificates of names are checked against the name; an address literal sends no name (RFC 6066, 3).
  return https.request({ ...common, servername: isIP(target.hostname) ? '' : target.hostname })
}

async function answerOf(
  response: IncomingMessage,
  target: HttpTarget,
  address: string,
  options: ExchangeOptions,
  onProgress: () => void,
): Promise<HttpResponse> {
  const status = response.statusCode ?? 0
  if (response.rawHeaders.length / 2 > LIMITS.http.headers) {
    throw new EngineError('HTTP_TOO_LARGE', 'network', `${target.hostname} answered with too many headers`)
  }
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  let body: Uint8Array = new Uint8Array(0)
  if (options.skipBodyOf.has(status) && headers['location'] !== undefined) {
    response.on('error', () => undefined)
    response.destroy()
  } else {
    body = await readBody(response, options.maxBytes, onProgress)
  }
  return { status, headers, body, url: target.url, remoteAddress: address }
}

function requestError(target: HttpTarget, thrown: unknown, isConnected: boolean): EngineError {
  const host = target.hostname
  if (errnoOf(thrown) === 'HPE_HEADER_OVERFLOW') {
    return new EngineError('HTTP_TOO_LARGE', 'network', `${host} answered with headers that are too long`, {
      cause: thrown,
    })
  }
  const code = isConnected ? 'HTTP_FAILED' : 'CONNECT_FAILED'
  return new EngineError(code, 'network', `${host}: ${reasonOf(thrown)}`, { cause: thrown })
}
