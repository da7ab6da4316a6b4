import { expect, test } from 'vitest'
import { SETTING_RULES } from '#engine/api/settings.ts'
import { utf8 } from '#engine/base/bytes.ts'
import { MemoryFiles } from '#engine/testing/memory-files.ts'
import { defaultSettings, SettingsStore } from './settings.ts'

const PATH = '/data/settings.json'
const defaults = defaultSettings('/home/me/Downloads')

test('the defaults are those of the rules', () => {
  const { downloadFolder: _, ...rules } = SETTING_RULES
  expect(defaults).toEqual({
    downloadFolder: '/home/me/Downloads',
    ...Object.fromEntries(Object.entries(rules).map(([key, rule]) => [key, rule.default])),
  })
})

test('what was changed is there after a restart, and only what differs is told', async () => {
  const files = new MemoryFiles()
  const { settings } = await SettingsStore.load(files, PATH, defaults)
  expect(await settings.update({ limitUp: 1000, listenPort: defaults.listenPort })).toEqual(['limitUp'])
  const again = await SettingsStore.load(files, PATH, defaults)
  expect(again).toMatchObject({ problem: undefined, settings: { current: { ...defaults, limitUp: 1000 } } })
})

test.each([
  ['a port beyond the end', { listenPort: 70_000 }],
  ['half a peer', { maxPeers: 10.5 }],
  ['a number as text', { limitUp: '5' }],
  ['a relative folder', { downloadFolder: 'Downloads' }],
  ['a switch that is neither on nor off', { startAdded: 1 }],
  ['a setting that does not exist', { constructor: 1 }],
])('refuses %s and changes nothing', async (_, changes) => {
  const files = new MemoryFiles()
  const { settings } = await SettingsStore.load(files, PATH, defaults)
  const attempt = settings.update({ limitDown: 5, ...changes } as never)
  await expect(attempt).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  expect([settings.current, files.contents.size]).toEqual([defaults, 0])
})

test.each([
  ['cut short', '{"limitUp": 5'],
  ['not an object', '[1]'],
  ['of another encoding', '\u0000\ud800'],
])('a file that is %s is set aside', async (_, text) => {
  const files = new MemoryFiles()
  files.contents.set(PATH, utf8(text))
  const { settings, problem } = await SettingsStore.load(files, PATH, defaults)
  expect([settings.current, typeof problem, [...files.contents.keys()]]).toEqual([
    defaults,
    'string',
    [`${PATH}.damaged`],
  ])
})

test('one bad value does not cost the others', async () => {
  const files = new MemoryFiles()
  files.contents.set(PATH, utf8('{"limitUp": 5, "listenPort": -1, "unknown": 3}'))
  const { settings, problem } = await SettingsStore.load(files, PATH, defaults)
  expect([settings.current, typeof problem]).toEqual([{ ...defaults, limitUp: 5 }, 'string'])
})

test('an override is in force and never saved, until the user decides about that very option', async () => {
  const files = new MemoryFiles()
  const { settings } = await SettingsStore.load(files, PATH, defaults, { limitDown: 7, limitUp: 8 })
  await settings.update({ limitUp: 9 })
  expect(settings.current).toMatchObject({ limitDown: 7, limitUp: 9 })
  const again = await SettingsStore.load(files, PATH, defaults)
  expect(again.settings.current).toMatchObject({ limitDown: 0, limitUp: 9 })
})
