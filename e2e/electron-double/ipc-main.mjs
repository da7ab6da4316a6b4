// @ts-check
import { EventEmitter } from 'node:events'

class IpcMain extends EventEmitter {
  /** @type {Map<string, (event: unknown, ...given: unknown[]) => unknown>} */
  #handlers = new Map()

  /** @param {string} channel @param {(event: unknown, ...given: unknown[]) => unknown} handler */
  handle(channel, handler) {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    this.#handlers.set(channel, handler)
  }
  /** @param {string} channel @param {unknown} event @param {unknown[]} given */
  async answer(channel, event, given) {
    const handler = this.#handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    return handler(event, ...given)
  }
}

export const ipcMain = new IpcMain()
