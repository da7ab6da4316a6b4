import { EngineError } from '#engine/base/errors.ts'
import type { Clock } from '#engine/io/clock.ts'

/** Who goes first: goodbyes, then what people wait for, then routine, then trackers that did not answer the last time. */
export type Priority = 0 | 1 | 2 | 3
export const PRIORITY = { goodbye: 0, urgent: 1, routine: 2, retry: 3 } as const

export interface GateLimits {
  /** Under way in all. */
  readonly atOnce: number
  /** Under way at one host. */
  readonly atOncePerHost: number
  /** Between two starts at one host. */
  readonly gapMs: number
  /** The same for goodbyes: they come once, nothing follows them, and at quit there are seconds to say them in. */
  readonly goodbyeGapMs: number
  /** A silent tracker counts as under way for this long, so that ten dead ones cannot keep the others waiting. */
  readonly patienceMs: number
}

interface Waiting {
  enter(): void
}

interface Host {
  readonly queues: readonly [Set<Waiting>, Set<Waiting>, Set<Waiting>, Set<Waiting>]
  active: number
  lastStart: number
}

/** Lets announces through, politely: so many at once, so many per host and second; hosts take turns. */
export class Gate {
  readonly #clock: Clock
  readonly #limits: GateLimits
  /** Insertion order is the turn: a host that was served goes to the end. */
  readonly #hosts = new Map<string, Host>()
  #active = 0
  #timer: Disposable | undefined

  constructor(clock: Clock, limits: GateLimits) {
    this.#clock = clock
    this.#limits = limits
  }

  /**
   * Waits for its turn.
   * @returns a ticket: dispose it when the answer is there
   * @throws EngineError ABORTED
   */
  enter(host: string, priority: Priority, signal: AbortSignal): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(aborted())
      const entry = this.#host(host)
      const queue = entry.queues[priority]
      const onAbort = () => {
        queue.delete(waiting)
        this.#forgetIdle(host, entry)
        reject(aborted())
      }
      const waiting: Waiting = {
        enter: () => {
          signal.removeEventListener('abort', onAbort)
          queue.delete(waiting)
          resolve(this.#ticket(host, entry))
        },
      }
      signal.addEventListener('abort', onAbort, { once: true })
      queue.add(waiting)
      this.#pump()
    })
  }

  close(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #ticket(name: string, host: Host): Disposable {
    this.#active++
    host.active++
    host.lastStart = this.#clock.now()
    let counts = true
    const leave = () => {
      if (!counts) return
      counts = false
      timer[Symbol.dispose]()
      this.#active--
      host.active--
      this.#forgetIdle(name, host)
      this.#pump()
    }
    const timer = this.#clock.after(this.#limits.patienceMs, leave)
    return { [Symbol.dispose]: leave }
  }

  #pump(): void {
    const now = this.#clock.now()
    let wakeAt = Infinity
    for (const { name, host, priority } of this.#inTurn()) {
      if (this.#active >= this.#limits.atOnce) return
      if (host.active >= this.#limits.atOncePerHost) continue
      const startAt = host.lastStart + this.#gapMs(priority)
      if (startAt > now) {
        wakeAt = Math.min(wakeAt, startAt)
        continue
      }
      this.#hosts.delete(name)
      this.#hosts.set(name, host)
      for (const first of host.queues[priority]) {
        first.enter()
        break
      }
      const next = topPriority(host)
      if (next !== undefined) wakeAt = Math.min(wakeAt, now + this.#gapMs(next))
    }
    this.#wake(wakeAt - now)
  }

  /** Hosts somebody waits for: by what they wait for, then by turn. */
  #inTurn(): { name: string; host: Host; priority: Priority }[] {
    const found: { name: string; host: Host; priority: Priority }[] = []
    for (const [name, host] of this.#hosts) {
      const priority = topPriority(host)
      if (priority === undefined) this.#forgetIdle(name, host)
      else found.push({ name, host, priority })
    }
    return found.sort((a, b) => a.priority - b.priority)
  }

  #gapMs(priority: Priority): number {
    return priority === PRIORITY.goodbye ? this.#limits.goodbyeGapMs : this.#limits.gapMs
  }

  #wake(delayMs: number): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = delayMs === Infinity ? undefined : this.#clock.after(delayMs, () => this.#pump())
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name)
    if (!host) {
      host = { queues: [new Set(), new Set(), new Set(), new Set()], active: 0, lastStart: -Infinity }
      this.#hosts.set(name, host)
    }
    return host
  }

  /** Hosts come from strangers' torrents: keep those that are waited for or whose gap still runs. */
  #forgetIdle(name: string, host: Host): void {
    const isIdle = host.active === 0 && host.queues.every(queue => queue.size === 0)
    if (isIdle && this.#clock.now() - host.lastStart >= this.#limits.gapMs) this.#hosts.delete(name)
  }
}

const PRIORITIES: readonly Priority[] = [0, 1, 2, 3]
const topPriority = (host: Host) => PRIORITIES.find(priority => host.queues[priority].size > 0)

const aborted = () => new EngineError('ABORTED', 'network', 'aborted')
