import { expect, test } from 'vitest'
import { SlotPool } from './slot-pool.ts'

const MIB = 1024 * 1024
const pool = (mib: number) => {
  const dropped: number[] = []
  return { pool: new SlotPool(mib * MIB, id => dropped.push(id)), dropped }
}

test('a slot is exactly as long as asked for, in shared memory', () => {
  const slot = pool(4).pool.acquire(100_001)!
  expect([slot.bytes.length, slot.bytes.buffer instanceof SharedArrayBuffer]).toEqual([100_001, true])
})

test('the budget is never exceeded, and full is an answer', () => {
  const { pool: slots } = pool(4)
  const held = Array.from({ length: 5 }, () => slots.acquire(MIB))
  expect(held.map(slot => slot !== undefined)).toEqual([true, true, true, true, false])
  expect(slots.bytes).toBe(4 * MIB)
})

test('room is told once, and only to those who were refused', () => {
  const { pool: slots } = pool(2)
  let told = 0
  slots.onRoom(() => told++)
  const [a, b] = [slots.acquire(MIB)!, slots.acquire(MIB)!]
  slots.release(a)
  expect(told).toBe(0)
  const c = slots.acquire(MIB)!
  slots.acquire(MIB)
  slots.release(b)
  slots.release(c)
  expect(told).toBe(1)
})

test('memory of a released slot is used again', () => {
  const { pool: slots } = pool(2)
  const first = slots.acquire(MIB)!
  slots.release(first)
  expect(slots.acquire(MIB - 5)!.id).toBe(first.id)
})

test('free slots of another size make way when the budget is needed', () => {
  const { pool: slots, dropped } = pool(4)
  const small = Array.from({ length: 4 }, () => slots.acquire(MIB)!)
  for (const slot of small) slots.release(slot)
  expect(slots.acquire(3 * MIB)!.bytes.length).toBe(3 * MIB)
  expect([slots.bytes, dropped.length]).toEqual([4 * MIB, 4])
})

test('one slot is granted even if it is larger than the budget', () => {
  const { pool: slots } = pool(1)
  expect(slots.acquire(2 * MIB)).toBeDefined()
  expect(slots.acquire(16)).toBeUndefined()
})

test('releasing a slot twice is a bug and said so', () => {
  const { pool: slots } = pool(1)
  const slot = slots.acquire(10)!
  slots.release(slot)
  expect(() => slots.release(slot)).toThrow(expect.objectContaining({ code: 'INTERNAL', blame: 'bug' }))
})
