import { expect, test } from 'vitest'
import { cutPlace } from './cut-name.tsx'

test.each([
  ['Sintel (2010) 4K', ['Sintel (2010) 4K', '']],
  ['debian-13.1.0-amd64-DVD-1.iso', ['debian-13.1.0-amd64', '-DVD-1.iso']],
  ['The Complete Restored Cut of a film.mkv', ['The Complete Restored Cut', ' of a film.mkv']],
  [
    '江戸名所図会 全七巻（国立国会図書館）高精細版 第二集',
    ['江戸名所図会 全七巻（国立', '国会図書館）高精細版 第二集'],
  ],
])('%s keeps its end, and no letter is torn', (name, parts) => {
  expect(cutPlace(name)).toEqual(parts)
  expect(cutPlace(name).join('')).toBe(name)
})
