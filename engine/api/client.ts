import type { CommandName, Input, Output } from './commands.ts'
import { ApiError } from './failures.ts'
import type { Frame, Watch } from './frame.ts'
import { API_VERSION, type Downward, type Upward } from './messages.ts'
import type { Transport } from './transport.ts'

/** What the engine says of itself when a client comes. An epoch that is new means: forget everything. */
export interface Hello {
  readonly version: number
  readonly epoch: string
  readonly appVersion: string
}

interface Waiting {
  settle(output: unknown): void
  reject(error: ApiError): void
}

const gone = () => new ApiError({ code: 'DISCONNECTED', message: 'The connection to the engine is gone. Try again.' })

/** A face's end of the contract. It outlives its transports: `attach` gives it a new one after the old one closed. */
export class EngineClient {
  #transport: Transport<Upward, Downward> | undefined
  #watch: Watch | undefined
  #nextCall = 1
  readonly #calls = new Map<number, Waiting>()
  readonly #frameListeners = new Set<(frame: Frame) => void>()
  readonly #helloListeners = new Set<(hello: Hello) => void>()
  readonly #closeListeners = new Set<() => void>()

  constructor(transport: Transport<Upward, Downward>) {
    this.attach(transport)
  }

  get isConnected(): boolean {
    return this.#transport !== undefined
  }

  /** Continues over another transport: greets, and sends the watch again. Calls under way on the old one are rejected. */
  attach(transport: Transport<Upward, Downward>): void {
    const old = this.#transport
    this.#transport = transport
    this.#rejectAll()
    old?.close()
    transport.onClose(() => {
      if (this.#transport !== transport) return
      this.#transport = undefined
      this.#rejectAll()
      for (const listener of this.#closeListeners) listener()
    })
    transport.send({ type: 'hello', version: API_VERSION })
    if (this.#watch) transport.send({ type: 'watch', watch: this.#watch })
    transport.onMessage(message => {
      if (this.#transport === transport) this.#receive(message, transport)
    })
  }

  /** @throws ApiError what the engine refused and why; DISCONNECTED when nobody will answer */
  call<C extends CommandName>(command: C, input: Input<C>): Promise<Output<C>> {
    const transport = this.#transport
    if (!transport) return Promise.reject(gone())
    const call = this.#nextCall++
    return new Promise<Output<C>>((resolve, reject) => {
      this.#calls.set(call, { settle: output => resolve(output as Output<C>), reject })
      transport.send({ type: 'call', call, command, input })
    })
  }

  /** All that this client wants to be told, as a whole; replaces what it wanted before. */
  watch(watch: Watch): void {
    this.#watch = watch
    this.#transport?.send({ type: 'watch', watch })
  }

  /** A frame is acknowledged when all listeners returned: the next one waits for that. @returns ends listening */
  onFrame(listener: (frame: Frame) => void): () => void {
    this.#frameListeners.add(listener)
    return () => void this.#frameListeners.delete(listener)
  }

  /** Told after each attach, when the engine answers. @returns ends listening */
  onHello(listener: (hello: Hello) => void): () => void {
    this.#helloListeners.add(listener)
    return () => void this.#helloListeners.delete(listener)
  }

  /** Told when a transport ended, also by `close`; not when `attach` replaced it. @returns ends listening */
  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener)
    return () => void this.#closeListeners.delete(listener)
  }

  close(): void {
    this.#transport?.close()
  }

  #receive(message: Downward, transport: Transport<Upward, Downward>): void {
    switch (message.type) {
      case 'hello':
        for (const listener of this.#helloListeners) listener(message)
        return
      case 'result':
        this.#take(message.call)?.settle(message.output)
        return
      case 'failure':
        this.#take(message.call)?.reject(new ApiError(message.failure))
        return
      case 'frame':
        try {
          for (const listener of this.#frameListeners) listener(message.frame)
        } finally {
          // A listener that throws must not silence the engine for ever.
          transport.send({ type: 'ack', seq: message.frame.seq })
        }
        return
    }
  }

  #take(call: number): Waiting | undefined {
    const waiting = this.#calls.get(call)
    this.#calls.delete(call)
    return waiting
  }

  #rejectAll(): void {
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    for (const waiting of calls) waiting.reject(gone())
  }
}
