import { beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { handle, receive } from './trusted-ipc.ts'

type Listener = (event: unknown, input?: unknown) => unknown
const listeners = vi.hoisted(() => new Map<string, (event: unknown, input?: unknown) => unknown>())

vi.mock('electron', () => ({
  protocol: {},
  ipcMain: {
    handle: (channel: string, listener: Listener) => listeners.set(channel, listener),
    on: (channel: string, listener: Listener) => listeners.set(channel, listener),
  },
}))

const call = async (senderFrame: unknown, input?: unknown) => listeners.get('channel')?.({ senderFrame }, input)
const ours = { url: 'app://freshet/index.html', parent: null }
const strangers = [
  ['a page from the network', { url: 'https://freshet/', parent: null }],
  ['another host of our scheme', { url: 'app://other/index.html', parent: null }],
  ['a frame inside our page', { url: 'app://freshet/index.html', parent: ours }],
  ['a page without an address', { url: '', parent: null }],
  ['a frame that is gone', null],
] as const

beforeEach(() => listeners.clear())

test.each(strangers)('%s gets no answer and is not heard', async (_, frame) => {
  const seen: unknown[] = []
  handle('channel', z.string(), input => seen.push(input))
  await expect(call(frame, 'hello')).rejects.toThrow('not for this sender')
  receive('channel', z.string(), input => seen.push(input))
  await call(frame, 'hello')
  expect(seen).toEqual([])
})

test('our page is answered, when what it sends has the right shape', async () => {
  handle('channel', z.string().max(5), input => input.toUpperCase())
  expect(await call(ours, 'hello')).toBe('HELLO')
  await expect(call(ours, 'too long')).rejects.toThrow('input of another shape')
  await expect(call(ours, { length: 1 })).rejects.toThrow('input of another shape')
})

test('messages of another shape are dropped', async () => {
  const seen: unknown[] = []
  receive('channel', z.number(), input => seen.push(input))
  for (const input of [1, '2', null, undefined, [3]]) await call(ours, input)
  expect(seen).toEqual([1])
})
