import { expect, test } from 'vitest'
import { CheckTurns } from './checks.ts'

test('checks take turns in the order they asked, and who leaves the line is not waited for', async () => {
  const turns = new CheckTurns()
  const order: string[] = []
  const never = new AbortController().signal
  const ask = async (name: string, signal = never) => {
    const turn = await turns.take(signal)
    order.push(name)
    return turn
  }
  const first = await ask('first')
  const second = ask('second')
  const leaving = new AbortController()
  const third = ask('third', leaving.signal)
  const fourth = ask('fourth')
  leaving.abort()
  await expect(third).rejects.toMatchObject({ code: 'ABORTED' })
  expect(order).toEqual(['first'])
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  const turn = await second
  expect(order).toEqual(['first', 'second'])
  turn[Symbol.dispose]()
  await fourth
  expect(order).toEqual(['first', 'second', 'fourth'])
})
