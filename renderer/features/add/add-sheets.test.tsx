import { cleanup, render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { Provider } from 'react-redux'
import { afterEach, expect, test } from 'vitest'
import type { CommandName, Commands, TorrentPreview } from '#engine/api/commands.ts'
import { ApiError } from '#engine/api/failures.ts'
import { createStore } from '#renderer/app/store.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import { mockPreview } from '#renderer/engine/mock-preview.ts'
import { UiProviders } from '#renderer/ui/providers.tsx'
import { ServicesContext, type Services } from '../services.ts'
import { addRequested } from './add-requests.ts'
import { AddSheets } from './add-sheets.tsx'

afterEach(cleanup)

/** The sheet over an engine that previews by the word in the file (mock-preview.ts) and notes what it is told to add. */
function open(words: readonly string[], { asks = true, change = (preview: TorrentPreview) => preview } = {}) {
  const store = createStore()
  const added: unknown[] = []
  const answers: Partial<{ [C in CommandName]: (input: Parameters<Commands[C]>[0]) => unknown }> = {
    'torrents.inspect': ({ source }) => change(mockPreview(source, 'here')),
    'torrents.add': ({ source, ...rest }) => {
      if (source.kind === 'bytes' && new TextDecoder().decode(source.bytes) === 'full') {
        throw new ApiError({ code: 'DISK_FULL', message: 'The disk is full' })
      }
      added.push(rest)
      return { id: 'x', duplicate: false }
    },
    'folders.info': ({ path }) => ({ path, exists: true, writable: true, free: 2 ** 40, total: 2 ** 41 }),
  }
  const engine = { call: async (command: CommandName, input: never) => answers[command]!(input) }
  const settings = { downloadFolder: '/data', startAdded: true, askOnAdd: asks }
  const frame = {
    seq: 1,
    full: true,
    rows: [],
    stats: [],
    removed: [],
    session: null,
    settings,
    detail: null,
    notices: [],
  }
  store.dispatch(frameReceived(frame as never))
  const given = words.map(word => ({
    name: `${word || 'shorts'}.torrent`,
    source: { kind: 'bytes' as const, bytes: new TextEncoder().encode(word) },
  }))
  store.dispatch(addRequested(given))
  render(
    <Provider store={store}>
      <ServicesContext value={{ engine, platform: {} } as unknown as Services}>
        <UiProviders>
          <AddSheets />
        </UiProviders>
      </ServicesContext>
    </Provider>,
  )
  return { store, added, user: userEvent.setup() }
}

const verb = () => screen.findByRole('button', { name: /^Add/ })

test('shows what one torrent is, follows the ticks, and adds what is ticked', async () => {
  const { store, added, user } = open([''])
  expect((await screen.findByRole('dialog', { name: 'Silent Film Shorts 1902–1929' })).textContent).toContain(
    '12 files',
  )
  await user.type(screen.getByRole('searchbox'), '*.mkv')
  await user.click(screen.getByRole('button', { name: 'None' }))
  expect(screen.getByText(/2 of 12 files/)).toBeTruthy()
  await user.click(await verb())
  await waitFor(() => expect(store.getState().addRequests).toEqual([]))
  expect(added).toEqual([
    { savePath: '/data', start: true, priorities: Array.from({ length: 10 }, (_, index) => [index, 0]) },
  ])
})

test('without a file there is nothing to add, and the button says so', async () => {
  const { added, user } = open([''])
  await user.click(await screen.findByRole('button', { name: 'None' }))
  const button = await verb()
  expect(button.getAttribute('aria-disabled')).toBe('true')
  await user.click(button)
  expect(added).toEqual([])
})

test('a file that is no torrent is one line, and closing it forgets it', async () => {
  const { store, user } = open(['# notes'])
  const sheet = await screen.findByRole('alertdialog', { name: 'Cannot add # notes.torrent' })
  expect(sheet.textContent).toContain('Not a torrent: it begins with “#” (at byte 0)')
  await user.click(screen.getByRole('button', { name: 'Close' }))
  expect(store.getState().addRequests).toEqual([])
})

test('a duplicate offers its trackers, a private one does not', async () => {
  const { added, user } = open(['here'])
  await user.click(await screen.findByRole('button', { name: 'Add its 2 trackers' }))
  expect(added).toEqual([{}])
  cleanup()
  open(['here'], { change: preview => ({ ...preview, private: true }) })
  expect((await screen.findByRole('dialog', { name: 'Already in the list' })).textContent).toContain('private')
  expect(screen.queryByRole('button', { name: /trackers/ })).toBeNull()
})

test('of several, those that fail stay with their reason', async () => {
  const { store, added, user } = open(['one', '# two', 'full'])
  await user.click(await screen.findByRole('button', { name: 'Add 2' }))
  expect(await screen.findByText('The disk is full')).toBeTruthy()
  expect(added).toHaveLength(1)
  expect(store.getState().addRequests.map(request => request.name)).toEqual(['# two.torrent', 'full.torrent'])
})

test('where the settings say not to ask, it is added at once and failures are still told', async () => {
  const { store, added } = open(['one', 'full'], { asks: false })
  await waitFor(() => expect(store.getState().addRequests).toEqual([]))
  expect(added).toEqual([{}])
  expect(store.getState().toasts.map(toast => toast.text)).toEqual([
    'full.torrent: The disk is full',
    'Added 1 torrent',
  ])
})
