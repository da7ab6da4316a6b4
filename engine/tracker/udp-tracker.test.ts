import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readU32, writeU32 } from '#engine/base/bytes.ts'
import { type Endpoint, endpoint } from '#engine/base/endpoint.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { FakeClock, FakeDns, FakeUdp, fakeRandom, settled } from '#engine/testing/fake-tracker-io.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import type { Announce, AnnounceResult } from './announce.ts'
import { trackerUrl } from './tracker-url.ts'
import { encodeAnnounce, encodeConnect, encodeScrape, parseAnnounceReply, parseScrapeReply } from './udp-packets.ts'
import { UdpTrackers } from './udp-tracker.ts'

interface Vectors {
  connection_id: string
  transaction_id: string
  good: { id: string; hex: string }[]
  bad: { id: string; hex: string | null }[]
}
const path = sharedData('vectors/udp-tracker.json')
const vectors = path ? (JSON.parse(readFileSync(path, 'utf8')) as Vectors) : undefined
const vector = (id: string) =>
  fromHex([...(vectors?.good ?? []), ...(vectors?.bad ?? [])].find(one => one.id === id)?.hex ?? '')!

const announce: Announce = {
  infoHash: Uint8Array.from({ length: 20 }, (_, at) => at),
  peerId: Uint8Array.from('-XX0001-abcdefghijkl', char => char.charCodeAt(0)),
  key: 0xdeadbeef,
  port: 6881,
  uploaded: 3000,
  downloaded: 1000,
  left: 2000,
  corrupt: 0,
  redundant: 0,
  event: 'started',
  numWant: 0xffff_ffff,
  trackerId: undefined,
}
const CONNECTION = fromHex('1122334455667788')!
const TRANSACTION = 0x0a0b0c0d

test.skipIf(!path)('requests are those of the vectors, byte for byte', () => {
  expect(toHex(encodeConnect(TRANSACTION))).toBe(toHex(vector('connect-req')))
  expect(toHex(encodeAnnounce(CONNECTION, TRANSACTION, announce, ''))).toBe(toHex(vector('announce-req')))
  expect(toHex(encodeAnnounce(CONNECTION, TRANSACTION, announce, '/dir?a=b&c=d'))).toBe(
    toHex(vector('announce-req-bep41')),
  )
  expect(toHex(encodeScrape(CONNECTION, TRANSACTION, [announce.infoHash]))).toBe(toHex(vector('scrape-req')))
})

test.skipIf(!path)('answers are read, and what is odd in them is left out or clamped', () => {
  const parse = (id: string, family: 4 | 6 = 4) => parseAnnounceReply(vector(id), family)
  const names = (id: string, family: 4 | 6 = 4) => parse(id, family).peers.map(peer => `${peer.address} ${peer.port}`)
  expect(names('announce-resp-2peers')).toEqual(['203.0.113.1 6881', '203.0.113.2 51413'])
  expect(parse('announce-resp-2peers')).toMatchObject({ intervalMs: 1_800_000, leeches: 3, seeds: 5 })
  expect(names('announce-resp-ipv6', 6)).toEqual(['2001:db8::1 6881'])
  expect(names('peers-odd')).toEqual([])
  expect(parse('interval-0').intervalMs).toBe(60_000)
  expect(parse('interval-max').intervalMs).toBe(86_400_000)
  expect(parse('counts-max')).toMatchObject({ seeds: null, leeches: null })
  expect(parseScrapeReply(vector('scrape-resp'))).toEqual([{ seeds: 5, completed: 50, leeches: 10 }])
})

test('64-bit counters are exact', () => {
  const packet = encodeAnnounce(CONNECTION, 1, { ...announce, uploaded: 2 ** 53 - 1, left: 2 ** 40 + 5 }, '')
  const view = new DataView(packet.buffer)
  expect(view.getBigUint64(72)).toBe(2n ** 53n - 1n)
  expect(view.getBigUint64(64)).toBe(2n ** 40n + 5n)
})

test('URL data longer than an option is sent in several', () => {
  const request = `/announce?passkey=${'x'.repeat(300)}`
  const options = encodeAnnounce(CONNECTION, 1, announce, request).subarray(98)
  expect([options[0], options[1], options[257], options[258], options.at(-1)]).toEqual([
    2,
    255,
    2,
    request.length - 255,
    0,
  ])
})

test('any packet is read without harm', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 20, maxLength: 300 }),
      fc.constantFrom(4 as const, 6 as const),
      (packet, family) => {
        expect(parseAnnounceReply(packet, family).peers.length).toBeLessThanOrEqual(200)
        expect(parseScrapeReply(packet).length).toBe(Math.floor((packet.length - 8) / 12))
      },
    ),
  )
})

const TRACKER = endpoint('203.0.113.9', 6969)!
const permission = { byUser: false, allowLocal: false }

function world(names: Record<string, readonly string[]> = {}) {
  const clock = new FakeClock()
  const udp = new FakeUdp(clock)
  const trackers = new UdpTrackers({ clock, udp, random: fakeRandom(), dns: new FakeDns(names) })
  const ending = new AbortController()
  const ask = (url = 'udp://t.example:6969/announce', family: 4 | 6 = 4) =>
    trackers.announce(trackerUrl(url)!, family, permission, announce, ending.signal)
  const log = () =>
    udp.sent.map(({ at, bytes }) => `${at / 1000}s ${['connect', 'announce', 'scrape'][readU32(bytes, 8)]}`)
  return { clock, udp, trackers, ending, ask, log }
}

/** A reply: action, the transaction of the request, then the rest. */
function reply(action: number, request: Uint8Array, rest: string): Uint8Array {
  const tail = fromHex(rest)!
  const packet = new Uint8Array(8 + tail.length)
  writeU32(packet, 0, action)
  packet.set(request.subarray(12, 16), 4)
  packet.set(tail, 8)
  return packet
}

const ID = 'a1a2a3a4a5a6a7a8'
const ANSWER = '000007080000000300000005cb0071011ae1'

/** Answers as a tracker does. */
function honest(udp: FakeUdp, answer = ANSWER) {
  udp.onSend = (bytes, to) => {
    const action = readU32(bytes, 8)
    const rest = action === 0 ? ID : action === 1 ? answer : '000000050000003200000000'
    queueMicrotask(() => udp.deliver(reply(action, bytes, rest), to))
  }
}

test('connect, announce, answer', async () => {
  const { udp, ask, clock, trackers } = world()
  honest(udp)
  expect(await ask()).toMatchObject({
    kind: 'answer',
    answer: { seeds: 5, leeches: 3, peers: [{ address: '203.0.113.1', port: 6881, family: 4 }] },
  })
  expect(toHex(udp.sent[1]!.bytes.subarray(0, 8))).toBe(ID)
  expect(clock.timers).toBe(0)
  trackers.close()
  await settled()
  expect(udp.open).toBe(0)
})

test('a connection id serves all torrents of a tracker for a minute', async () => {
  const { udp, ask, clock, log } = world()
  honest(udp)
  await Promise.all([ask(), ask()])
  await clock.advance(59_999)
  await ask()
  await clock.advance(1)
  await ask()
  expect(log()).toEqual(['0s connect', '0s announce', '0s announce', '59.999s announce', '60s connect', '60s announce'])
})

test('silence is answered by patience: 15 s, 30 s, and within a minute the next tracker gets its turn', async () => {
  const { clock, ask, log } = world()
  let result: AnnounceResult | undefined
  void ask().then(got => (result = got))
  await clock.advance(59_999)
  expect(result).toBeUndefined()
  await clock.advance(1)
  expect(result).toMatchObject({ kind: 'failed', code: 'TRACKER_TIMEOUT', text: 't.example did not answer in time.' })
  expect(log()).toEqual(['0s connect', '15s connect', '45s connect'])
  expect(clock.timers).toBe(0)
})

test('an announce that is lost is sent again, with a fresh connection', async () => {
  const { clock, udp, ask, log } = world()
  honest(udp)
  const answerAll = udp.onSend
  let lost = 1
  udp.onSend = (bytes, to) => {
    if (readU32(bytes, 8) === 1 && lost-- > 0) return
    answerAll(bytes, to)
  }
  const result = ask()
  await clock.advance(15_000)
  expect(await result).toMatchObject({ kind: 'answer' })
  expect(log()).toEqual(['0s connect', '0s announce', '15s connect', '15s announce'])
})

test('packets that are short, of another transaction, action or address are dropped', async () => {
  const { udp, ask, clock } = world()
  const strangers: [Endpoint, (request: Uint8Array) => Uint8Array][] = [
    [TRACKER, () => vector('short-7')],
    [TRACKER, request => reply(0, request, ID).subarray(0, 15)],
    [TRACKER, request => reply(1, request, ANSWER)],
    [endpoint('203.0.113.10', 6969)!, request => reply(0, request, ID)],
    [endpoint('203.0.113.9', 6970)!, request => reply(0, request, ID)],
    [TRACKER, () => new Uint8Array(16).fill(0)],
  ]
  udp.onSend = (bytes, _to) => {
    if (readU32(bytes, 8) === 0) for (const [from, make] of strangers) udp.deliver(make(bytes), from)
  }
  let isSettled = false
  void ask().then(() => (isSettled = true))
  await clock.advance(14_000)
  expect(isSettled).toBe(false)
  expect(udp.sent).toHaveLength(1)
})

test('an error is the refusal of the tracker, cut and clean', async () => {
  const { udp, ask } = world()
  udp.onSend = (bytes, to) => {
    const isConnect = readU32(bytes, 8) === 0
    const text = toHex(Uint8Array.from(`<b>no\u0007</b>${'x'.repeat(5000)}`, char => char.charCodeAt(0)))
    queueMicrotask(() => udp.deliver(isConnect ? reply(0, bytes, ID) : reply(3, bytes, text), to))
  }
  const result = await ask()
  expect(result).toMatchObject({ kind: 'refused', text: expect.stringMatching(/^<b>no <\/b>x/) })
  expect(result.kind === 'refused' && result.text.length).toBe(500)
})

test('an answer without content is a refusal', async () => {
  const { udp, ask } = world()
  honest(udp, '')
  expect(await ask()).toEqual({ kind: 'refused', text: 'no reason given', retryInMs: undefined })
})

test('an answer of ten thousand peers is a bounded list', async () => {
  const { udp, ask } = world()
  honest(udp, `000007080000000300000005${'cb0071011ae1'.repeat(10_000)}`)
  const result = await ask()
  expect(result.kind === 'answer' && result.answer.peers).toHaveLength(200)
})

test('peers that cannot be are left out, and loopback is believed of local trackers only', async () => {
  const outside = world()
  const peers = toHex(vector('peer-loopback')).slice(16)
  honest(outside.udp, peers)
  expect(await outside.ask()).toMatchObject({ answer: { peers: [] } })
  const inside = world({ 't.example': ['127.0.0.1'] })
  honest(inside.udp, peers)
  expect(await inside.ask()).toMatchObject({ answer: { peers: [{ address: '127.0.0.1' }] } })
})

test('the address is judged after DNS', async () => {
  const { udp, ask } = world({ 't.example': ['127.0.0.1'] })
  expect(await ask('udp://t.example:53/x')).toMatchObject({ kind: 'failed', code: 'ADDRESS_FORBIDDEN' })
  expect(udp.sent).toEqual([])
})

test('IPv6 trackers answer with IPv6 peers', async () => {
  const { udp, ask } = world({ 't.example': ['2001:db8::9'] })
  honest(udp, '00000708000000030000000520010db80000000000000000000000011ae1')
  expect(await ask('udp://t.example:6969', 6)).toMatchObject({
    answer: { peers: [{ address: '2001:db8::1', family: 6 }] },
  })
  expect(udp.sent[0]!.to).toBe('[2001:db8::9]:6969')
})

test('an abort ends the waiting at once and leaves nothing behind', async () => {
  const { clock, ask, ending, udp } = world()
  const answerConnect = (bytes: Uint8Array, to: Endpoint) => {
    if (readU32(bytes, 8) === 0) queueMicrotask(() => udp.deliver(reply(0, bytes, ID), to))
  }
  udp.onSend = answerConnect
  const result = ask()
  await settled()
  ending.abort()
  expect(await result).toEqual({ kind: 'aborted' })
  expect(clock.timers).toBe(0)
})

test('closing ends everything under way', async () => {
  const { ask, trackers, udp, clock } = world()
  const result = ask()
  await settled()
  trackers.close()
  expect(await result).toEqual({ kind: 'aborted' })
  await settled()
  expect([udp.open, clock.timers]).toEqual([0, 0])
})

test('a scrape gives counts in the order asked', async () => {
  const { udp, trackers, ending } = world()
  honest(udp)
  const asked = trackers.scrape(
    trackerUrl('udp://t.example:6969')!,
    4,
    permission,
    [announce.infoHash, new Uint8Array(20)],
    ending.signal,
  )
  expect(await asked).toEqual({ kind: 'counts', counts: [{ seeds: 5, completed: 50, leeches: 0 }, undefined] })
})
