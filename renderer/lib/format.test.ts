import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDate,
  formatDuration,
  formatEta,
  formatPercent,
  formatRate,
  formatRatio,
} from './format.ts'

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [15.4 * 2 ** 20, '15.4 MiB'],
  [204 * 2 ** 20, '204 MiB'],
  [999.6 * 2 ** 20, '1.0 GiB'],
  [3.7 * 2 ** 30, '3.7 GiB'],
  [312 * 2 ** 30, '312 GiB'],
  [1.8 * 2 ** 40, '1.8 TiB'],
  [-1, '–'],
])('%d bytes are read as %s', (bytes, text) => {
  expect(plain(formatBytes(bytes))).toBe(text)
})

test('rates are whole KiB below a MiB', () => {
  expect([0, 500, 1000, 210 * 1024, 9318 * 1024].map(rate => plain(formatRate(rate)))).toEqual([
    '0 B/s',
    '500 B/s',
    '1 KiB/s',
    '210 KiB/s',
    '9.1 MiB/s',
  ])
})

test('what is not complete never reads 100 %', () => {
  expect([0, 0.7129, 0.9999, 1, 1.2].map(part => plain(formatPercent(part)))).toEqual([
    '0.0 %',
    '71.2 %',
    '99.9 %',
    '100 %',
    '100 %',
  ])
})

test('a forecast is a band, and nothing when nobody can say or nothing is left', () => {
  expect([-1, 0, 59, 60, 150, 1900, 4700, 100_000, 40 * 86_400].map(seconds => plain(formatEta(seconds)))).toEqual([
    '',
    '',
    '< 1 min',
    '1–2 min',
    '2–3 min',
    '30–45 min',
    '1–2 h',
    '1–2 days',
    '> 4 weeks',
  ])
})

test('ratios are cut, not rounded; durations name two units; counts are grouped', () => {
  expect([-1, 0, 0.999, 14.66, 123.4].map(formatRatio)).toEqual(['', '0.00', '0.99', '14.6', '123'])
  expect([372, 4200, 90_000].map(seconds => plain(formatDuration(seconds)))).toEqual([
    '6 min 12 s',
    '1 h 10 min',
    '1 d 1 h',
  ])
  expect(plain(formatCount(1_184_000))).toBe('1 184 000')
})

test('no number of any kind becomes NaN, Infinity, null or a bare minus', () => {
  const formats = [
    formatBytes,
    formatRate,
    formatPercent,
    formatRatio,
    formatEta,
    formatDuration,
    formatCount,
    formatDate,
  ]
  fc.assert(
    fc.property(fc.double(), value => {
      for (const format of formats) {
        expect(format(Math.abs(value))).not.toMatch(/NaN|Infinity|∞|null|undefined|-1|None/)
      }
    }),
  )
})
