import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, utf8, writeU16, writeU32 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { infoHash } from '#engine/base/ids.ts'
import { NodeDh } from '#engine/io/node/dh.ts'
import type { Random } from '#engine/io/random.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import { nodeHashes as hashes } from '#engine/testing/hashes.ts'
import { looksPlain, type MseAllowed, type MseCipher } from './cipher.ts'
import { MseInitiator } from './initiator.ts'
import { ciphersOf, hiddenTorrentHash, SkeyIndex, syncHash } from './keys.ts'
import { MseResponder } from './responder.ts'

const dh = new NodeDh()
const torrent = infoHash(new Uint8Array(20).fill(7))
const other = infoHash(new Uint8Array(20).fill(8))
const both: MseAllowed = { plain: true, rc4: true }
const onlyRc4: MseAllowed = { plain: false, rc4: true }
const onlyPlain: MseAllowed = { plain: true, rc4: false }
const payload = utf8('\x13BitTorrent protocol and all that')
const invalid = expect.objectContaining({ code: 'HANDSHAKE_INVALID', blame: 'peer' }) as unknown

/** Paddings of a given length, and zeros: the longest and the shortest that there are. */
const padding = (share: number): Random => ({ next: () => share, bytes: length => new Uint8Array(length).fill(0xaa) })

function initiator(options: { allow?: MseAllowed; random?: Random; skey?: Uint8Array; payload?: Uint8Array } = {}) {
  const { allow = both, random = new SimRandom(1), skey = torrent, payload: initialPayload = payload } = options
  return new MseInitiator({ skey, dh, hashes, random, allow, initialPayload })
}

function responder(options: { allow?: MseAllowed; random?: Random; prefer?: MseCipher } = {}) {
  const { allow = both, random = new SimRandom(2), prefer } = options
  const index = new SkeyIndex(hashes)
  for (const one of [other, torrent]) index.add(one)
  return new MseResponder({ infoHashOf: index.find, dh, hashes, random, allow, ...(prefer && { prefer }) })
}

interface Side {
  push(bytes: Uint8Array): { send?: Uint8Array; done?: ReturnType<MseInitiator['push']>['done'] & object }
}

/** Both sides until nothing moves; every message is delivered in pieces of `size`, from memory that is reused. */
function agree(a: MseInitiator, b: MseResponder, size = Infinity, behind: Uint8Array = new Uint8Array(0)) {
  const results: { done?: ReturnType<MseInitiator['push']>['done'] }[] = [{}, {}]
  const queue: [Side, number, Uint8Array][] = [[b, 1, a.start()]]
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [to, at, bytes] = next
    for (let from = 0; from < bytes.length; from += size) {
      const lent = bytes.slice(from, from + size)
      const step = to.push(lent)
      lent.fill(0xdd)
      // What the initiator writes at once behind its own message arrives in the same stretch.
      if (step.send)
        queue.push([to === a ? b : a, to === a ? 1 : 0, to === a ? concat([step.send, behind]) : step.send])
      if (!step.done) continue
      results[at]!.done = step.done
      break
    }
  }
  return { a: results[0]!.done!, b: results[1]!.done as ReturnType<MseResponder['push']>['done'] & object }
}

test.each([
  [both, both, undefined, 'rc4'],
  [both, both, 'plain', 'plain'],
  [both, onlyPlain, undefined, 'plain'],
  [onlyRc4, both, 'plain', 'rc4'],
  [both, onlyRc4, 'plain', 'rc4'],
  [onlyPlain, both, undefined, 'plain'],
] as const)('agrees on one encryption: %o with %o, preferring %s, on %s', (ours, theirs, prefer, cipher) => {
  const result = agree(initiator({ allow: ours }), responder({ allow: theirs, ...(prefer && { prefer }) }))
  expect([result.a.cipher, result.b.cipher]).toEqual([cipher, cipher])
  expect(result.b.infoHash).toEqual(torrent)
  expect(result.b.rest).toEqual(payload)
  expect(result.a.rest).toHaveLength(0)
  for (const [from, to] of [
    [result.a, result.b],
    [result.b, result.a],
  ] as const) {
    const bytes = utf8('hello')
    from.encrypt?.apply(bytes)
    expect(new TextDecoder().decode(bytes) === 'hello').toBe(cipher === 'plain')
    to.decrypt?.apply(bytes)
    expect(bytes).toEqual(utf8('hello'))
  }
})

test('agrees in pieces of any size, with the shortest and the longest paddings', () => {
  for (const share of [0, 0.4, 0.9999]) {
    for (const size of [1, 2, 3, 7, 95, 96, 97, 500, 512, 520]) {
      const result = agree(initiator({ random: padding(share) }), responder({ random: padding(share) }), size)
      expect(result.b.rest).toEqual(payload)
      expect(result.a.cipher).toBe('rc4')
    }
  }
})

test('agrees when a message is split at any byte', () => {
  const random = padding(0.05)
  const longest = 220
  for (let split = 1; split < longest; split++) {
    const a = initiator({ random })
    const b = responder({ random })
    const first = a.start()
    const cut = (side: Side, bytes: Uint8Array) => {
      const [one, two] = [side.push(bytes.slice(0, split)), side.push(bytes.slice(split))]
      return { send: concat([one.send, two.send].filter(part => part !== undefined)), done: two.done ?? one.done }
    }
    const answer = cut(b, first)
    const request = cut(a, answer.send)
    const choice = cut(b, request.send)
    expect(choice.done?.rest).toEqual(payload)
    expect(a.push(choice.send).done).toMatchObject({ cipher: 'rc4' })
  }
})

test('hands over what came behind the handshake, decrypted', () => {
  for (const prefer of ['plain', 'rc4'] as const) {
    const a = initiator()
    const b = responder({ prefer })
    const request = a.push(b.push(a.start()).send!).send!
    const choice = b.push(request)
    const more = new Uint8Array(3000).fill(5)
    const sent = more.slice()
    choice.done!.encrypt?.apply(sent)
    expect(a.push(concat([choice.send!, sent])).done).toMatchObject({ cipher: prefer, rest: more })
  }
})

test('hands over what a plain initiator sent behind its first payload as it is', () => {
  const { b } = agree(initiator({ allow: onlyPlain }), responder(), Infinity, utf8('behind'))
  expect(b.rest).toEqual(concat([payload, utf8('behind')]))
})

test('two fresh agreements have nothing in common that could be recognised', () => {
  const starts = [initiator(), initiator()].map(one => one.start())
  expect(starts[0]!.subarray(0, 96)).not.toEqual(starts[1]!.subarray(0, 96))
})

test('tells a plain handshake from a public key as soon as that is possible', () => {
  expect([0, 1, 19, 20, 48].map(length => looksPlain(concat([payload, payload]).subarray(0, length)))).toEqual([
    undefined,
    undefined,
    undefined,
    true,
    true,
  ])
  expect(looksPlain(Uint8Array.of(0x13, 0x42, 0x00))).toBe(false)
  expect(looksPlain(Uint8Array.of(0x14))).toBe(false)
})

test('refuses public keys with which everybody would know the secret', () => {
  for (const last of [0, 1]) {
    const weak = new Uint8Array(96)
    weak[95] = last
    expect(() => initiator().push(weak)).toThrow(invalid)
    expect(() => responder().push(weak)).toThrow(invalid)
  }
})

test('notices an answer without encryption', () => {
  expect(() => initiator().push(utf8('\x13BitTorrent protocol'))).toThrow(invalid)
})

test('refuses a torrent that is not here, and another key', () => {
  const unknown = initiator({ skey: new Uint8Array(20).fill(9) })
  const b = responder()
  const request = unknown.push(b.push(unknown.start()).send!).send!
  expect(() => b.push(request)).toThrow(invalid)
})

test('refuses when nothing is allowed by both', () => {
  const a = initiator({ allow: onlyPlain })
  const b = responder({ allow: onlyRc4 })
  const request = a.push(b.push(a.start()).send!).send!
  expect(() => b.push(request)).toThrow(invalid)
})

/** An initiator of our own making that says what it likes after the keys. */
function hostileRequest(build: (secret: Uint8Array) => Uint8Array) {
  const b = responder()
  const keys = dh.keys()
  const answer = b.push(keys.publicKey).send!
  return () => b.push(build(keys.secret(answer.slice(0, 96))))
}
const head = (secret: Uint8Array) => concat([syncHash(secret, hashes), hiddenTorrentHash(torrent, secret, hashes)])
function encrypted(secret: Uint8Array, padLength: number, payloadLength: number): Uint8Array {
  const bytes = new Uint8Array(14 + Math.min(padLength, 512) + 2)
  writeU32(bytes, 8, 3)
  writeU16(bytes, 12, padLength)
  writeU16(bytes, bytes.length - 2, payloadLength)
  ciphersOf(torrent, secret, hashes).a.apply(bytes)
  return bytes
}

test.each<[string, (secret: Uint8Array) => Uint8Array]>([
  ['pads more than 512 bytes', () => new Uint8Array(532).fill(1)],
  [
    'pads 512 bytes, then sends garbage',
    secret => concat([new Uint8Array(512), head(secret), new Uint8Array(40).fill(3)]),
  ],
  [
    'knows the torrent and encrypts with another key',
    secret => concat([head(secret), encrypted(new Uint8Array(96), 0, 0)]),
  ],
  ['announces more padding than there may be', secret => concat([head(secret), encrypted(secret, 513, 0)])],
  ['announces a first payload that nobody would read', secret => concat([head(secret), encrypted(secret, 0, 65_535)])],
  ['sends megabytes before anything is agreed', () => new Uint8Array(1_000_000)],
])('blames an initiator that %s', (_, build) => {
  expect(hostileRequest(build)).toThrow(invalid)
})

test.each<[string, MseAllowed, (b: Uint8Array) => void, number]>([
  ['chooses nothing', both, bytes => writeU32(bytes, 8, 0), 0],
  ['chooses both', both, bytes => writeU32(bytes, 8, 3), 0],
  ['chooses what was not offered', onlyRc4, bytes => writeU32(bytes, 8, 1), 0],
  ['announces more padding than there may be', both, bytes => writeU16(bytes, 12, 513), 0],
  ['pads more than 512 bytes before its constant', both, () => {}, 513],
])('blames a responder that %s', (_, allow, spoil, padLength) => {
  const a = initiator({ allow })
  const keys = dh.keys()
  const start = a.start().slice(0, 96)
  a.push(keys.publicKey)
  const answer = new Uint8Array(14)
  writeU32(answer, 8, 2)
  spoil(answer)
  ciphersOf(torrent, keys.secret(start), hashes).b.apply(answer)
  expect(() => a.push(concat([new Uint8Array(padLength), answer]))).toThrow(invalid)
})

test('whatever comes, it waits within bounds or blames the peer', () => {
  const outcome = (side: Side, parts: Uint8Array[]) => {
    try {
      for (const part of parts) side.push(part)
      return 'waits'
    } catch (error) {
      return error instanceof EngineError && error.blame === 'peer' ? 'blames' : error
    }
  }
  const parts = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 8 })
  fc.assert(
    fc.property(parts, fc.boolean(), (chunks, isInitiator) => {
      const side = isInitiator ? initiator() : responder()
      expect(['waits', 'blames']).toContain(outcome(side, chunks))
    }),
    { numRuns: 500 },
  )
  const flood = Array.from({ length: 3 }, () => new Uint8Array(1000).fill(3))
  expect([outcome(initiator(), flood), outcome(responder(), flood)]).toEqual(['blames', 'blames'])
})

test('any flipped bit of a good request is refused, waits for more, or still means the same torrent', () => {
  const random = padding(0.02)
  const outcomes = new Set<unknown>()
  for (let bit = 0; bit < 8 * 60; bit += 5) {
    const a = initiator({ random })
    const b = responder({ random })
    const request = a.push(b.push(a.start()).send!).send!
    request[bit >> 3]! ^= 1 << (bit & 7)
    try {
      const { done } = b.push(request)
      outcomes.add(done ? done.infoHash : 'waits')
    } catch (error) {
      outcomes.add(error instanceof EngineError ? error.code : error)
    }
  }
  expect(outcomes).toEqual(new Set([torrent, 'HANDSHAKE_INVALID', 'waits']))
})
