/** Hostile peers, in virtual time; the numbers are those of docs/threat-model.md. */
import { expect, test } from 'vitest'
import { concat } from '#engine/base/bytes.ts'
import { toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { parseMagnet } from '#engine/metainfo/magnet.ts'
import { BLOCK_LENGTH } from '#engine/pieces/geometry.ts'
import {
  bitfieldMessage,
  blockMessage,
  extended,
  extendedTexts,
  FakePeer,
  message,
  u32,
  type FakeHandshake,
  type FakeWire,
} from '#engine/testing/fake-peer.ts'
import type { SimPeer } from '#engine/testing/sim-torrent.ts'
import { SimSwarm } from '#engine/testing/swarm.ts'
import { encodeHandshake, reservedBytes } from '#engine/wire/handshake.ts'
import { MESSAGE } from '#engine/wire/message.ts'

const SIZE = 1_000_000
const UNCHOKE = message(MESSAGE.UNCHOKE)
const INTERESTED = message(MESSAGE.INTERESTED)
const ALL = message(MESSAGE.HAVE_ALL)
const repeat = (count: number, bytes: Uint8Array) => Array.from({ length: count }, () => bytes)
const many = (count: number, bytes: Uint8Array) => concat(repeat(count, bytes))

const flood = (wire: FakeWire, count: number, make: (at: number) => Uint8Array) => {
  wire.send(concat(Array.from({ length: count }, (_, nth) => make(nth))))
}

interface Stage {
  readonly swarm: SimSwarm
  readonly seed: SimPeer
  readonly leech: SimPeer
  /** Pieces. */
  readonly count: number
}

/** A honest seed that needs four seconds, a leech, and nobody else yet. */
async function stage(seed: number): Promise<Stage> {
  const swarm = new SimSwarm(seed, { size: SIZE })
  const honest = await swarm.seeder({ upRate: 250_000 })
  const leech = await swarm.leech()
  await swarm.clock.advance(200)
  return { swarm, seed: honest, leech, count: swarm.torrent.metainfo.pieceCount }
}

const bugs = ({ swarm }: Stage) => swarm.peers.flatMap(peer => peer.io.logged.filter(line => line.startsWith('error')))

/** The honest download has come to its end, no worse than it would have. */
async function finishes(given: Stage, limitSeconds: number): Promise<void> {
  await given.swarm.until(() => given.leech.torrent.isComplete, limitSeconds)
  expect(given.swarm.isIdentical(given.leech)).toBe(true)
  expect(bugs(given)).toEqual([])
}

// ---- those that have to go

interface Crime {
  readonly shake?: FakeHandshake | 'none'
  readonly goneMs?: number
  act(wire: FakeWire, given: Stage): void
}

const tell = (...make: ((given: Stage) => Uint8Array)[]): Crime['act'] => {
  return (wire, given) => wire.send(...make.map(one => one(given)))
}
const request = (piece: number, begin: number, length: number) =>
  message(MESSAGE.REQUEST, ...u32(piece), ...u32(begin), ...u32(length))

const crimes: Record<string, Crime> = {
  '1 garbage instead of a handshake': { shake: 'none', act: tell(() => new Uint8Array(500).fill(0x47)) },
  '2 half a handshake, then silence': {
    shake: 'none',
    goneMs: 15_000,
    act: (wire, { swarm }) => {
      const whole = encodeHandshake({
        infoHash: swarm.torrent.metainfo.infoHashV1!,
        peerId: new Uint8Array(20),
        reserved: new Uint8Array(8),
      })
      wire.send(whole.subarray(0, 40))
    },
  },
  '4 wrong infohash': { shake: { infoHash: new Uint8Array(20) }, act: () => {} },
  '6 a message of 4 GiB': { act: tell(() => Uint8Array.from([255, 255, 255, 255])) },
  '7 a message of 1 GiB, drop by drop': {
    act: wire => {
      wire.send(Uint8Array.from([0x40, 0, 0, 0, MESSAGE.BITFIELD]))
      wire.every(100, () => wire.send(new Uint8Array(10)))
    },
  },
  '11 a have beyond the end': { act: tell(given => message(MESSAGE.HAVE, ...u32(given.count))) },
  '11 a have of piece 2^32 - 1': { act: tell(() => message(MESSAGE.HAVE, 255, 255, 255, 255)) },
  '11 a have of three bytes': { act: tell(() => message(MESSAGE.HAVE, 0, 0, 0)) },
  '12 a bitfield that is short': { act: tell(() => message(MESSAGE.BITFIELD, 255)) },
  '12 a bitfield that is long': { act: tell(given => bitfieldMessage(given.count + 8)) },
  '12 spare bits': {
    act: tell(given => message(MESSAGE.BITFIELD, ...Array<number>((given.count + 7) >>> 3).fill(255))),
  },
  '12 a bitfield twice': {
    act: tell(
      given => bitfieldMessage(given.count),
      given => bitfieldMessage(given.count),
    ),
  },
  '12 a bitfield after haves': {
    act: tell(
      () => message(MESSAGE.HAVE, ...u32(0)),
      given => bitfieldMessage(given.count),
    ),
  },
  '13 have-all without the fast bit': { shake: { fast: false }, act: tell(() => ALL) },
  '17 right bytes at the wrong place': {
    goneMs: 10_000,
    act: (wire, given) => {
      wire.answerRequests((_, piece, begin) =>
        blockMessage(piece, begin, wire.block((piece + 1) % (given.count - 1), begin)),
      )
      wire.send(ALL, UNCHOKE)
    },
  },
  '18 pieces that nobody asked for': {
    act: (wire, given) => {
      wire.send(ALL)
      wire.every(100, () =>
        wire.send(
          ...repeat(16, new Uint8Array(BLOCK_LENGTH)).flatMap((block, at) => blockMessage(at % given.count, 0, block)),
        ),
      )
    },
  },
  '20 blocks longer than asked for': {
    goneMs: 10_000,
    act: wire => {
      wire.answerRequests((block, piece, begin) => blockMessage(piece, begin, new Uint8Array(block.length * 2)))
      wire.send(ALL, UNCHOKE)
    },
  },
  '21 blocks of no length': {
    goneMs: 10_000,
    act: wire => {
      wire.answerRequests((_, piece, begin) => blockMessage(piece, begin, new Uint8Array(0)))
      wire.send(ALL, UNCHOKE)
    },
  },
  '23 a request beyond the end': { act: tell(given => request(given.count, 0, BLOCK_LENGTH)) },
  '23 a request across the end': { act: tell(given => request(given.count - 1, 0, 32_768)) },
  '23 a request of no length': { act: tell(() => request(0, 0, 0)) },
  '23 a request of 2^32 - 1 bytes': { act: tell(() => request(0, 0, 2 ** 32 - 1)) },
  '23 a request of 1 MiB': { act: tell(() => request(0, 0, 1024 * 1024)) },
  '23 a request that would wrap around': { act: tell(() => request(0, 2 ** 32 - 1, 2)) },
}

test.each(Object.entries(crimes))('%s: gone, and the download goes on', async (name, crime) => {
  const given = await stage(100 + Object.keys(crimes).indexOf(name))
  const wire = await new FakePeer(given.swarm).dial(given.leech)
  const since = given.swarm.clock.now()
  if (crime.shake !== 'none') wire.shake(crime.shake)
  crime.act(wire, given)
  await given.swarm.until(() => wire.isClosed, 20)
  expect(wire.closedAt! - since).toBeLessThanOrEqual(crime.goneMs ?? 1_000)
  await finishes(given, 30)
})

test('5 ourselves: dialled once and never again', async () => {
  const swarm = new SimSwarm(140)
  const mirror = new FakePeer(swarm)
  await mirror.listen(wire => {
    swarm.clock.after(50, () => wire.shake({ peerId: wire.theirHandshake!.peerId }))
  })
  await swarm.leech({}, { peers: [mirror.endpoint] })
  await swarm.clock.advance(120_000)
  expect(mirror.wires.map(wire => wire.isClosed)).toEqual([true])
})

// ---- those that may stay and do no harm

const nuisances: Record<string, Crime> = {
  '8 unknown messages, 10,000 a second': {
    act: wire => wire.every(100, () => wire.send(many(1_000, message(99, 1, 2, 3)))),
  },
  '9 keep-alives, 10,000 a second': { act: wire => wire.every(100, () => wire.send(new Uint8Array(4_000))) },
  '10 choke and unchoke, 1,000 a second': {
    act: wire => {
      wire.send(ALL)
      wire.every(10, () => wire.send(...repeat(5, UNCHOKE).flatMap(unchoke => [unchoke, message(MESSAGE.CHOKE)])))
    },
  },
  '10 choke and unchoke without the fast extension': {
    shake: { fast: false },
    act: (wire, given) => {
      wire.send(bitfieldMessage(given.count))
      wire.every(10, () => wire.send(...repeat(5, UNCHOKE).flatMap(unchoke => [unchoke, message(MESSAGE.CHOKE)])))
    },
  },
  '10 interested and not, 1,000 a second': {
    act: wire =>
      wire.every(10, () => wire.send(...repeat(5, INTERESTED).flatMap(one => [one, message(MESSAGE.NOT_INTERESTED)]))),
  },
  '11 a flood of haves': {
    act: (wire, given) =>
      wire.every(100, () => flood(wire, 1_000, at => message(MESSAGE.HAVE, ...u32(at % given.count)))),
  },
  '14 claims all, sends nothing': { act: wire => wire.send(ALL, UNCHOKE) },
  '18 half of its blocks are of pieces that nobody asked for': {
    act: (wire, given) => {
      wire.answerRequests((block, piece, begin) => [
        ...blockMessage((piece + 7) % given.count, begin, new Uint8Array(block.length)),
        ...blockMessage(piece, begin, block),
      ])
      wire.send(ALL, UNCHOKE)
    },
  },
  '19 every block twice': {
    act: wire => {
      wire.answerRequests((block, piece, begin) => [
        ...blockMessage(piece, begin, block),
        ...blockMessage(piece, begin, block),
      ])
      wire.send(ALL, UNCHOKE)
    },
  },
  '24 cancels of what it never asked for': {
    act: wire =>
      wire.every(100, () =>
        wire.send(INTERESTED, many(1_000, message(MESSAGE.CANCEL, ...u32(0), ...u32(0), ...u32(BLOCK_LENGTH)))),
      ),
  },
  '38 suggest and allowed-fast without end': {
    act: (wire, given) =>
      wire.every(100, () =>
        flood(wire, 1_000, at =>
          at % 2 === 0
            ? message(MESSAGE.SUGGEST, ...u32(at % given.count))
            : message(MESSAGE.ALLOWED_FAST, ...u32(at * 99_991)),
        ),
      ),
  },
  'rejects of everything': {
    act: wire => {
      wire.onHeard = heard => {
        if (heard.kind !== 'request') return
        wire.send(message(MESSAGE.REJECT, ...u32(heard.piece), ...u32(heard.begin), ...u32(heard.length)))
      }
      wire.send(ALL, UNCHOKE)
    },
  },
  'rejects of what was never asked': {
    act: wire =>
      wire.every(100, () => wire.send(many(1_000, message(MESSAGE.REJECT, ...u32(1), ...u32(0), ...u32(1))))),
  },
}

test.each(Object.entries(nuisances))('%s: the download goes on', async (name, nuisance) => {
  const given = await stage(150 + Object.keys(nuisances).indexOf(name))
  const wires: FakeWire[] = []
  for (let nth = 0; nth < 5; nth++) {
    const wire = await new FakePeer(given.swarm).dial(given.leech)
    wires.push(wire)
    if (nuisance.shake !== 'none') wire.shake(nuisance.shake)
    nuisance.act(wire, given)
  }
  // Alone it takes four seconds; whoever is asked and silent is found out after twenty.
  await finishes(given, 30)
  for (const wire of wires) wire.close()
})

// ---- poison

test('15 every block wrong: banned after three failed pieces at most', async () => {
  const given = await stage(180)
  const wire = await new FakePeer(given.swarm).dial(given.leech)
  wire.shake()
  wire.answerRequests((block, piece, begin) => blockMessage(piece, begin, block.fill(7)))
  wire.send(ALL, UNCHOKE)
  await given.swarm.until(() => wire.isClosed, 20)
  const { pieceLength } = given.swarm.torrent.metainfo
  // What was under way when the first failed may fail as well.
  expect(given.leech.torrent.ledger.corrupt / pieceLength).toBeLessThanOrEqual(5)
  await finishes(given, 30)
  expect(given.leech.io.logged.filter(line => line.includes('banned'))).toHaveLength(1)
})

// ---- those that take

/** Sessions of the seed with a fake peer, to look at what they hold. */
const sessionsWith = (seed: SimPeer, fake: FakePeer) =>
  [...(seed.torrent.swarm?.crew.peers ?? [])].filter(peer => peer.endpoint.address === fake.endpoint.address)

interface Taker {
  /** Requests at once. */
  act(wire: FakeWire, given: Stage): void
  readonly staysMs?: number
}

const takers: Record<string, Taker> = {
  '22 100,000 requests, and reads': {
    act: (wire, { count }) => {
      wire.send(INTERESTED)
      flood(wire, 100_000, at => request(at % (count - 1), 0, BLOCK_LENGTH))
    },
  },
  '22 100,000 requests while choked, and never reads': {
    act: (wire, { count }) => {
      wire.stopReading()
      flood(wire, 100_000, at => request(at % (count - 1), 0, BLOCK_LENGTH))
    },
  },
  '24 requests and cancels without end': {
    act: (wire, { count }) => {
      wire.send(INTERESTED)
      wire.every(100, () =>
        flood(wire, 2_000, at =>
          message(
            at % 2 === 0 ? MESSAGE.REQUEST : MESSAGE.CANCEL,
            ...u32((at >> 1) % (count - 1)),
            ...u32(0),
            ...u32(BLOCK_LENGTH),
          ),
        ),
      )
    },
  },
  '25 requests, and never reads': {
    staysMs: LIMITS.wire.unreadMs + 40_000,
    act: (wire, { count }) => {
      wire.stopReading()
      wire.send(INTERESTED)
      flood(wire, 2_000, at => request(at % (count - 1), 0, BLOCK_LENGTH))
      wire.every(10_000, () => wire.send(new Uint8Array(4)))
    },
  },
  '25 requests of 128 KiB, and never reads': {
    staysMs: LIMITS.wire.unreadMs + 40_000,
    act: wire => {
      wire.stopReading()
      wire.send(INTERESTED)
      flood(wire, 2_000, () => request(0, 0, 32 * 1024))
      wire.every(10_000, () => wire.send(new Uint8Array(4)))
    },
  },
  '28 ut_metadata requests without end, and never reads': {
    staysMs: LIMITS.wire.unreadMs + 40_000,
    act: wire => {
      wire.stopReading()
      wire.send(extended(0, 'd1:md11:ut_metadatai3eee'))
      wire.every(100, () => flood(wire, 5_000, () => extended(1, 'd8:msg_typei0e5:piecei0ee')))
    },
  },
}

test.each(Object.entries(takers))('%s: what is held for it stays within bounds', async (name, taker) => {
  const given = await stage(190 + Object.keys(takers).indexOf(name))
  const fake = new FakePeer(given.swarm)
  const wire = await fake.dial(given.seed)
  wire.shake()
  await given.swarm.clock.advance(500)
  let mostUnsent = 0
  let mostQueued = 0
  const look = (): void => {
    for (const session of sessionsWith(given.seed, fake)) {
      mostUnsent = Math.max(mostUnsent, session.unsent)
      mostQueued = Math.max(mostQueued, session.uploads.length)
    }
    given.swarm.clock.after(7, look)
  }
  look()
  taker.act(wire, given)
  // It takes of the seed's line what a peer may; the rest is for the honest one.
  await finishes(given, 60)
  await given.swarm.clock.advance(taker.staysMs ?? 0)
  expect(sessionsWith(given.seed, fake).length).toBeLessThanOrEqual(taker.staysMs === undefined ? 1 : 0)
  expect(mostQueued).toBeLessThanOrEqual(LIMITS.wire.requestsFromPeer)
  expect(mostUnsent).toBeLessThanOrEqual(LIMITS.wire.unsentBytes + 64 * 1024)
  expect(bugs(given)).toEqual([])
})

test('23 requests of a piece that we lack, and while choked, are refused one by one', async () => {
  const swarm = new SimSwarm(200)
  const leech = await swarm.leech()
  const wire = await new FakePeer(swarm).dial(leech)
  wire.shake()
  wire.send(request(0, 0, BLOCK_LENGTH))
  await swarm.clock.advance(500)
  wire.send(INTERESTED)
  await swarm.clock.advance(500)
  wire.send(request(1, 0, BLOCK_LENGTH))
  await swarm.clock.advance(500)
  expect(wire.heard.filter(heard => heard.kind === 'reject')).toMatchObject([{ piece: 0 }, { piece: 1 }])
  expect(wire.isClosed).toBe(false)
})

// ---- names

test('31 a name of markup, of marks that turn text around, of 100 kB: short, visible text', async () => {
  const given = await stage(210)
  const names = ['<img src=x onerror=alert(1)>', 'x'.repeat(100_000), '\xe2\x80\xaegpj.exe', '\x00\x1b[31m', '\xff\xfe']
  for (const [nth, name] of names.entries()) {
    const wire = await new FakePeer(given.swarm).dial(given.leech)
    wire.shake({ peerId: Uint8Array.from({ length: 20 }, (_, at) => (at * 37 + nth) & 255) })
    wire.send(extended(0, `d1:v${name.length}:${name}e`))
  }
  await given.swarm.clock.advance(500)
  const rows = given.leech.torrent.peerRows(given.swarm.clock.now())
  expect(rows).toHaveLength(1 + names.length)
  for (const { client } of rows) {
    expect(client.length).toBeLessThanOrEqual(LIMITS.wire.clientNameChars)
    expect(client).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
  }
  await finishes(given, 30)
})

// ---- magnets

const magnetOf = (swarm: SimSwarm) => parseMagnet(`magnet:?xt=urn:btih:${toHex(swarm.torrent.metainfo.infoHashV1!)}`)

/** A torrent whose info dictionary takes several parts. */
const LONG_NAMES = Array.from({ length: 300 }, (_, nth) => ({
  path: [`a rather long name, so that the metadata takes several parts ${nth}`],
  bytes: new Uint8Array(1_000).fill(nth),
}))

test.each(['2147483648', '-1', '0', '99999999999999999999', '31457281'])(
  '26 metadata_size %s: not asked, and the honest one is',
  async size => {
    const swarm = new SimSwarm(220, { files: LONG_NAMES })
    const liar = new FakePeer(swarm)
    await liar.listen(wire => {
      wire.shake()
      wire.send(extended(0, `d1:md11:ut_metadatai3ee13:metadata_sizei${size}ee`), ALL)
    })
    const leech = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm), peers: [liar.endpoint] })
    await swarm.clock.advance(2_000)
    expect(extendedTexts(liar.wires[0]!, 3)).toEqual([])
    const seed = await swarm.seeder()
    leech.torrent.addPeers([seed.endpoint], 'manual')
    await swarm.until(() => leech.torrent.isComplete, 60)
    expect(swarm.isIdentical(leech)).toBe(true)
  },
)

/** Says it has the metadata, of this size, and answers each request with rubbish of the right length. */
const lie = (wire: FakeWire, size: number): void => {
  wire.shake()
  wire.onHeard = heard => {
    if (heard.kind !== 'extended' || heard.id !== 3) return
    const part = Number(/5:piecei(\d+)e/.exec(String.fromCharCode(...heard.payload))?.[1])
    const length = Math.min(16_384, size - part * 16_384)
    wire.send(extended(1, `d8:msg_typei1e5:piecei${part}e10:total_sizei${size}ee`, ...Array<number>(length).fill(0x69)))
  }
  wire.send(extended(0, `d1:md11:ut_metadatai3ee13:metadata_sizei${size}ee`), ALL)
}

test.each([230, 231, 232, 233, 234])(
  '27 false metadata of the right size from 1 of 3: the honest ones win (seed %i)',
  async seed => {
    const swarm = new SimSwarm(seed, { files: LONG_NAMES })
    const liar = new FakePeer(swarm)
    const size = swarm.torrent.metainfo.infoBytes.length
    await liar.listen(wire => lie(wire, size))
    for (let nth = 0; nth < 2; nth++) await swarm.seeder()
    const peers = [liar.endpoint, ...swarm.peers.map(peer => peer.endpoint)]
    const leech = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm), peers })
    await swarm.until(() => leech.torrent.metainfo !== null, 30)
    await swarm.until(() => leech.torrent.isComplete, 60)
    expect(swarm.isIdentical(leech)).toBe(true)
    const banned = leech.io.logged.filter(line => line.includes('banned'))
    expect(banned.filter(line => !line.includes(liar.endpoint.address))).toEqual([])
  },
)

test('27 ten that lie about the size and one honest peer', async () => {
  const swarm = new SimSwarm(240, { files: LONG_NAMES })
  const liars = Array.from({ length: 10 }, () => new FakePeer(swarm))
  for (const [nth, liar] of liars.entries()) await liar.listen(wire => lie(wire, 20_000 + nth * 5_000))
  const seed = await swarm.seeder()
  const peers = [...liars.map(liar => liar.endpoint), seed.endpoint]
  const leech = await swarm.leech({}, { metainfo: null, magnet: magnetOf(swarm), peers })
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})

// ---- cuts

test('40 a session cut at any byte costs nothing', async () => {
  const swarm = new SimSwarm(250, { size: 200_000 })
  const leech = await swarm.leech()
  const { infoHashV1, pieceCount } = swarm.torrent.metainfo
  const parts = [
    encodeHandshake({
      infoHash: infoHashV1!,
      peerId: new Uint8Array(20).fill(9),
      reserved: reservedBytes({ fast: true, extensions: true, dht: false, v2: false }),
    }),
    extended(0, 'd1:md11:ut_metadatai3ee13:metadata_sizei200e1:v4:Fakee'),
    bitfieldMessage(pieceCount),
    UNCHOKE,
    INTERESTED,
    request(0, 0, BLOCK_LENGTH),
    message(MESSAGE.CANCEL, ...u32(0), ...u32(0), ...u32(BLOCK_LENGTH)),
    message(MESSAGE.HAVE, ...u32(1)),
    extended(1, 'd8:msg_typei0e5:piecei0ee'),
    ...blockMessage(0, 0, new Uint8Array(400)),
  ]
  const session = Uint8Array.from(parts.flatMap(part => [...part]))
  const fake = new FakePeer(swarm)
  for (let nth = 0; nth < 1_000; nth++) {
    const cut = Math.floor((nth * session.length) / 1_000)
    const wire = await fake.dial(leech)
    wire.send(session.subarray(0, cut))
    await swarm.clock.advance(20)
    wire.close()
    await swarm.clock.advance(5)
  }
  expect(leech.io.logged.filter(line => line.startsWith('error'))).toEqual([])
  expect(leech.torrent.peerRows(swarm.clock.now())).toEqual([])
  const seed = await swarm.seeder()
  leech.torrent.addPeers([seed.endpoint], 'manual')
  await swarm.until(() => leech.torrent.isComplete, 60)
  expect(swarm.isIdentical(leech)).toBe(true)
})
