import type { Downward, Upward } from '#engine/api/messages.ts'
import { socketTransport } from '#engine/api/socket-transport.ts'
import type { PickedFile, Platform } from './platform.ts'

/** Where the headless host listens, beside the page itself. */
const ENGINE_PATH = 'engine'

export function webPlatform(): Platform {
  return {
    kind: 'web',
    connectEngine: async () => {
      const address = new URL(ENGINE_PATH, location.href)
      address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
      address.search = ''
      address.hash = ''
      return socketTransport<Upward, Downward>(new WebSocket(address))
    },
    pickTorrents,
    readClipboard: async () => {
      try {
        return await navigator.clipboard.readText()
      } catch {
        // Refused, or not offered on a page without TLS: pasting with the keyboard still works.
        return ''
      }
    },
    writeClipboard: text => navigator.clipboard.writeText(text),
    onOpenRequests: () => {},
    setProgress: () => {},
    notify: () => {},
    onNotificationClick: () => {},
  }
}

function pickTorrents(): Promise<readonly PickedFile[]> {
  return new Promise((resolve, reject) => {
    const input = document.createElement('input')
    input.type = 'file'
    input.multiple = true
    input.accept = '.torrent,application/x-bittorrent'
    input.addEventListener('cancel', () => resolve([]))
    input.addEventListener('change', () => {
      Promise.all(
        Array.from(input.files ?? [], async file => ({
          name: file.name,
          bytes: new Uint8Array(await file.arrayBuffer()),
        })),
      ).then(resolve, reject)
    })
    input.click()
  })
}
