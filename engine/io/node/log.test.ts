import { expect, test } from 'vitest'
import { RingLog } from './log.ts'

test('the log keeps the newest 2,000 lines, oldest first', () => {
  const log = new RingLog()
  for (let at = 0; at < 2500; at++) log.write('info', 'test', String(at))
  const lines = log.lines()
  expect([lines.length, lines[0]?.text, lines.at(-1)?.text]).toEqual([2000, '500', '2499'])
})

test('a line break in a stranger’s text does not start a new line', () => {
  const seen: string[] = []
  const log = new RingLog(line => seen.push(line.text))
  log.write('warn', 'peer', 'name\r\n2026 error: all is lost\u001b[31m')
  expect(seen).toEqual(['name 2026 error: all is lost [31m'])
})
