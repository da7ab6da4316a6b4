import fc from 'fast-check'
import { expect, test } from 'vitest'
import { globMatcher, NETWORK_OPTIONS, parseArguments, portOf, rateOf } from './args.ts'
import { UsageError } from './exit-codes.ts'

test.each([
  ['0', 0],
  ['100000', 100_000],
  ['500k', 500 * 1024],
  ['500K', 500 * 1024],
  ['500kB', 500_000],
  ['2m', 2 * 1024 ** 2],
  ['1.5MiB', 1.5 * 1024 ** 2],
  ['1.5MB', 1_500_000],
  ['2m/s', 2 * 1024 ** 2],
  ['1g', 1024 ** 3],
  [' 10 kib ', 10 * 1024],
])('the rate %s is %d bytes per second', (text, rate) => {
  expect(rateOf(text)).toBe(rate)
})

test.each(['', 'fast', '-1', '1.5.2m', '10 tb', '1e6', '0x10', 'Infinity', 'm', '10/s/s'])(
  '"%s" is not a rate, and said so',
  text => {
    expect(() => rateOf(text)).toThrow(UsageError)
  },
)

test('no rate given is no rate', () => {
  expect(rateOf(undefined)).toBeUndefined()
})

test.each(['0', '1', '6881', '65535'])('%s is a port', text => {
  expect(portOf(text, 7)).toBe(Number(text))
})

test.each(['', '-1', '65536', '123456', '80.5', '0x50', ' 80', 'http'])('"%s" is not a port, and said so', text => {
  expect(() => portOf(text, 7)).toThrow(UsageError)
})

test('no port given is the one that the caller has in mind', () => {
  expect(portOf(undefined, 7)).toBe(7)
})

test.each([
  // Without a slash it is about the name, wherever it lies.
  ['*.mkv', 'top/film.mkv', true],
  ['*.mkv', 'top/deep/film.MKV', true],
  ['*.mkv', 'top/film.mkv.txt', false],
  ['film?.mkv', 'top/film1.mkv', true],
  ['film?.mkv', 'top/film.mkv', false],
  // With one it is about the whole path.
  ['top/*.mkv', 'top/film.mkv', true],
  ['top/*.mkv', 'top/deep/film.mkv', false],
  ['top/**.mkv', 'top/deep/film.mkv', true],
  ['**/film.mkv', 'top/deep/film.mkv', true],
  // What other languages take for patterns is plain text.
  ['a[1].(b)+c', 'top/a[1].(b)+c', true],
  ['a[1].txt', 'top/a1.txt', false],
  ['a.txt', 'top/aXtxt', false],
  ['$^|{}.txt', 'top/$^|{}.txt', true],
  ['日本*', 'top/日本語.bin', true],
])('%s against %s: %s', (glob, path, matches) => {
  expect(globMatcher(glob)(path)).toBe(matches)
})

test('a path matches itself as a pattern, unless it has wildcards', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).filter(path => !/[*?\n\r\u2028\u2029]/.test(path)),
      path => globMatcher(path)(path),
    ),
  )
})

test('flags, values and what is given many times', () => {
  const words = ['x.torrent', '--peer', 'a:1', '--json', '--peer=b:2', '--port', '7']
  const args = parseArguments(words, NETWORK_OPTIONS, 1)
  expect(args.positionals).toEqual(['x.torrent'])
  expect(args.all('peer')).toEqual(['a:1', 'b:2'])
  expect(args.flag('json')).toBe(true)
  expect(args.flag('no-dht')).toBe(false)
  expect(args.text('port')).toBe('7')
  expect(args.text('state')).toBeUndefined()
})

test.each([
  ['nothing to work on', []],
  ['two things to work on', ['a.torrent', 'b.torrent']],
  ['an option that nobody knows', ['a.torrent', '--warp']],
  ['an option without its value', ['a.torrent', '--port']],
  ['a flag with a value', ['a.torrent', '--json=yes']],
])('%s is wrong use', (_, words) => {
  expect(() => parseArguments(words, NETWORK_OPTIONS, 1)).toThrow(UsageError)
})
