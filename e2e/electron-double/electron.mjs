// @ts-check
import { EventEmitter } from 'node:events'
import { app } from './app.mjs'
import { BrowserWindow } from './window.mjs'

export { app } from './app.mjs'
export { BrowserWindow } from './window.mjs'
export { ipcMain } from './ipc-main.mjs'
export { MessageChannelMain } from './ports.mjs'
export { protocol } from './protocol.mjs'

/** What tests may ask about and prepare, by the process's own IPC channel. */
const desk = {
  /** Answers of the next dialogs, first in, first out. @type {string[][]} */
  choices: [],
  /** @type {{ title: string, body: string }[]} */
  notifications: [],
  /** @type {string[]} */
  opened: [],
  /** @type {string[]} */
  revealed: [],
  clipboard: '',
  /** @type {string[]} */
  errors: [],
}

export const session = {
  defaultSession: Object.assign(new EventEmitter(), {
    setPermissionCheckHandler() {},
    setPermissionRequestHandler() {},
    setDevicePermissionHandler() {},
  }),
}
export const nativeTheme = { themeSource: 'system', shouldUseDarkColors: false }
export const Menu = {
  /** @param {unknown} template */
  buildFromTemplate: template => ({ template }),
  setApplicationMenu() {},
}
export const clipboard = { readText: async () => desk.clipboard }
export const shell = {
  /** @param {string} path */
  openPath: async path => {
    desk.opened.push(path)
    return ''
  },
  /** @param {string} path */
  showItemInFolder: path => void desk.revealed.push(path),
}
export const dialog = {
  showOpenDialog: async () => ({ canceled: desk.choices.length === 0, filePaths: desk.choices.shift() ?? [] }),
  /** @param {string} title @param {string} text */
  showErrorBox: (title, text) => {
    desk.errors.push(`${title}: ${text}`)
    console.error(`${title}: ${text}`)
  },
}
export class Notification extends EventEmitter {
  static isSupported() {
    return true
  }
  /** @param {{ title: string, body: string }} options */
  constructor(options) {
    super()
    this.options = options
  }
  show() {
    desk.notifications.push(this.options)
  }
}

/** @typedef {{ id: number, ask: 'choose' | 'clipboard' | 'open-url' | 'desk', value?: unknown }} Question */
process.on('message', (/** @type {Question} */ { id, ask, value }) => {
  if (ask === 'choose') desk.choices.push(/** @type {string[]} */ (value))
  if (ask === 'clipboard') desk.clipboard = String(value)
  if (ask === 'open-url') app.emit('open-url', { preventDefault() {} }, value)
  const windows = BrowserWindow.getAllWindows().map(({ visible, progress }) => ({ visible, progress }))
  process.send?.({ id, value: { ...desk, windows, badge: app.badge, theme: nativeTheme.themeSource } })
})
