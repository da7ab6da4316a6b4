import { expect, test } from 'vitest'
import { concat } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { METADATA_PART, parseMetadataMessage } from '#engine/wire/ut-metadata.ts'
import { MetadataFetch } from './metadata-fetch.ts'

const SIZE = 5 * METADATA_PART + 100
const info = Uint8Array.from({ length: SIZE }, (_, at) => (at * 7) & 255)
const wrong = new Uint8Array(SIZE)
const partOf = (bytes: Uint8Array, part: number) => bytes.subarray(part * METADATA_PART, (part + 1) * METADATA_PART)

/** A fetch, and peers that write down which parts they are asked for. */
function stage(given: { readonly expected?: Uint8Array } = {}) {
  const done: Uint8Array[] = []
  const liars: string[] = []
  const names = new Map<PeerSession, string>()
  const expected = { v1: nodeHashes.sha1(given.expected ?? info), v2: null }
  const fetch = new MetadataFetch(
    nodeHashes,
    expected,
    bytes => done.push(bytes),
    peer => {
      liars.push(names.get(peer)!)
      fetch.peerLeft(peer)
    },
  )
  const join = (name: string, now = 0, size = SIZE) => {
    const asked: number[] = []
    const peer = {
      extended: { ids: { utMetadata: 3 }, metadataSize: size },
      sendMany: (messages: readonly Uint8Array[]) => {
        for (const message of messages) {
          const request = parseMetadataMessage(message.subarray(6))
          if (request.kind === 'request') asked.push(request.part)
        }
      },
    } as unknown as PeerSession
    names.set(peer, name)
    fetch.peerReady(peer, now)
    const give = (part: number, bytes: Uint8Array, at = now) =>
      fetch.receive(peer, { kind: 'data', part, totalSize: size, payload: partOf(bytes, part) }, at)
    return {
      asked,
      give,
      peer,
      /** Answers all that it is asked for, as often as it takes. */
      giveAll: (bytes: Uint8Array, at = now) => {
        while (asked.length > 0 && done.length === 0) give(asked.shift()!, bytes, at)
      },
      refuse: (at: number) => {
        for (const part of asked.splice(0)) fetch.receive(peer, { kind: 'reject', part }, at)
      },
    }
  }
  return { fetch, done, liars, join }
}

test('one honest peer gives all', () => {
  const { done, join } = stage()
  const peer = join('a')
  expect(peer.asked).toEqual([0, 1, 2, 3, 4, 5])
  peer.giveAll(info)
  expect(done.map(bytes => Buffer.compare(bytes, info))).toEqual([0])
})

test('who alone sent false metadata is named, and the next is asked', () => {
  const { done, liars, join } = stage()
  const [liar, honest] = [join('liar'), join('honest')]
  honest.asked.splice(0)
  liar.giveAll(wrong)
  expect(liars).toEqual(['liar'])
  honest.giveAll(info)
  expect(done).toHaveLength(1)
})

test.each([0, 1, 2])('a liar among three is found however their parts mix (first: %i)', first => {
  const { fetch, done, liars, join } = stage()
  const peers = [join('liar'), join('b'), join('c')]
  const bytes = [wrong, info, info]
  const turns = [first, (first + 1) % 3, (first + 2) % 3]
  for (let now = 0; now < 120_000 && done.length === 0; now += 100) {
    for (const nth of turns) {
      const part = peers[nth]!.asked.shift()
      if (part !== undefined) peers[nth]!.give(part, bytes[nth]!, now)
    }
    fetch.tick(now)
  }
  expect(done).toHaveLength(1)
  expect(liars.filter(name => name !== 'liar')).toEqual([])
})

test('a liar that is quickest with one part, every time, does not keep the honest ones out', () => {
  const { fetch, done, liars, join } = stage()
  const [liar, honest] = [join('liar'), join('honest')]
  for (let now = 0; now < 60_000 && done.length === 0; now += 100) {
    if (liar.asked.includes(0)) liar.give(0, wrong, now)
    liar.asked.splice(0)
    for (const part of honest.asked.splice(0)) honest.give(part, info, now)
    fetch.tick(now)
  }
  expect([done.length, liars]).toEqual([1, []])
})

test('one that is asked alone and goes silent, or leaves, hands the turn on', () => {
  const { fetch, done, join } = stage()
  const [liar, silent, gone, honest] = [join('liar'), join('silent'), join('gone'), join('honest')]
  for (let part = 0; part < 6; part++) (part % 2 === 0 ? liar : honest).give(part, part % 2 === 0 ? wrong : info)
  fetch.peerLeft(liar.peer)
  fetch.peerLeft(gone.peer)
  silent.asked.splice(0)
  honest.asked.splice(0)
  for (let now = 0; now < 40_000; now += 100) {
    fetch.tick(now)
    honest.giveAll(info, now)
  }
  expect(done).toHaveLength(1)
})

test('a peer that refuses rests for a minute, and is asked again', () => {
  const { fetch, join } = stage()
  const peer = join('a')
  peer.refuse(0)
  fetch.tick(100)
  expect(peer.asked).toEqual([])
  fetch.tick(59_000)
  expect(peer.asked).toEqual([])
  fetch.tick(61_000)
  expect(peer.asked).toHaveLength(6)
})

test('parts that nobody asked for, or that come twice, change nothing', () => {
  const { done, join, fetch } = stage()
  const peer = join('a')
  peer.give(0, info)
  peer.give(0, wrong)
  peer.give(99, info)
  expect(fetch.held).toBe(METADATA_PART)
  peer.asked.shift()
  peer.giveAll(info)
  expect(done).toHaveLength(1)
})

test('a peer answers for a part of the wrong length', () => {
  const { fetch, join } = stage()
  const { peer } = join('a')
  const payload = new Uint8Array(5)
  expect(() => fetch.receive(peer, { kind: 'data', part: 0, totalSize: SIZE, payload }, 0)).toThrow(
    expect.objectContaining({ code: 'METADATA_INVALID', blame: 'peer' }),
  )
})

test('many that lie about the size make us hold no more than twice the largest metadata', () => {
  const { fetch, done, join } = stage()
  const honest = join('honest')
  const huge = concat([new Uint8Array(LIMITS.metadataBytes)])
  let most = 0
  for (let nth = 1; nth <= 5; nth++) {
    const liar = join(`liar ${nth}`, 0, LIMITS.metadataBytes - nth * METADATA_PART)
    // All but the last part, so that nothing is ever found out.
    for (const part of liar.asked.slice(0, -1)) {
      liar.give(part, huge)
      most = Math.max(most, fetch.held)
    }
  }
  expect(most).toBeLessThanOrEqual(2 * LIMITS.metadataBytes + METADATA_PART)
  honest.giveAll(info)
  expect(done).toHaveLength(1)
})
