import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { memoryTransportPair } from './memory-transport.ts'
import { portTransport, type EmitterPort } from './port-transport.ts'
import { socketTransport, type SocketLike } from './socket-transport.ts'
import { transportContract } from './transport.contract.ts'

transportContract('memory', async () => {
  const [left, right] = memoryTransportPair<unknown, unknown>()
  return { left, right, close: () => left.close() }
})

transportContract('a message port', async () => {
  const { port1, port2 } = new MessageChannel()
  const left = portTransport<unknown, unknown>(port1)
  const right = portTransport<unknown, unknown>(port2)
  return { left, right, close: () => left.close() }
})

/** Shaped like Electron's `MessagePortMain`: an emitter whose events carry `data`. */
class FakeMainPort extends EventEmitter implements EmitterPort {
  other: FakeMainPort | undefined
  postMessage(message: unknown): void {
    const data: unknown = structuredClone(message)
    queueMicrotask(() => this.other?.emit('message', { data }))
  }
  close(): void {
    const other = this.other
    this.other = undefined
    queueMicrotask(() => other?.emit('close'))
  }
}

transportContract('an Electron main port', async () => {
  const [a, b] = [new FakeMainPort(), new FakeMainPort()]
  a.other = b
  b.other = a
  const left = portTransport<unknown, unknown>(a)
  const right = portTransport<unknown, unknown>(b)
  return { left, right, close: () => left.close() }
})

class FakeSocket extends EventTarget {
  binaryType = 'blob'
  readyState = 0
  other: FakeSocket | undefined
  closedWith: number | undefined
  open(): void {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  send(bytes: Uint8Array): void {
    const data = bytes.slice().buffer
    queueMicrotask(() => this.other?.say(data))
  }
  say(data: unknown): void {
    if (this.readyState === 1) this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  close(code?: number): void {
    if (this.readyState === 3) return
    this.closedWith = code
    this.readyState = 3
    queueMicrotask(() => {
      this.dispatchEvent(new Event('close'))
      this.other?.close()
    })
  }
}

const socketPair = () => {
  const [a, b] = [new FakeSocket(), new FakeSocket()]
  a.other = b
  b.other = a
  return [a, b] as const
}
const over = (socket: FakeSocket) => socketTransport<unknown, unknown>(socket as unknown as SocketLike)

transportContract('a WebSocket', async () => {
  const [a, b] = socketPair()
  const [left, right] = [over(a), over(b)]
  b.open()
  a.open()
  return { left, right, close: () => left.close() }
})

test('a WebSocket that is still connecting keeps what is sent', async () => {
  const [a, b] = socketPair()
  const [left, right] = [over(a), over(b)]
  b.open()
  left.send('first')
  a.open()
  expect(await new Promise(resolve => right.onMessage(resolve))).toBe('first')
})

test.each([
  ['text', 'hello', 1003],
  ['bytes that are no message', new ArrayBuffer(3), 1007],
])('a WebSocket that brings %s is closed', async (_, data, code) => {
  const [a] = socketPair()
  const seen: unknown[] = []
  const end = over(a)
  end.onMessage(message => seen.push(message))
  a.open()
  a.say(data)
  expect([a.closedWith, seen]).toEqual([code, []])
})
