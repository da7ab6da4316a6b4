import { ENGINE_PORT } from '#electron/api/channels.ts'
import type { Shell } from '#electron/api/shell.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import { portTransport } from '#engine/api/port-transport.ts'
import type { Transport } from '#engine/api/transport.ts'
import type { Platform } from './platform.ts'

export function electronPlatform(shell: Shell): Platform {
  return {
    kind: 'desktop',
    connectEngine: () => connect(shell),
    pickTorrents: () => shell.pickTorrents(),
    pickFolder: current => shell.pickFolder(current),
    openPath: path => shell.openPath(path),
    reveal: path => shell.reveal(path),
    readClipboard: () => shell.readClipboardText(),
    writeClipboard: text => navigator.clipboard.writeText(text),
    onOpenRequests: listener => shell.onOpenRequests(listener),
    setProgress: fraction => shell.setProgress(fraction),
    notify: notification => shell.notify(notification),
    onNotificationClick: listener => shell.onNotificationClick(listener),
  }
}

function connect(shell: Shell): Promise<Transport<Upward, Downward>> {
  return new Promise(resolve => {
    const onMessage = (event: MessageEvent) => {
      const [port] = event.ports
      // The preload posts to this very window; a frame of somebody else's could not have it as its source.
      if (event.source !== window || event.data !== ENGINE_PORT || !port) return
      window.removeEventListener('message', onMessage)
      resolve(portTransport<Upward, Downward>(port))
    }
    window.addEventListener('message', onMessage)
    shell.connectEngine()
  })
}
