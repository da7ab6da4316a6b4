import { contextBridge, ipcRenderer } from 'electron'
import { CHANNELS, ENGINE_PORT } from '#electron/api/channels.ts'
import type { OpenRequest, Shell } from '#electron/api/shell.ts'

/** The little of the DOM that is used here: this world is compiled without it. */
declare const window: {
  readonly top: unknown
  readonly location: { readonly origin: string }
  postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void
}
declare const process: { readonly platform: Shell['platform'] }

const APP_ORIGIN = 'app://freshet'

const shell: Shell = {
  platform: process.platform,
  connectEngine: () => ipcRenderer.send(CHANNELS.connectEngine),
  pickTorrents: () => ipcRenderer.invoke(CHANNELS.pickTorrents),
  pickFolder: current => ipcRenderer.invoke(CHANNELS.pickFolder, current),
  reveal: path => ipcRenderer.invoke(CHANNELS.reveal, path),
  openPath: path => ipcRenderer.invoke(CHANNELS.openPath, path),
  readClipboardText: () => ipcRenderer.invoke(CHANNELS.readClipboardText),
  onOpenRequests(listener) {
    ipcRenderer.removeAllListeners(CHANNELS.openRequest)
    ipcRenderer.on(CHANNELS.openRequest, (_event, request: OpenRequest) => listener(request))
    ipcRenderer.send(CHANNELS.ready)
  },
  setProgress: fraction => ipcRenderer.send(CHANNELS.setProgress, fraction),
  setBadge: count => ipcRenderer.send(CHANNELS.setBadge, count),
  notify: notification => ipcRenderer.send(CHANNELS.notify, notification),
  onNotificationClick(listener) {
    ipcRenderer.removeAllListeners(CHANNELS.notificationClick)
    ipcRenderer.on(CHANNELS.notificationClick, (_event, id: string) => listener(id))
  },
  setTheme: theme => ipcRenderer.send(CHANNELS.setTheme, theme),
}

// Main answers nobody else either; here it costs nothing to not even offer it.
if (window.location.origin === APP_ORIGIN && window.top === window) {
  contextBridge.exposeInMainWorld('shell', shell)
  // A port cannot pass through contextBridge; the page's own `message` event carries it over.
  ipcRenderer.on(CHANNELS.enginePort, event => {
    const port: unknown = event.ports[0]
    if (event.ports.length === 1) window.postMessage(ENGINE_PORT, APP_ORIGIN, [port])
  })
}
