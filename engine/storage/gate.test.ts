import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>(done => (resolve = done))
  return { promise, resolve }
}

test('who wants to be alone waits for those inside and keeps others out', async () => {
  const gate = new Gate()
  const order: string[] = []
  const [first, alone] = [deferred(), deferred()]
  const all = [
    gate.pass(() => first.promise.then(() => void order.push('first'))),
    gate.alone(async () => {
      order.push('alone begins')
      await alone.promise
      order.push('alone ends')
    }),
    gate.pass(async () => void order.push('second')),
    gate.alone(async () => void order.push('alone again')),
  ]
  first.resolve()
  await first.promise
  alone.resolve()
  await Promise.all(all)
  expect(order.slice(0, 3)).toEqual(['first', 'alone begins', 'alone ends'])
  expect(order.slice(3).sort()).toEqual(['alone again', 'second'])
})

test('a failure inside opens the gate all the same', async () => {
  const gate = new Gate()
  await expect(gate.alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await gate.pass(() => Promise.resolve(1))).toBe(1)
})
