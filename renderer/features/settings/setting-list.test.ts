import { expect, test } from 'vitest'
import { findSettings, parseSetting, SETTINGS, shownValue, type SettingItem } from './setting-list.ts'

const setting = (key: SettingItem['key']) => SETTINGS.find(item => item.key === key)!

test('a setting is found by its label, its page and other words for it', () => {
  const keys = (query: string) => findSettings(query).map(item => item.key)
  expect(keys('firewall')).toEqual(['listenPort', 'portMapping'])
  expect(keys('speed limit')).toEqual(['limitDown', 'limitUp'])
  expect(keys('RAM')).toEqual(['cacheMiB'])
  expect(keys('no such thing')).toEqual([])
  expect(keys('')).toHaveLength(SETTINGS.length)
})

test.each([
  ['limitUp', '2.5M', 2_621_440],
  ['limitUp', 'no limit', 0],
  ['maxActiveDownloads', 'No limit', 0],
  ['maxPeers', '1 000', 1000],
  ['cacheMiB', '128 MiB', 128],
  ['listenPort', '6881', 6881],
  ['downloadFolder', ' /data/Downloads ', '/data/Downloads'],
] as const)('%s reads %j', (key, text, value) => {
  expect(parseSetting(setting(key), text, '')).toEqual({ value })
})

test.each([
  ['limitUp', 'fast', '“fast” is not a speed. Try 500K; what it was is kept.'],
  ['listenPort', '70000', 'Between 1 and 65535, please; what it was is kept.'],
  ['maxPeers', '1.5', '“1.5” is not a whole number. Try 500; what it was is kept.'],
  ['cacheMiB', '-1', '“-1” is not a whole number. Try 64; what it was is kept.'],
  ['downloadFolder', 'Downloads', 'Give the whole path, beginning at the root; what it was is kept.'],
] as const)('%s refuses %j', (key, text, problem) => {
  expect(parseSetting(setting(key), text, 'what it was')).toEqual({ problem })
})

test('what a field shows can be typed back', () => {
  for (const [key, value] of [
    ['limitUp', 12 * 2 ** 20],
    ['limitDown', 0],
    ['maxPeers', 10_000],
    ['cacheMiB', 64],
    ['uploadSlots', 0],
  ] as const) {
    expect(parseSetting(setting(key), shownValue(setting(key), value), '')).toEqual({ value })
  }
})
