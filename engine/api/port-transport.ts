import { Inbox } from './inbox.ts'
import type { Transport } from './transport.ts'

/** What a DOM or Node `MessagePort` offers of itself. */
export interface EventPort {
  postMessage(message: unknown): void
  addEventListener(type: 'message' | 'close', listener: (event: { data?: unknown }) => void): void
  start?(): void
  close(): void
}

/** What Electron's `MessagePortMain` offers: listeners by `on`, events with `data` all the same. */
export interface EmitterPort {
  postMessage(message: unknown): void
  on(type: 'message', listener: (event: { data: unknown }) => void): unknown
  on(type: 'close', listener: () => void): unknown
  start?(): void
  close(): void
}

/** A transport over one end of a message channel. The port is the transport's from here on. */
export function portTransport<Out, In>(port: EventPort | EmitterPort): Transport<Out, In> {
  const inbox = new Inbox<In>()
  if ('addEventListener' in port) {
    port.addEventListener('message', event => inbox.receive(event.data as In))
    port.addEventListener('close', () => inbox.end())
  } else {
    port.on('message', event => inbox.receive(event.data as In))
    port.on('close', () => inbox.end())
  }
  port.start?.()
  return {
    send: message => {
      if (!inbox.isEnded) port.postMessage(message)
    },
    onMessage: listener => inbox.onMessage(listener),
    onClose: listener => inbox.onClose(listener),
    close: () => {
      if (inbox.isEnded) return
      port.close()
      inbox.end()
    },
  }
}
