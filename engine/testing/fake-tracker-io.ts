/** A world in virtual time for tests of trackers: clock, chance, names, HTTP and UDP are answered by the test. */
import { type Endpoint, endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Dns } from '#engine/io/dns.ts'
import type { Http, HttpRequest, HttpResponse } from '#engine/io/http.ts'
import type { Random } from '#engine/io/random.ts'
import type { Udp } from '#engine/io/udp.ts'

export class FakeClock implements Clock {
  #now = 0
  #timers = new Set<{ at: number; fn: () => void }>()

  now(): number {
    return this.#now
  }
  wall(): number {
    return 1_000_000_000_000 + this.#now
  }
  after(delayMs: number, fn: () => void): Disposable {
    const timer = { at: this.#now + delayMs, fn }
    this.#timers.add(timer)
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) }
  }
  get timers(): number {
    return this.#timers.size
  }

  /** Runs timers in order; between any two, everything that was waiting for the first has happened. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      let next: { at: number; fn: () => void } | undefined
      for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer
      if (!next) break
      this.#timers.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.fn()
      await settled()
    }
    this.#now = end
  }
}

/** All promises that can settle without time passing have settled. */
export const settled = (): Promise<void> => new Promise(resolve => void setImmediate(resolve))

/** Chance that always says 0, with ids that count up: what is random is then exact. */
export function fakeRandom(next: () => number = () => 0): Random {
  let id = 0
  return {
    next,
    bytes: length => {
      const bytes = new Uint8Array(length)
      new DataView(bytes.buffer).setUint32(length - 4, ++id)
      return bytes
    },
  }
}

export type HttpAnswer = Partial<HttpResponse> | Uint8Array | EngineError | 'silent'

export class FakeHttp implements Http {
  readonly requests: HttpRequest[] = []
  answer: (request: HttpRequest, url: URL) => HttpAnswer
  /** Judged by the request's rule before it is answered. */
  addressOf: (url: URL, family: 4 | 6) => string = (_, family) => (family === 4 ? '203.0.113.9' : '2001:db8::9')

  constructor(answer: (request: HttpRequest, url: URL) => HttpAnswer) {
    this.answer = answer
  }

  async get(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const url = new URL(request.url)
    const family = request.family ?? 4
    const address = this.addressOf(url, family)
    if (request.allow?.({ url: request.url, address, family, hop: 0 }) === false) {
      throw new EngineError('ADDRESS_FORBIDDEN', 'network', address)
    }
    this.requests.push(request)
    const answer = this.answer(request, url)
    if (answer === 'silent') return await aborted(signal)
    if (answer instanceof EngineError) throw answer
    const response = answer instanceof Uint8Array ? { body: answer } : answer
    return { status: 200, headers: {}, body: new Uint8Array(0), url: request.url, remoteAddress: address, ...response }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new EngineError('ABORTED', 'network', 'aborted')))
  })
}

/** Names that are not listed have one public IPv4 address; literals are themselves. */
export class FakeDns implements Dns {
  readonly names: Record<string, readonly string[] | 'unknown'>

  constructor(names: Record<string, readonly string[] | 'unknown'> = {}) {
    this.names = names
  }

  async resolve(host: string): Promise<readonly { address: string; family: 4 | 6 }[]> {
    const literal = endpoint(host, 1)
    const addresses = literal ? [literal.address] : (this.names[host] ?? ['203.0.113.9'])
    if (addresses === 'unknown') throw new EngineError('DNS_FAILED', 'network', host)
    return addresses.map(address => ({ address, family: endpoint(address, 1)!.family }))
  }
}

export interface SentPacket {
  readonly at: number
  readonly bytes: Uint8Array
  readonly to: string
}

/** Packets go to `onSend`; `deliver` brings one in. */
export class FakeUdp implements Udp {
  readonly sent: SentPacket[] = []
  open = 0
  onSend: (bytes: Uint8Array, to: Endpoint) => void = () => undefined
  readonly #clock: Clock
  readonly #receivers = new Map<4 | 6, (bytes: Uint8Array, from: Endpoint) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  bind(at: { family: 4 | 6; port: number }, onPacket: (bytes: Uint8Array, from: Endpoint) => void) {
    this.open++
    this.#receivers.set(at.family, onPacket)
    return Promise.resolve({
      port: 40_000 + at.family,
      send: (bytes: Uint8Array, to: Endpoint) => {
        this.sent.push({ at: this.#clock.now(), bytes: bytes.slice(), to: endpointKey(to) })
        this.onSend(bytes, to)
      },
      close: () => {
        this.open--
        this.#receivers.delete(at.family)
      },
    })
  }

  deliver(bytes: Uint8Array, from: Endpoint): void {
    this.#receivers.get(from.family)?.(bytes, from)
  }
}
