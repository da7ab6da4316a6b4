import { beforeEach, expect, test } from 'vitest'
import { detailsOpened, sidebarToggled } from '#renderer/features/commands/windows-slice.ts'
import { sorted } from '#renderer/features/torrents/sort-slice.ts'
import { keepPreferences, readPreferences } from './preferences.ts'
import { createStore } from './store.ts'

beforeEach(() => localStorage.clear())

test('sort order, open tab and sidebar survive a restart; what lay over the window does not', () => {
  const store = createStore()
  keepPreferences(store)
  store.dispatch(sorted('size'))
  store.dispatch(sidebarToggled())
  store.dispatch(detailsOpened('peers'))
  const { sort, windows } = createStore().getState()
  expect(sort).toEqual({ key: 'size', descending: true })
  expect(windows).toMatchObject({ sidebar: false, details: true, detailsTab: 'peers', sheet: null })
})

test.each(['', '{', '[]', '7', '{"sortKey":"no such column","detailsTab":"x"}'])(
  'a memory that makes no sense (%s) is the default view',
  text => {
    localStorage.setItem('freshet.view', text)
    const { sort, windows } = readPreferences() ?? {}
    expect(sort ?? { key: 'queue', descending: false }).toEqual({ key: 'queue', descending: false })
    expect(windows?.detailsTab ?? 'overview').toBe('overview')
  },
)
