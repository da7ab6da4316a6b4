// @ts-check
import { EventEmitter } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { app, switchValue } from './app.mjs'
import { BINDING, initScript, STAND_IN } from './in-page.mjs'
import { ipcMain } from './ipc-main.mjs'
import { protocols } from './protocol.mjs'

/** @typedef {import('playwright').Page} Page */
/** @typedef {import('./ports.mjs').MessagePortMain} MessagePortMain */

const encode = (/** @type {unknown} */ value) =>
  JSON.stringify(value, (_key, item) => {
    if (item instanceof Uint8Array) return { $bytes: Buffer.from(item).toString('base64') }
    // A Buffer tells its own JSON form before we see it.
    return item?.type === 'Buffer' && Array.isArray(item.data)
      ? { $bytes: Buffer.from(item.data).toString('base64') }
      : item
  })
const decode = (/** @type {string} */ text) =>
  JSON.parse(text, (_key, item) =>
    typeof item?.$bytes === 'string' ? new Uint8Array(Buffer.from(item.$bytes, 'base64')) : item,
  )

/** @type {Promise<import('playwright').BrowserContext> | undefined} */
let browser
function openBrowser() {
  browser ??= chromium.launchPersistentContext(join(app.getPath('userData'), 'chromium'), {
    ...(existsSync(process.env.CHROMIUM_PATH ?? '/usr/bin/chromium') && {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    }),
    headless: !process.env.HEADED,
    viewport: { width: 1180, height: 760 },
    handleSIGTERM: false,
    handleSIGINT: false,
    args: [
      `--remote-debugging-port=${switchValue('remote-debugging-port') ?? 0}`,
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  })
  return browser
}
app.closers.push(async () => (await browser)?.close())

/** The top frame of a window's page, as main sees it. */
class WebFrameMain {
  parent = null
  url = ''
  /** @param {WebContents} contents */
  constructor(contents) {
    this.contents = contents
  }
  /** @param {string} channel @param {unknown[]} given */
  send(channel, ...given) {
    this.contents.deliver(channel, given, [])
  }
  /** @param {string} channel @param {unknown} message @param {MessagePortMain[]} ports */
  postMessage(channel, message, ports = []) {
    this.contents.deliver(channel, [message], ports)
  }
}

class WebContents extends EventEmitter {
  mainFrame = new WebFrameMain(this)
  /** @type {Page | undefined} */
  #page
  #expected = false
  /** @type {Promise<unknown>} */
  #order = Promise.resolve()
  /** @type {Map<number, MessagePortMain>} */
  #ports = new Map()
  #nextPort = 1
  /** @type {(details: { url: string }) => { action: 'allow' | 'deny' }} */
  #openHandler = () => ({ action: 'allow' })

  /** @param {Page} page @param {string} preload */
  async adopt(page, preload) {
    this.#page = page
    await page.exposeBinding(BINDING, (_source, message) => this.#hear(message))
    await page.addInitScript({ content: initScript(readFileSync(preload, 'utf8')) })
    await page.route('**/*', route => this.#answer(route))
    page.on('popup', popup => {
      if (this.#openHandler({ url: popup.url() }).action === 'deny') void popup.close()
    })
    page.on('crash', () => this.emit('render-process-gone', {}, { reason: 'crashed' }))
  }
  /** @param {string} address */
  async loadURL(address) {
    this.#expected = true
    await this.#page?.goto(address.replace('app://freshet', STAND_IN))
  }
  reload() {
    this.#expected = true
    void this.#page?.reload()
  }
  /** @param {(details: { url: string }) => { action: 'allow' | 'deny' }} handler */
  setWindowOpenHandler(handler) {
    this.#openHandler = handler
  }
  /** @param {string} channel @param {unknown[]} given */
  send(channel, ...given) {
    this.deliver(channel, given, [])
  }

  /** @param {string} channel @param {unknown[]} given @param {MessagePortMain[]} ports */
  deliver(channel, given, ports) {
    const ids = ports.map(port => {
      const id = this.#nextPort++
      this.#ports.set(id, port)
      port.carrier = {
        send: data => this.#tell('toPort', id, encode(data)),
        close: () => this.#tell('closePort', id),
      }
      return id
    })
    this.#tell('deliver', channel, encode(given), ids)
  }
  /** One after the other, so that messages arrive in the order they were sent. @param {string} method @param {unknown[]} given */
  #tell(method, ...given) {
    this.#order = this.#order
      .then(() =>
        this.#page?.evaluate(
          ([name, values]) =>
            /** @type {any} */ (globalThis)[Symbol.for('freshet.double')]?.[/** @type {string} */ (name)](
              .../** @type {unknown[]} */ (values),
            ),
          [method, given],
        ),
      )
      .catch(() => {}) // the page went away: so did whoever wanted to hear this
  }

  /** @param {{ kind: string, channel: string, given: string, id: number, data: string }} message */
  async #hear({ kind, channel, given, id, data }) {
    const event = { senderFrame: this.mainFrame, sender: this }
    switch (kind) {
      case 'send':
        return void ipcMain.emit(channel, event, ...decode(given))
      case 'invoke':
        try {
          return { value: encode(await ipcMain.answer(channel, event, decode(given))) }
        } catch (error) {
          return { error: String(error) }
        }
      case 'port':
        return this.#ports.get(id)?.partner?.arrive(decode(data))
      case 'port-close':
        return this.#ports.get(id)?.close()
    }
  }

  /** @param {import('playwright').Route} route */
  async #answer(route) {
    const request = route.request()
    const address = request.url().replace(STAND_IN, 'app://freshet')
    if (request.isNavigationRequest()) {
      if (!this.#mayNavigate(address)) return route.abort('aborted')
      this.emit('did-start-loading')
      this.closePorts()
      this.mainFrame.url = address
    }
    const serve = protocols.get(new URL(address).protocol)
    if (!serve) return route.abort('blockedbyclient')
    const response = await serve(new Request(address, { method: request.method() })).catch(() => undefined)
    if (!response) return route.abort('failed')
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    })
  }
  /** @param {string} url */
  #mayNavigate(url) {
    // A page that loads anew does not navigate, whoever asked for it.
    const isExpected = this.#expected || url === this.mainFrame.url
    this.#expected = false
    let prevented = false
    if (!isExpected) this.emit('will-navigate', { url, preventDefault: () => (prevented = true) })
    return !prevented
  }
  closePorts() {
    for (const port of this.#ports.values()) port.close()
    this.#ports.clear()
  }
}

export class BrowserWindow extends EventEmitter {
  /** @type {Set<BrowserWindow>} */
  static #open = new Set()
  static getAllWindows() {
    return [...BrowserWindow.#open]
  }

  webContents = new WebContents()
  progress = -1
  visible = false
  /** @type {Promise<Page>} */
  #page

  /** @param {{ webPreferences: { preload: string } }} options */
  constructor(options) {
    super()
    BrowserWindow.#open.add(this)
    app.emit('web-contents-created', {}, this.webContents)
    this.#page = this.#start(options.webPreferences.preload)
  }
  /** @param {string} preload */
  async #start(preload) {
    const context = await openBrowser()
    const page =
      BrowserWindow.#open.size === 1 ? (context.pages()[0] ?? (await context.newPage())) : await context.newPage()
    await this.webContents.adopt(page, preload)
    page.on('close', () => this.#closed())
    page.on('domcontentloaded', () => this.emit('ready-to-show'))
    return page
  }
  #closed() {
    this.webContents.closePorts()
    BrowserWindow.#open.delete(this)
    this.emit('closed')
    if (BrowserWindow.#open.size === 0) app.emit('window-all-closed')
  }
  /** @param {string} address */
  async loadURL(address) {
    await this.#page
    await this.webContents.loadURL(address)
  }
  show() {
    this.visible = true
  }
  hide() {
    this.visible = false
  }
  focus() {}
  restore() {}
  isMinimized() {
    return false
  }
  /** @param {number} fraction */
  setProgressBar(fraction) {
    this.progress = fraction
  }
}
