import { expect, test } from 'vitest'
import { keyCaps, matchesKeys } from './keys.ts'

const press = (key: string, held: { ctrl?: boolean; meta?: boolean; shift?: boolean; alt?: boolean } = {}) => ({
  key,
  code: '',
  ctrlKey: held.ctrl ?? false,
  metaKey: held.meta ?? false,
  shiftKey: held.shift ?? false,
  altKey: held.alt ?? false,
})

test('Mod is Ctrl, and the command key on a Mac', () => {
  expect(matchesKeys(press('p', { ctrl: true }), 'Mod+P', false)).toBe(true)
  expect(matchesKeys(press('p', { meta: true }), 'Mod+P', true)).toBe(true)
  expect(matchesKeys(press('p', { ctrl: true }), 'Mod+P', true)).toBe(false)
  expect(keyCaps('Mod+Shift+ArrowUp', false)).toEqual(['Ctrl', 'Shift', '↑'])
  expect(keyCaps('Mod+Shift+ArrowUp', true)).toEqual(['⌘', '⇧', '↑'])
})

test('one modifier more is another shortcut', () => {
  expect(matchesKeys(press('Delete'), 'Delete', false)).toBe(true)
  expect(matchesKeys(press('Delete', { shift: true }), 'Delete', false)).toBe(false)
  expect(matchesKeys(press('Delete', { shift: true }), 'Shift+Delete', false)).toBe(true)
  expect(matchesKeys(press('?', { shift: true }), '?', false)).toBe(true)
})
