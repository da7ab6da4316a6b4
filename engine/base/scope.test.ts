import { expect, test } from 'vitest'
import { Scope } from './scope.ts'

const named = (name: string, log: string[]) => ({ [Symbol.dispose]: () => void log.push(name) })

test('what came last goes first, each once', () => {
  const log: string[] = []
  const scope = new Scope()
  scope.use(named('a', log))
  scope.defer(() => log.push('b'))
  scope[Symbol.dispose]()
  scope[Symbol.dispose]()
  expect(log).toEqual(['b', 'a'])
})

test('what was handed on is not ours any more', () => {
  const log: string[] = []
  const scope = new Scope()
  scope.use(named('a', log))
  const heir = scope.move()
  scope[Symbol.dispose]()
  expect(log).toEqual([])
  heir[Symbol.dispose]()
  expect(log).toEqual(['a'])
})

test('one that throws does not keep the others', () => {
  const log: string[] = []
  const scope = new Scope()
  scope.use(named('a', log))
  scope.defer(() => {
    throw new Error('no')
  })
  scope.use(named('c', log))
  expect(() => scope[Symbol.dispose]()).toThrow('no')
  expect(log).toEqual(['c', 'a'])
})
