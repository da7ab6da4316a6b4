import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { Throttle } from '#engine/base/throttle.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { UploadQueue } from '#engine/peer/upload-queue.ts'
import { MESSAGE } from '#engine/wire/message.ts'
import type { Content } from './content.ts'
import { UploadFlow } from './upload-flow.ts'

const BLOCK = 16_384
const settled = () => new Promise(resolve => setImmediate(resolve))

/** A flow whose disk answers as the test says, and a peer that takes only when told. */
function stage(given: { read?: () => Uint8Array | Promise<Uint8Array>; has?: (piece: number) => boolean } = {}) {
  let now = 0
  const errors: EngineError[] = []
  const kinds: string[] = []
  let uploaded = 0
  const throttle = new Throttle()
  const content = {
    picker: { have: { has: given.has ?? (() => true) } },
    store: { read: (_piece: number, _begin: number, length: number) => given.read?.() ?? new Uint8Array(length) },
  } as unknown as Content
  const flow = new UploadFlow(
    content,
    throttle,
    { now: () => now, wall: () => 0, after: () => ({ [Symbol.dispose]() {} }) },
    {
      onUploaded: bytes => (uploaded += bytes),
      onReadError: error => errors.push(error),
    },
  )
  const uploads = new UploadQueue()
  const peer = {
    uploads,
    isClosed: false,
    isReading: false,
    unsent: 0,
    supports: { fast: true },
    upMeter: { add: () => {} },
    upRate: () => 0,
    sendMany: (chunks: readonly Uint8Array[]) => {
      for (const chunk of chunks) {
        peer.unsent += chunk.length
        if (chunk.length === 13) kinds.push('block')
        else if (chunk[4] === MESSAGE.REJECT) kinds.push('reject')
      }
    },
  }
  const ask = (count: number, length = BLOCK) => {
    for (let nth = 0; nth < count; nth++) uploads.push(nth, 0, length)
    flow.pump(peer as unknown as PeerSession)
  }
  return {
    flow,
    throttle,
    peer,
    uploads,
    errors,
    kinds,
    ask,
    uploaded: () => uploaded,
    at: (ms: number) => {
      now = ms
      flow.tick(now)
    },
    drain: () => {
      peer.unsent = 0
      flow.pump(peer as unknown as PeerSession)
    },
  }
}

test.each([BLOCK, 128 * 1024])('a peer that takes nothing is given little, in blocks of %i', length => {
  const { ask, peer, uploads } = stage()
  ask(500, length)
  expect(peer.unsent).toBeLessThan(1.5 * 1024 * 1024)
  expect(uploads.length).toBeGreaterThan(400)
})

test('whoever drains gets more, until all is given', () => {
  const { ask, drain, uploads, uploaded } = stage()
  ask(500)
  for (let nth = 0; nth < 100 && uploads.length > 0; nth++) drain()
  expect([uploads.length, uploaded()]).toEqual([0, 500 * BLOCK])
})

test('a limit holds blocks back until its time has come', () => {
  const { ask, at, peer, throttle, uploaded } = stage()
  throttle.setRate(BLOCK * 10, 0)
  ask(100)
  const first = uploaded()
  expect(first).toBeLessThanOrEqual(4 * BLOCK)
  for (let now = 100; now <= 2_000; now += 100) {
    peer.unsent = 0
    at(now)
  }
  expect((uploaded() - first) / BLOCK).toBeGreaterThanOrEqual(18)
  expect((uploaded() - first) / BLOCK).toBeLessThanOrEqual(21)
})

test('what we do not have any more is refused, and the rest is given', () => {
  const { ask, kinds } = stage({ has: piece => piece % 2 === 0 })
  ask(4)
  expect(kinds).toEqual(['block', 'reject', 'block', 'reject'])
})

test('while the disk reads the queue waits; what was cancelled meanwhile is not sent', async () => {
  const answers: ((bytes: Uint8Array) => void)[] = []
  const { ask, kinds, uploads, peer } = stage({ read: () => new Promise(resolve => answers.push(resolve)) })
  ask(2)
  ask(1)
  expect([kinds, answers.length, peer.isReading]).toEqual([[], 1, true])
  uploads.cancel(0, 0, BLOCK)
  answers.shift()!(new Uint8Array(BLOCK))
  await settled()
  expect([kinds, answers.length]).toEqual([[], 1])
  answers.shift()!(new Uint8Array(BLOCK))
  await settled()
  expect(kinds).toEqual(['block'])
})

test('a disk that cannot read is told, once the peer is gone or not; after the end nothing is', async () => {
  const read = () => Promise.reject(new EngineError('DISK_CHANGED', 'disk', 'It is shorter.'))
  const first = stage({ read })
  first.ask(1)
  await settled()
  expect(first.errors.map(error => error.code)).toEqual(['DISK_CHANGED'])
  const second = stage({ read })
  second.ask(1)
  second.flow.close()
  await settled()
  expect(second.errors).toEqual([])
})

test('a peer that left waits for no limit', () => {
  const { ask, at, flow, throttle, peer, uploaded } = stage()
  throttle.setRate(BLOCK, 0)
  ask(100)
  const before = uploaded()
  flow.peerLeft(peer as unknown as PeerSession)
  at(60_000)
  expect(uploaded()).toBe(before)
})
