import { expect, test } from 'vitest'
import { EngineClient } from './client.ts'
import type { Frame } from './frame.ts'
import { memoryTransportPair } from './memory-transport.ts'
import type { Downward, Upward } from './messages.ts'

const settled = () => new Promise(resolve => setTimeout(resolve))
const frame = (seq: number): Downward => ({ type: 'frame', frame: { seq } as Frame })

function connected() {
  const [near, far] = memoryTransportPair<Upward, Downward>()
  const heard: Upward[] = []
  far.onMessage(message => heard.push(message))
  return { near, far, heard }
}

test('a call is answered by its own result, whatever the order', async () => {
  const { near, far, heard } = connected()
  const client = new EngineClient(near)
  const first = client.call('torrents.pause', { ids: ['a'] })
  const second = client.call('folders.info', { path: '/x' })
  await settled()
  expect(heard.slice(1)).toEqual([
    { type: 'call', call: 1, command: 'torrents.pause', input: { ids: ['a'] } },
    { type: 'call', call: 2, command: 'folders.info', input: { path: '/x' } },
  ])
  far.send({ type: 'failure', call: 2, failure: { code: 'NOT_FOUND', message: 'There is no such folder.' } })
  far.send({ type: 'result', call: 1, output: undefined })
  await expect(first).resolves.toBeUndefined()
  await expect(second).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no such folder.' })
})

test('a frame is acknowledged when the listener has returned', async () => {
  const { near, far } = connected()
  const order: string[] = []
  const client = new EngineClient({
    ...near,
    send: message => {
      if (message.type === 'ack') order.push(`ack ${message.seq}`)
      near.send(message)
    },
  })
  client.onFrame(({ seq }) => order.push(`frame ${seq}`))
  far.send(frame(1))
  far.send(frame(2))
  await settled()
  expect(order).toEqual(['frame 1', 'ack 1', 'frame 2', 'ack 2'])
})

test('a listener that throws still gets the next frame', async () => {
  const { near, far, heard } = connected()
  let receive = (_message: Downward) => {}
  const client = new EngineClient({ ...near, onMessage: listener => void (receive = listener) })
  client.onFrame(({ seq }) => {
    if (seq === 1) throw new Error('a bug of the face')
  })
  expect(() => receive(frame(1))).toThrow('a bug of the face')
  receive(frame(2))
  await settled()
  expect(heard.filter(message => message.type === 'ack')).toEqual([
    { type: 'ack', seq: 1 },
    { type: 'ack', seq: 2 },
  ])
  far.close()
})

test('after a reconnect it greets and sends its watch again, and old calls are rejected', async () => {
  const old = connected()
  const client = new EngineClient(old.near)
  client.watch({ listHz: 1, detail: null })
  const lost = client.call('torrents.pause', { ids: [] })
  let closes = 0
  client.onClose(() => closes++)
  old.far.close()
  await expect(lost).rejects.toMatchObject({ code: 'DISCONNECTED' })
  await expect(client.call('torrents.pause', { ids: [] })).rejects.toMatchObject({ code: 'DISCONNECTED' })

  const fresh = connected()
  client.attach(fresh.near)
  const hellos: string[] = []
  client.onHello(hello => hellos.push(hello.epoch))
  fresh.far.send({ type: 'hello', version: 1, epoch: 'e2', appVersion: '0' })
  await settled()
  expect([closes, client.isConnected, hellos, fresh.heard]).toEqual([
    1,
    true,
    ['e2'],
    [
      { type: 'hello', version: 1 },
      { type: 'watch', watch: { listHz: 1, detail: null } },
    ],
  ])
})
