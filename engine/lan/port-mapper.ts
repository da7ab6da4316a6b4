import { addressClass } from '#engine/base/address-class.ts'
import { toEngineError, type EngineError } from '#engine/base/errors.ts'
import type { LanInterface } from '#engine/io/lan.ts'
import { findMappings, giveBack, renew, type MapperIo, type MapperSettings, type Mappings } from './find-mappings.ts'
import type { MappingMethodName } from './mapping.ts'

/** Sooner, and a router that forgot us after a restart would still be found within the hour. */
const RENEW_AT_MOST_MS = 30 * 60_000
const RENEW_AT_LEAST_MS = 60_000
const RETRY_FIRST_MS = 60_000
const RETRY_MOST_MS = 60 * 60_000
const LOOK_AT_NETWORKS_MS = 30_000
/** Quitting waits no longer than this for the router. */
const GOODBYE_MS = 2_000

export interface PortMapperStatus {
  readonly kind: 'off' | 'searching' | 'mapped' | 'failed'
  /** For people: what is, and what to do about it. */
  readonly text: string
  /** Where peers reach us by TCP, when mapped. */
  readonly externalPort: number | undefined
  /** The router's address on the other side, when it says so. */
  readonly externalAddress: string | undefined
  readonly method: MappingMethodName | undefined
}

interface Ports {
  readonly tcp: number | undefined
  readonly udp: number | undefined
}

type State =
  | { readonly kind: 'off' }
  | {
      readonly kind: 'working'
      readonly held: Mappings | undefined
      readonly abort: AbortController
      readonly done: Promise<void>
    }
  | { readonly kind: 'mapped'; readonly held: Mappings; readonly renewAt: number }
  | { readonly kind: 'failed'; readonly error: EngineError; readonly retryAt: number }
  /** On, with nothing to forward or not begun yet. */
  | { readonly kind: 'idle' }

/**
 * Asks the router to let peers through to us, keeps that up, and takes it back: by PCP, NAT-PMP or UPnP, whichever works
 * first, and for IPv6 by PCP or UPnP. Driven by `tick`; nothing here throws.
 */
export class PortMapper {
  readonly #io: MapperIo
  readonly #settings: MapperSettings
  #ports: Ports = { tcp: undefined, udp: undefined }
  #state: State = { kind: 'off' }
  #failures = 0
  #networks = ''
  #lookedAt = -Infinity

  constructor(io: MapperIo, settings: MapperSettings = {}) {
    this.#io = io
    this.#settings = settings
  }

  /** Begins with the next tick. */
  start(): void {
    if (this.#state.kind === 'off') this.#state = { kind: 'idle' }
  }

  /** Takes the mappings back, for two seconds at most. */
  async stop(): Promise<void> {
    const held = await this.#interrupt()
    this.#state = { kind: 'off' }
    if (held) await this.#goodbye(held)
  }

  /** The ports that we listen on; `undefined` for one that is not to be forwarded. Mappings follow. */
  map(tcp: number | undefined, udp: number | undefined): void {
    if (this.#ports.tcp === tcp && this.#ports.udp === udp) return
    this.#ports = { tcp, udp }
    this.retry()
  }

  /** Begins anew: the network is another one, or the user asked. */
  retry(): void {
    this.#failures = 0
    if (this.#state.kind !== 'off') void this.#restart()
  }

  /** Call about once a second. */
  tick(now: number): void {
    const state = this.#state
    if (state.kind === 'off') return
    if (now - this.#lookedAt >= LOOK_AT_NETWORKS_MS) this.#lookAtNetworks(now)
    if (state !== this.#state) return
    if (state.kind === 'mapped' && now >= state.renewAt) this.#work(state.held)
    const isDue = state.kind === 'idle' || (state.kind === 'failed' && now >= state.retryAt)
    if (isDue && (this.#ports.tcp ?? this.#ports.udp) !== undefined) this.#work(undefined)
  }

  get status(): PortMapperStatus {
    return statusOf(this.#state, this.#ports)
  }

  #allowed(): LanInterface[] {
    const allow = this.#settings.allow ?? ((network: LanInterface) => !network.internal)
    return this.#io.lan.interfaces().filter(allow)
  }

  #lookAtNetworks(now: number): void {
    this.#lookedAt = now
    const networks = this.#allowed()
      .map(one => one.address)
      .join(' ')
    const hasChanged = this.#networks !== '' && this.#networks !== networks
    this.#networks = networks
    if (hasChanged) this.retry()
  }

  #work(held: Mappings | undefined): void {
    const abort = new AbortController()
    const done = this.#run(held, abort.signal)
    this.#state = { kind: 'working', held, abort, done }
  }

  /** @param held what is to be renewed */
  async #run(held: Mappings | undefined, signal: AbortSignal): Promise<void> {
    // The state is set before anything is known.
    await Promise.resolve()
    try {
      const mappings = (held && (await this.#renewed(held, signal))) ?? (await this.#found(signal))
      this.#failures = 0
      this.#state = { kind: 'mapped', held: mappings, renewAt: this.#io.clock.now() + renewAfter(mappings) }
    } catch (thrown) {
      const error = toEngineError(thrown)
      if (error.blame === 'bug') this.#io.log.write('error', 'port-mapper', error.message)
      if (!signal.aborted) this.#failures++
      const waitMs = Math.min(RETRY_FIRST_MS * 2 ** (this.#failures - 1), RETRY_MOST_MS)
      this.#state = { kind: 'failed', error, retryAt: this.#io.clock.now() + waitMs }
    }
  }

  #found(signal: AbortSignal): Promise<Mappings> {
    return findMappings(this.#io, this.#allowed(), this.#ports, this.#settings, signal)
  }

  async #renewed(held: Mappings, signal: AbortSignal): Promise<Mappings | undefined> {
    try {
      return await renew(held, signal)
    } catch (thrown) {
      if (signal.aborted) throw thrown
      this.#io.log.write('info', 'port-mapper', `not renewed: ${toEngineError(thrown).message}`)
      return undefined
    }
  }

  async #restart(): Promise<void> {
    const held = await this.#interrupt()
    if (held) await this.#goodbye(held)
  }

  /** @returns what was held, which is the caller's to give back; the state is idle then */
  async #interrupt(): Promise<Mappings | undefined> {
    const state = this.#state
    if (state.kind === 'working') {
      state.abort.abort()
      await state.done
    }
    const after = this.#state
    // Somebody else interrupted it meanwhile, and has what was held.
    if (state.kind === 'working' && after.kind !== 'mapped' && after.kind !== 'failed') return undefined
    if (after.kind !== 'off') this.#state = { kind: 'idle' }
    if (after.kind === 'mapped') return after.held
    return state.kind === 'working' ? state.held : undefined
  }

  async #goodbye(held: Mappings): Promise<void> {
    const late = new AbortController()
    const timer = this.#io.clock.after(GOODBYE_MS, () => late.abort())
    await giveBack(held, late.signal)
    timer[Symbol.dispose]()
  }
}

function renewAfter({ all }: Mappings): number {
  const shortest = Math.min(...all.map(({ lease }) => lease.lifetimeMs))
  return Math.max(RENEW_AT_LEAST_MS, Math.min(shortest / 2, RENEW_AT_MOST_MS))
}

function statusOf(state: State, { tcp, udp }: Ports): PortMapperStatus {
  const none = { externalPort: undefined, externalAddress: undefined, method: undefined }
  const port = tcp ?? udp
  if (state.kind === 'off') return { kind: 'off', text: 'Port forwarding is switched off.', ...none }
  if (port === undefined) return { kind: 'off', text: 'There is no port to forward: Freshet does not listen.', ...none }
  const held = state.kind === 'mapped' || state.kind === 'working' ? state.held : undefined
  if (held) {
    const { method, externalAddress } = held
    const externalPort = held.all[0]!.lease.externalPort
    return { kind: 'mapped', text: mappedText(held, port, externalPort), externalPort, externalAddress, method }
  }
  if (state.kind === 'failed') {
    const text = `${state.error.message}. Switch on UPnP or NAT-PMP in the router, or forward port ${port} to this computer there.`
    return { kind: 'failed', text, ...none }
  }
  return { kind: 'searching', text: `Asking the router to forward port ${port}.`, ...none }
}

function mappedText({ method, externalAddress }: Mappings, port: number, externalPort: number): string {
  const to = externalPort === port ? '' : ` to port ${port} here`
  const done = `The router forwards port ${externalPort}${to} (${method}).`
  if (externalAddress === undefined || addressClass(externalAddress) === 'public') return done
  return `${done} It is behind another router itself (${externalAddress}), so peers may still not reach this computer.`
}
