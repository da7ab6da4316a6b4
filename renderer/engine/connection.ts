import { EngineClient, type Hello } from '#engine/api/client.ts'
import type { CommandName, Input, Output } from '#engine/api/commands.ts'
import { ApiError } from '#engine/api/failures.ts'
import type { Frame, Watch } from '#engine/api/frame.ts'
import { API_VERSION, type Downward, type Upward } from '#engine/api/messages.ts'
import type { Transport } from '#engine/api/transport.ts'
import type { EngineCalls } from './engine-calls.ts'

export interface ConnectionHost {
  connect(): Promise<Transport<Upward, Downward>>
  after(ms: number, run: () => void): void
  onOpened(hello: Hello): void
  onLost(): void
  onFrame(frame: Frame): void
  /** The engine speaks another version of the contract: this page is old. */
  onOutdated(): void
}

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 10_000

/** Keeps the face connected: one client over one transport after another. */
export class Connection implements EngineCalls {
  readonly #host: ConnectionHost
  #client: EngineClient | undefined
  #watch: Watch
  #retryMs = FIRST_RETRY_MS

  constructor(host: ConnectionHost, watch: Watch) {
    this.#host = host
    this.#watch = watch
  }

  start(): void {
    this.#host.connect().then(
      transport => this.#attach(transport),
      () => this.#retry(),
    )
  }

  watch(watch: Watch): void {
    this.#watch = watch
    this.#client?.watch(watch)
  }

  call<C extends CommandName>(command: C, input: Input<C>): Promise<Output<C>> {
    if (this.#client) return this.#client.call(command, input)
    return Promise.reject(
      new ApiError({ code: 'DISCONNECTED', message: 'The engine is not connected yet. Try again in a moment.' }),
    )
  }

  #attach(transport: Transport<Upward, Downward>): void {
    if (this.#client) {
      this.#client.attach(transport)
      return
    }
    const client = new EngineClient(transport)
    this.#client = client
    client.onHello(hello => {
      this.#retryMs = FIRST_RETRY_MS
      if (hello.version === API_VERSION) this.#host.onOpened(hello)
      else this.#host.onOutdated()
    })
    client.onFrame(frame => this.#host.onFrame(frame))
    client.onClose(() => this.#retry())
    client.watch(this.#watch)
  }

  #retry(): void {
    this.#host.onLost()
    this.#host.after(this.#retryMs, () => this.start())
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS)
  }
}
