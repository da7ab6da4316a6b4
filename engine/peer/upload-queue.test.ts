import { expect, test } from 'vitest'
import { LIMITS } from '#engine/base/limits.ts'
import { UploadQueue } from './upload-queue.ts'

function drain(queue: UploadQueue): string {
  const seen: string[] = []
  for (; queue.length > 0; queue.shift()) seen.push(`${queue.piece}:${queue.begin}`)
  return seen.join(' ')
}

test('answers in the order of asking, also across the wrap and growth of the ring', () => {
  const queue = new UploadQueue()
  for (let nth = 0; nth < 40; nth++) queue.push(nth, 0, 16384)
  for (let nth = 0; nth < 30; nth++) queue.shift()
  for (let nth = 40; nth < 140; nth++) queue.push(nth, 0, 16384)
  expect(drain(queue)).toBe(Array.from({ length: 110 }, (_, nth) => `${nth + 30}:0`).join(' '))
})

test('a cancelled request is not answered, whatever its place', () => {
  const queue = new UploadQueue()
  for (const begin of [0, 16384, 32768]) queue.push(1, begin, 16384)
  expect([queue.cancel(1, 16384, 16384), queue.cancel(1, 16384, 16384)]).toEqual([true, false])
  expect(drain(queue)).toBe('1:0 1:32768')
})

test('takes no more than its limit from one peer', () => {
  const queue = new UploadQueue()
  for (let nth = 0; nth < LIMITS.wire.requestsFromPeer; nth++) expect(queue.push(nth, 0, 1)).toBe(true)
  expect(queue.push(0, 0, 1)).toBe(false)
})
