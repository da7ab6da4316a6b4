import { decodeMessage, encodeMessage } from './codec.ts'
import { Inbox } from './inbox.ts'
import type { Transport } from './transport.ts'

/** What a browser's `WebSocket` and the `ws` package have in common. */
export interface SocketLike {
  binaryType: string
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number
  send(bytes: Uint8Array<ArrayBuffer>): void
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  close(code?: number, reason?: string): void
}

const CONNECTING = 0
const OPEN = 1

/**
 * A transport over a WebSocket, which is the transport's from here on. What is sent before it is open waits.
 * A message that cannot be read ends the connection: nothing that follows it could be trusted.
 */
export function socketTransport<Out, In>(socket: SocketLike): Transport<Out, In> {
  const inbox = new Inbox<In>()
  let unsent: Uint8Array[] = []
  const write = (bytes: Uint8Array) => socket.send(bytes as Uint8Array<ArrayBuffer>)
  const end = (code?: number) => {
    unsent = []
    if (inbox.isEnded) return
    socket.close(code)
    inbox.end()
  }
  socket.binaryType = 'arraybuffer'
  socket.addEventListener('open', () => {
    for (const bytes of unsent) write(bytes)
    unsent = []
  })
  socket.addEventListener('message', event => {
    if (!(event.data instanceof ArrayBuffer)) return end(1003)
    let message: unknown
    try {
      message = decodeMessage(new Uint8Array(event.data))
    } catch {
      return end(1007)
    }
    inbox.receive(message as In)
  })
  // An error is always followed by a close; listening keeps it from being thrown at nobody.
  socket.addEventListener('error', () => {})
  socket.addEventListener('close', () => inbox.end())
  return {
    send: message => {
      if (inbox.isEnded) return
      if (socket.readyState === OPEN) write(encodeMessage(message))
      else if (socket.readyState === CONNECTING) unsent.push(encodeMessage(message))
    },
    onMessage: listener => inbox.onMessage(listener),
    onClose: listener => inbox.onClose(listener),
    close: () => end(),
  }
}
