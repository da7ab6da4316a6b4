import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { fromHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { displayName, displayText, foldName, safeElement, safePaths } from './safe-path.ts'

const path = sharedData('vectors/paths.json')
const vectors = path
  ? (JSON.parse(readFileSync(path, 'utf8')) as { elements: { in: string }[]; bad_utf8_hex: string[] })
  : { elements: [], bad_utf8_hex: [] }

/** Everything that no path element may have on any system; '' is a name of nothing, which callers replace. */
function complaintsAbout(name: string): string[] {
  return [
    /[/\\]/.test(name) && 'separator',
    /[<>:"|?*]/.test(name) && 'refused by Windows',
    /\p{Cc}/u.test(name) && 'control',
    /[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/.test(name) && 'invisible or bidi',
    /[. ]$/.test(name) && 'trailing dot or space',
    /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name) && 'device',
    (name === '.' || name === '..') && 'not a name',
    utf8(name).length > 240 && 'too long',
    /\ufffd|\p{Cs}/u.test(name) && 'not text',
    safeElement(name) !== name && 'not stable',
  ].filter(complaint => complaint !== false)
}

test.skipIf(!path).each(vectors.elements)('makes $in harmless', element => {
  expect(complaintsAbout(safeElement(utf8(element.in)))).toEqual([])
})

test.skipIf(!path).each(vectors.bad_utf8_hex)('makes text of the bad bytes %s', hex => {
  expect(complaintsAbout(safeElement(fromHex(hex)!))).toEqual([])
  expect(safeElement(fromHex(hex)!)).toContain('_')
})

test.each([
  ['..', ''],
  ['. .', ''],
  ['///', ''],
  ['a/../b', 'a..b'],
  ['./.', ''],
  ['C:evil', 'C_evil'],
  ['name. .', 'name'],
  ['con', '_con'],
  ['COM1.tar.gz', '_COM1.tar.gz'],
  ['nul .txt', '_nul .txt'],
  ['CONsole', 'CONsole'],
  ['con/', '_con'],
  ['-rf', '-rf'],
  ['~', '~'],
  ['．．', '．．'],
  ['café', 'café'],
  ['cafe\u0301', 'cafe\u0301'],
  ['photo\u202egpj.exe', 'photogpj.exe'],
  ['می\u200cخواهم', 'می\u200cخواهم'],
  ['👨\u200d👩\u200d👧 ❤️.png', '👨\u200d👩\u200d👧 ❤️.png'],
  ['.g\u200cit', '.git'],
  ['a\u200c\u200db', 'ab'],
])('spells %j as %j', (name, safe) => {
  expect(safeElement(utf8(name))).toBe(safe)
})

test('cuts long names at whole characters and keeps the extension', () => {
  expect(safeElement(`${'x'.repeat(300)}.mkv`)).toBe(`${'x'.repeat(236)}.mkv`)
  expect(safeElement(`${'漢'.repeat(120)}.txt`)).toBe(`${'漢'.repeat(78)}.txt`)
  expect(safeElement(`${'x'.repeat(239)} y`)).toBe('x'.repeat(239))
  expect(safeElement(`a.${'x'.repeat(300)}`)).toBe(`a.${'x'.repeat(238)}`)
})

test('shows names and comments without what disguises them', () => {
  expect(displayName(utf8('temp/../../abc'))).toBe('temp....abc')
  expect(displayName(utf8('a\u202eb\x1b[31m: <b>'))).toBe('ab[31m: <b>')
  expect(['..', '   ', '\0\0', '//'].map(name => displayName(utf8(name)))).toEqual(['', '', '', ''])
  expect(displayName(utf8('x'.repeat(5000)))).toHaveLength(240)
  expect(displayText(utf8('one\r\ntwo\x07'))).toBe('one\ntwo')
})

test('folds what some file system takes for one name', () => {
  const alike = [
    ['README', 'readme'],
    ['café', 'CAFE\u0301'],
    ['straße', 'STRASSE'],
    ['ΣΑΣ', 'σας'],
    ['.git', '.g\u200dit'],
  ]
  for (const [a, b] of alike) expect(foldName(a!)).toBe(foldName(b!))
  expect(foldName('a.txt')).not.toBe(foldName('b.txt'))
})

const pathsOf = (...files: string[][]) => safePaths('top', files.length, index => files[index]!.map(utf8))

test.each([
  ['equal names', [['a.txt'], ['a.txt'], ['a.1.txt']], ['a.txt', 'a.1.txt', 'a.1.1.txt']],
  ['names that differ in case', [['A'], ['a']], ['A', 'a.1']],
  ['a file like a folder', [['a'], ['a', 'b']], ['a.1', 'a/b']],
  [
    'folders that fold alike',
    [
      ['D', 'x'],
      ['d', 'X'],
      ['d', 'y'],
    ],
    ['D/x', 'D/X.1', 'D/y'],
  ],
  ['elements of nothing', [['..', '', 'a'], ['/', '\\'], ['.']], ['a', '_', '_.1']],
  ['a path of nothing', [[]], ['_']],
])('keeps apart %s', (_, files, expected) => {
  expect(pathsOf(...files)).toEqual(expected.map(file => `top/${file}`))
})

test('gives ten thousand equal names ten thousand paths, and does not search for them', () => {
  const start = performance.now()
  const paths = pathsOf(...Array.from({ length: 10_000 }, () => ['same.txt']))
  expect(new Set(paths).size).toBe(10_000)
  expect(performance.now() - start).toBeLessThan(2000)
})

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(...Array.from('.. /\\:\0con1aéß\u0301\u200c\u200d\u202e\ufeff漢😀_ ~')),
    maxLength: 12,
  }),
  fc.string({ unit: fc.constantFrom('x', '漢', '😀', '.', ' ', '\u200d', 'é'), minLength: 70, maxLength: 320 }),
)
const element = fc.oneof(nasty.map(utf8), fc.uint8Array({ maxLength: 20 }))

test('makes a safe and stable name of anything', () => {
  fc.assert(
    fc.property(element, bytes => {
      expect(complaintsAbout(safeElement(bytes))).toEqual([])
    }),
    { numRuns: 6000 },
  )
})

test('never lets two files meet, on any system', () => {
  const few = fc.oneof(fc.constantFrom('a', 'A', 'a.1', 'é', 'e\u0301', '..', '', 'b').map(utf8), element)
  fc.assert(
    fc.property(fc.array(fc.array(few, { maxLength: 4 }), { maxLength: 20 }), files => {
      const paths = safePaths('top', files.length, index => files[index]!)
      const folded = paths.map(file => file.split('/').map(foldName).join('/'))
      expect(new Set(folded).size).toBe(paths.length)
      // No file is a folder of another one.
      for (const file of folded) expect(folded.filter(other => other.startsWith(`${file}/`))).toEqual([])
      for (const file of paths) {
        expect(file.split('/').flatMap(complaintsAbout)).toEqual([])
        expect(file).toMatch(/^top\/(?:[^/]+\/)*[^/]+$/)
      }
    }),
    { numRuns: 500 },
  )
})
