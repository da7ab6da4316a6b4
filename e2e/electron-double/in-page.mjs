// @ts-check
/** The page's half of the double. The functions below are turned to text and run in Chromium: they see nothing of this file. */

/** The origin that stands for `app://freshet`: Chromium lets nobody intercept a scheme that it does not know. */
export const STAND_IN = 'https://freshet.localhost'
export const BINDING = '__freshetDouble'

/** Runs before the page's own scripts, in its top frame only, as a preload does. @param {string} preload the text of preload.cjs */
export const initScript = preload => `
if (window.top === window && location.origin === ${JSON.stringify(STAND_IN)}) {
  const { require, process, facade } = (${String(createWorld)})(${JSON.stringify(BINDING)}, ${JSON.stringify(process.platform)})
  ;(function (require, module, exports, process, window) { ${preload}
  })(require, { exports: {} }, {}, process, facade)
}`

/**
 * @param {string} binding
 * @param {string} platform
 */
function createWorld(binding, platform) {
  const page = /** @type {any} */ (globalThis)
  const callMain = page[binding]
  delete page[binding]

  const encode = (/** @type {unknown} */ value) =>
    JSON.stringify(value, (_key, item) =>
      item instanceof Uint8Array ? { $bytes: /** @type {any} */ (item).toBase64() } : item,
    )
  const decode = (/** @type {string} */ text) =>
    JSON.parse(text, (_key, item) =>
      typeof item?.$bytes === 'string' ? /** @type {any} */ (Uint8Array).fromBase64(item.$bytes) : item,
    )

  /** @type {Map<string, Function[]>} */
  const listeners = new Map()
  /** @type {Map<number, any>} */
  const ports = new Map()
  const openPort = (/** @type {number} */ id) => {
    const { port1, port2 } = new MessageChannel()
    ports.set(id, port1)
    port1.addEventListener('message', (/** @type {any} */ event) =>
      callMain({ kind: 'port', id, data: encode(event.data) }),
    )
    port1.addEventListener('close', () => callMain({ kind: 'port-close', id }))
    port1.start()
    return port2
  }

  const ipcRenderer = {
    on: (/** @type {string} */ channel, /** @type {Function} */ listener) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
    },
    removeAllListeners: (/** @type {string} */ channel) => listeners.delete(channel),
    send: (/** @type {string} */ channel, /** @type {unknown[]} */ ...given) =>
      void callMain({ kind: 'send', channel, given: encode(given) }),
    invoke: async (/** @type {string} */ channel, /** @type {unknown[]} */ ...given) => {
      const { value, error } = await callMain({ kind: 'invoke', channel, given: encode(given) })
      if (error !== undefined) throw new Error(`Error invoking remote method '${channel}': ${error}`)
      return value === undefined ? undefined : decode(value)
    },
  }
  const contextBridge = {
    exposeInMainWorld: (/** @type {string} */ name, /** @type {object} */ api) =>
      Object.defineProperty(page, name, { value: Object.freeze({ ...api }), enumerable: true }),
  }
  // The way in for main. A symbol, so that a list of the page's names shows only what the preload put there.
  Object.defineProperty(page, Symbol.for('freshet.double'), {
    value: {
      deliver(/** @type {string} */ channel, /** @type {string} */ given, /** @type {number[]} */ portIds) {
        const event = { ports: portIds.map(openPort) }
        for (const listener of listeners.get(channel) ?? []) listener(event, ...decode(given))
      },
      toPort: (/** @type {number} */ id, /** @type {string} */ data) => ports.get(id)?.postMessage(decode(data)),
      closePort: (/** @type {number} */ id) => ports.get(id)?.close(),
    },
  })

  const facade = {
    location: { origin: 'app://freshet' },
    postMessage: (/** @type {unknown} */ message, /** @type {string} */ origin, /** @type {unknown[]} */ transfer) =>
      page.postMessage(message, origin === 'app://freshet' ? page.location.origin : origin, transfer),
    get top() {
      return facade
    },
  }
  return { require: () => ({ contextBridge, ipcRenderer }), process: { platform }, facade }
}
