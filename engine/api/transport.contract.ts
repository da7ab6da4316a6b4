import { expect, test } from 'vitest'
import type { Transport } from './transport.ts'

/** A pair of connected ends, and how to end what they were made of. */
export interface TransportPair {
  readonly left: Transport<unknown, unknown>
  readonly right: Transport<unknown, unknown>
  close(): void | Promise<void>
}

/** What every transport promises, whatever carries it. */
export function transportContract(name: string, connect: () => Promise<TransportPair>): void {
  const arrived = (end: Transport<unknown, unknown>, count: number) =>
    new Promise<unknown[]>(resolve => {
      const messages: unknown[] = []
      end.onMessage(message => {
        messages.push(message)
        if (messages.length === count) resolve(messages)
      })
    })

  test(`${name} delivers messages in order, bytes included`, async () => {
    const pair = await connect()
    const sent = [{ n: 1 }, { bytes: Uint8Array.of(0, 1, 255) }, { deep: [{ bytes: new Uint8Array(0) }] }]
    const received = arrived(pair.right, 3)
    for (const message of sent) pair.left.send(message)
    expect(await received).toEqual(sent)
    await pair.close()
  })

  test(`${name} keeps what arrives before anybody listens`, async () => {
    const pair = await connect()
    pair.left.send('early')
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(await arrived(pair.right, 1)).toEqual(['early'])
    await pair.close()
  })

  test(`${name} hands over copies: the sender may reuse what it sent`, async () => {
    const pair = await connect()
    const message = { bytes: Uint8Array.of(1), list: [1] }
    const received = arrived(pair.right, 1)
    pair.left.send(message)
    message.bytes[0] = 9
    message.list.push(2)
    expect(await received).toEqual([{ bytes: Uint8Array.of(1), list: [1] }])
    await pair.close()
  })

  test(`${name} tells both ends once that it closed, and is silent afterwards`, async () => {
    const pair = await connect()
    const told: string[] = []
    pair.right.onMessage(message => told.push(`message ${String(message)}`))
    const ends = Promise.all([
      new Promise<void>(resolve => pair.left.onClose(() => resolve(void told.push('left')))),
      new Promise<void>(resolve => pair.right.onClose(() => resolve(void told.push('right')))),
    ])
    pair.left.close()
    pair.left.close()
    pair.left.send('late')
    await ends
    expect(told.sort()).toEqual(['left', 'right'])
    await pair.close()
  })
}
