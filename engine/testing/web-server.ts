import type { HttpRequest, HttpResponse } from '#engine/io/http.ts'
import type { SimHandler } from '#engine/io/sim/sim-http.ts'
import type { SimSwarm } from './swarm.ts'

/** What a server of the simulated world says; header names in lower case. */
export const answer = (
  status: number,
  body: Uint8Array | string = '',
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers,
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  url: '',
  remoteAddress: '',
})

/** First and last byte of a Range header, both included. */
export function rangeOf(request: HttpRequest): [from: number, to: number] | undefined {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers?.['Range'] ?? '')
  return match ? [Number(match[1]), Number(match[2])] : undefined
}

/** A good server: its paths are as they stand in request lines, percent-encoded. */
export const fileServer =
  (files: Readonly<Record<string, Uint8Array>>): ((request: HttpRequest) => HttpResponse) =>
  request => {
    const bytes = files[request.url.replace(/^https?:\/\/[^/]+/, '')]
    if (!bytes) return answer(404, 'not here')
    const range = rangeOf(request)
    if (!range) return answer(200, bytes)
    const [from, to] = range
    if (from >= bytes.length) return answer(416)
    const last = Math.min(to, bytes.length - 1)
    return answer(206, bytes.slice(from, last + 1), { 'content-range': `bytes ${from}-${last}/${bytes.length}` })
  }

/** Puts a server into the swarm's world. @returns the requests that reach it, in order */
export function serveWeb(swarm: SimSwarm, origin: string, handler: SimHandler, address = '203.0.113.9'): HttpRequest[] {
  const requests: HttpRequest[] = []
  swarm.network.serve(origin, address, (request, from) => {
    requests.push(request)
    return handler(request, from)
  })
  return requests
}
