import { expect, test, vi } from 'vitest'
import { CHANNELS, ENGINE_PORT } from '#electron/api/channels.ts'

const exposed = new Map<string, object>()
const listeners = new Map<string, (event: unknown, ...given: unknown[]) => void>()
const posted: unknown[] = []
const sent: unknown[] = []

vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, value: object) => exposed.set(name, value) },
  ipcRenderer: {
    on: (channel: string, listener: (event: unknown) => void) => listeners.set(channel, listener),
    removeAllListeners: (channel: string) => listeners.delete(channel),
    send: (...message: unknown[]) => sent.push(message),
    invoke: (...message: unknown[]) => Promise.resolve(message),
  },
}))

async function load(origin: string, framed = false) {
  exposed.clear()
  listeners.clear()
  const page = { location: { origin }, postMessage: (...message: unknown[]) => posted.push(message), top: {} }
  if (!framed) page.top = page
  vi.stubGlobal('window', page)
  vi.resetModules()
  await import('./index.ts')
}

test('the page sees exactly these names, and each is a function or a word', async () => {
  await load('app://freshet')
  expect([...exposed.keys()]).toEqual(['shell'])
  const shell = exposed.get('shell') as Record<string, unknown>
  expect(Object.keys(shell).sort()).toEqual([
    'connectEngine',
    'notify',
    'onNotificationClick',
    'onOpenRequests',
    'openPath',
    'pickFolder',
    'pickTorrents',
    'platform',
    'readClipboardText',
    'reveal',
    'setBadge',
    'setProgress',
    'setTheme',
  ])
  expect(Object.values(shell).filter(value => !['function', 'string'].includes(typeof value))).toEqual([])
})

test.each([
  ['another origin', 'https://example.org', false],
  ['a frame inside our page', 'app://freshet', true],
])('%s is offered nothing', async (_, origin, framed) => {
  await load(origin, framed)
  expect([exposed.size, listeners.size]).toEqual([0, 0])
})

test("the engine's port is handed to our page and no other origin", async () => {
  await load('app://freshet')
  listeners.get(CHANNELS.enginePort)?.({ ports: ['a port'] })
  listeners.get(CHANNELS.enginePort)?.({ ports: [] })
  expect(posted).toEqual([[ENGINE_PORT, 'app://freshet', ['a port']]])
})

test('listening for open requests says that the page is ready, once the listener is there', async () => {
  await load('app://freshet')
  const shell = exposed.get('shell') as unknown as { onOpenRequests(listener: (request: unknown) => void): void }
  const seen: unknown[] = []
  shell.onOpenRequests(request => seen.push(request))
  expect(sent.at(-1)).toEqual([CHANNELS.ready])
  listeners.get(CHANNELS.openRequest)?.({}, { kind: 'magnet', uri: 'magnet:?' })
  expect(seen).toEqual([{ kind: 'magnet', uri: 'magnet:?' }])
})
