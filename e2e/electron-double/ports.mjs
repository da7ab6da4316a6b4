// @ts-check
import { EventEmitter } from 'node:events'

/** One end of a channel. Its partner is here too, or in a page: then `carry` says how to get there. */
export class MessagePortMain extends EventEmitter {
  /** @type {MessagePortMain | undefined} */
  partner
  /** @type {{ send(data: unknown): void, close(): void } | undefined} */
  carrier
  /** @type {unknown[] | undefined} */
  #waiting = []
  #closed = false

  /** @param {unknown} data */
  postMessage(data) {
    if (!this.#closed) this.partner?.arrive(structuredClone(data))
  }
  /** @param {unknown} data */
  arrive(data) {
    if (this.carrier) this.carrier.send(data)
    else if (this.#waiting) this.#waiting.push(data)
    else this.emit('message', { data, ports: [] })
  }
  start() {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const data of waiting) this.emit('message', { data, ports: [] })
  }
  close() {
    if (this.#closed) return
    this.#closed = true
    this.carrier?.close()
    this.emit('close')
    this.partner?.close()
  }
}

export class MessageChannelMain {
  port1 = new MessagePortMain()
  port2 = new MessagePortMain()
  constructor() {
    this.port1.partner = this.port2
    this.port2.partner = this.port1
  }
}
