import { expect, test } from 'vitest'
import { FakeClock, settled } from '#engine/testing/fake-tracker-io.ts'
import { Gate, PRIORITY } from './gate.ts'

const limits = { atOnce: 3, atOncePerHost: 2, gapMs: 100, goodbyeGapMs: 20, patienceMs: 5000 }
const forever = new AbortController().signal

function world() {
  const clock = new FakeClock()
  const gate = new Gate(clock, limits)
  const entered: string[] = []
  const tickets: Disposable[] = []
  const enter = (host: string, name: string, priority: 0 | 1 | 2 | 3 = PRIORITY.routine, signal = forever) =>
    gate.enter(host, priority, signal).then(
      ticket => {
        entered.push(`${clock.now()} ${name}`)
        tickets.push(ticket)
      },
      () => entered.push(`${clock.now()} ${name} aborted`),
    )
  const leave = () => tickets.shift()?.[Symbol.dispose]()
  return { clock, gate, entered, enter, leave }
}

test('starts at one host keep their distance, and only so many are under way', async () => {
  const { clock, entered, enter, leave } = world()
  for (const name of ['a1', 'a2', 'a3']) void enter('a', name)
  await clock.advance(1000)
  expect(entered).toEqual(['0 a1', '100 a2'])
  leave()
  await settled()
  expect(entered).toEqual(['0 a1', '100 a2', '1000 a3'])
})

test('the cap holds over all hosts, and hosts take turns', async () => {
  const { clock, entered, enter, leave } = world()
  for (const name of ['a1', 'a2', 'a3']) void enter('a', name)
  for (const name of ['b1', 'b2']) void enter('b', name)
  void enter('c', 'c1')
  await clock.advance(50)
  expect(entered).toEqual(['0 a1', '0 b1', '0 c1'])
  leave()
  await clock.advance(60)
  expect(entered.slice(3)).toEqual(['100 a2'])
})

test('a silent tracker stops counting after a while', async () => {
  const { clock, entered, enter } = world()
  for (const host of ['a', 'b', 'c', 'd']) void enter(host, host)
  await clock.advance(4999)
  expect(entered).toHaveLength(3)
  await clock.advance(1)
  expect(entered).toHaveLength(4)
})

test('goodbyes go first, trackers that failed last', async () => {
  const { clock, entered, enter, leave } = world()
  for (const host of ['x', 'y', 'z']) void enter(host, host)
  void enter('a', 'retry', PRIORITY.retry)
  void enter('b', 'routine')
  void enter('c', 'goodbye', PRIORITY.goodbye)
  await settled()
  for (let at = 0; at < 3; at++) {
    leave()
    await clock.advance(1)
  }
  expect(entered.slice(3).map(line => line.split(' ')[1])).toEqual(['goodbye', 'routine', 'retry'])
})

test('who is aborted while waiting takes no place', async () => {
  const { clock, entered, enter } = world()
  const ending = new AbortController()
  void enter('a', 'a1')
  void enter('a', 'a2', PRIORITY.routine, ending.signal)
  void enter('a', 'a3')
  await clock.advance(10)
  ending.abort()
  await clock.advance(200)
  expect(entered).toEqual(['0 a1', '10 a2 aborted', '100 a3'])
})

test('an idle gate has no timers', async () => {
  const { clock, enter, leave } = world()
  void enter('a', 'a1')
  await clock.advance(1)
  leave()
  await clock.advance(1000)
  expect(clock.timers).toBe(0)
})
