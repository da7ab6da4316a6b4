import { Inbox } from './inbox.ts'
import type { Transport } from './transport.ts'

/**
 * Two ends of a pipe inside one process. Messages arrive in a later microtask and as copies, like over any other
 * transport: a client that changes what it got, or an engine that reuses what it sent, disturbs nobody.
 */
export function memoryTransportPair<A, B>(): [Transport<A, B>, Transport<B, A>] {
  const left = new Inbox<B>()
  const right = new Inbox<A>()
  const end = () => {
    left.end()
    right.end()
  }
  return [endOf(left, right, end), endOf(right, left, end)]
}

const endOf = <Out, In>(own: Inbox<In>, other: Inbox<Out>, end: () => void): Transport<Out, In> => ({
  send: message => {
    if (own.isEnded) return
    const copy = copyOf(message)
    queueMicrotask(() => other.receive(copy))
  },
  onMessage: listener => own.onMessage(listener),
  onClose: listener => own.onClose(listener),
  close: end,
})

/** A structured clone of what messages are made of. */
function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return value.slice() as T // the sender may reuse its bytes
  if (Array.isArray(value)) return value.map(copyOf) as T
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyOf(item)])) as T
}
