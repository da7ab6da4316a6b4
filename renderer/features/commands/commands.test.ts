import { expect, test } from 'vitest'
import { createStore } from '#renderer/app/store.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import type { Platform } from '#renderer/platform/platform.ts'
import { picked } from '../torrents/selection-slice.ts'
import { sampleRow, sampleStats } from '../torrents/sample.ts'
import { queryTyped } from '../filters/filter-slice.ts'
import { contextOf } from './command.ts'
import { findInPalette } from './palette-search.ts'
import { commandNamed, commands } from './registry.ts'

function world() {
  const store = createStore()
  const calls: unknown[] = []
  const services = {
    engine: {
      call: async (command: string, input: unknown) => {
        calls.push([command, input])
        return undefined as never
      },
    },
    platform: { kind: 'desktop' } as Platform,
  }
  const rows = [sampleRow({ id: 'a', name: 'alder' }), sampleRow({ id: 'b', name: 'birch', status: 'paused' })]
  const stats = rows.map(({ id }) => sampleStats(id))
  const empty = { removed: [], session: null, settings: null, detail: null, notices: [] }
  store.dispatch(frameReceived({ seq: 1, full: true, rows, stats, ...empty }))
  return { store, calls, context: () => contextOf(store.getState(), store.dispatch, services) }
}

test('ids and keys belong to one command each', () => {
  const ids = commands.map(command => command.id)
  const keys = commands.flatMap(command => command.keys ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(keys).size).toBe(keys.length)
})

test('without a selection every command on torrents says what is missing', () => {
  const context = world().context()
  const reasons = commands
    .filter(command => command.scope === 'selection' && !command.id.startsWith('select'))
    .map(command => command.unavailable?.(context))
  expect(new Set(reasons)).toEqual(new Set(['Select a torrent first']))
})

test('commands act on what is selected and in sight, and say why they cannot', async () => {
  const { store, calls, context } = world()
  store.dispatch(picked({ id: 'a', mode: 'only', order: [] }))
  store.dispatch(picked({ id: 'b', mode: 'toggle', order: [] }))
  await commandNamed('pause').run(context())
  store.dispatch(queryTyped('birch'))
  expect(commandNamed('pause').unavailable?.(context())).toBe('It is paused already')
  await commandNamed('resume').run(context())
  expect(calls).toEqual([
    ['torrents.pause', { ids: ['a', 'b'] }],
    ['torrents.resume', { ids: ['b'] }],
  ])
})

test('the palette finds commands by other words too, and torrents by name', () => {
  const { context } = world()
  const names = (text: string) => findInPalette(text, commands, context()).lines.map(({ name }) => name)
  expect(names('verify')).toEqual(['Check the data on disk'])
  expect(names('birc')).toEqual(['birch'])
  expect(names('no such thing')).toEqual([])
})
