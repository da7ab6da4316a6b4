import { expect, test } from 'vitest'
import { concat } from '#engine/base/bytes.ts'
import { infoHash, peerId } from '#engine/base/ids.ts'
import { SimClock } from '#engine/io/sim/sim-clock.ts'
import { SimDh } from '#engine/io/sim/sim-dh.ts'
import { SimNetwork } from '#engine/io/sim/sim-network.ts'
import { SimRandom } from '#engine/io/sim/sim-random.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import type { IncomingPeer } from '#engine/torrent/types.ts'
import { nodeHashes } from '#engine/testing/hashes.ts'
import { encodeHandshake, HANDSHAKE_LENGTH } from '#engine/wire/handshake.ts'
import { SkeyIndex } from '#engine/wire/mse/keys.ts'
import { Listener, type ListenPlan } from './listen.ts'

const HASH = new Uint8Array(20).fill(0xab)
const OWN_ID = peerId(new Uint8Array(20).fill(1))
const THEIR_ID = new Uint8Array(20).fill(2)
const never = new AbortController().signal
const greeting = encodeHandshake({ infoHash: infoHash(HASH), peerId: THEIR_ID, reserved: new Uint8Array(8) })

function town(security: 'off' | 'prefer' | 'require' = 'prefer') {
  const clock = new SimClock(() => new Promise(resolve => setImmediate(resolve)))
  const network = new SimNetwork(clock, new SimRandom(1))
  const adopted: IncomingPeer[] = []
  const skeys = new SkeyIndex(nodeHashes)
  skeys.add(infoHash(HASH))
  const own = network.tcpOf(network.host({ address: '10.0.0.1' }))
  const listener = new Listener({
    tcp: own,
    clock,
    log: { write: () => {} },
    peerId: OWN_ID,
    random: new SimRandom(2),
    hashes: nodeHashes,
    dh: new SimDh(new SimRandom(3)),
    hasNode: () => false,
    security: () => security,
    infoHashOf: skeys.find,
    wants: hash => hash === 'ab'.repeat(20),
    adopt: (_, peer) => adopted.push(peer) > 0,
  })
  const open = (plan: Partial<ListenPlan> = {}) =>
    listener.open({ port: 6881, isFixed: false, host: '10.0.0.1', ...plan })
  const strangers = network.tcpOf(network.host({ address: '10.0.0.9' }))
  /** Dials and says `bytes`; what comes back and whether it was hung up on is recorded. */
  const call = async (...chunks: Uint8Array[]) => {
    const dialled = strangers.dial({ address: '10.0.0.1', port: listener.port, family: 4 }, { timeoutMs: 1000 }, never)
    let socket: TcpSocket | undefined
    void dialled.then(one => (socket = one))
    await clock.until(() => socket !== undefined, 1000)
    const caller = { received: [] as Uint8Array[], isClosed: false, socket: socket! }
    caller.socket.attach({
      onData: bytes => caller.received.push(bytes.slice()),
      onDrain: () => {},
      onClose: () => (caller.isClosed = true),
    })
    for (const chunk of chunks) caller.socket.writeMany([chunk])
    await clock.until(() => false, 500)
    return caller
  }
  return { clock, own, listener, adopted, open, call }
}

test('a caller who names a running torrent is greeted and handed over, with what came behind the handshake', async () => {
  const { open, call, adopted, listener } = town()
  await open()
  const caller = await call(greeting.slice(0, 30), concat([greeting.subarray(30), Uint8Array.of(0, 0, 0, 0)]))
  expect(adopted).toMatchObject([{ peerId: THEIR_ID, infoHash: HASH, rest: Uint8Array.of(0, 0, 0, 0) }])
  expect([concat(caller.received).length, caller.isClosed, listener.incoming]).toEqual([HANDSHAKE_LENGTH, false, 1])
})

test.each([
  ['speaks something else', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
  [
    'wants a torrent that we do not run',
    encodeHandshake({ infoHash: THEIR_ID, peerId: THEIR_ID, reserved: new Uint8Array(8) }),
  ],
  ['is ourselves', encodeHandshake({ infoHash: HASH, peerId: OWN_ID, reserved: new Uint8Array(8) })],
])('hangs up on a caller who %s, without a word', async (_, bytes) => {
  const { open, call, adopted, listener } = town('off')
  await open()
  const caller = await call(bytes)
  expect([caller.isClosed, caller.received, adopted, listener.incoming]).toEqual([true, [], [], 0])
})

test('a caller who never finishes its handshake is dropped after ten seconds', async () => {
  const { open, call, clock } = town()
  await open()
  const caller = await call(greeting.slice(0, 40))
  await clock.until(() => caller.isClosed, 9_000)
  expect(caller.isClosed).toBe(false)
  await clock.until(() => caller.isClosed, 2_000)
  expect(caller.isClosed).toBe(true)
})

test('one address gets three connections to a torrent, and another when one has ended', async () => {
  const { open, call, adopted } = town()
  await open()
  for (let at = 0; at < 4; at++) await call(greeting)
  expect(adopted).toHaveLength(3)
  adopted[0]!.socket.close()
  await call(greeting)
  expect(adopted).toHaveLength(4)
})

test('one address gets three unfinished handshakes', async () => {
  const { open, call } = town()
  await open()
  const callers = []
  for (let at = 0; at < 5; at++) callers.push(await call(greeting.slice(0, 10)))
  expect(callers.map(caller => caller.isClosed)).toEqual([false, false, false, true, true])
})

test('a busy port gives way to the next free one, and people are told', async () => {
  const { own, open, listener } = town()
  await own.listen({ host: '10.0.0.1', port: 6881 }, () => {})
  await open()
  expect([listener.port, listener.problem]).toEqual([6882, expect.stringContaining('6881')])
})

test('a fixed port that is busy is an error', async () => {
  const { own, open, listener } = town()
  await own.listen({ host: '10.0.0.1', port: 6881 }, () => {})
  await expect(open({ isFixed: true })).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  expect(listener.port).toBe(0)
})

test('we know our own address, so that we never dial it', async () => {
  const { open, call, listener } = town()
  await open()
  await call(greeting)
  expect(
    [
      ['10.0.0.1', 6881],
      ['127.0.0.1', 6881],
      ['10.0.0.1', 6882],
      ['10.0.0.9', 6881],
    ].map(([address, port]) => listener.isOurself({ address: String(address), port: Number(port), family: 4 })),
  ).toEqual([true, true, false, false])
})

test('who insists on encryption hangs up on plain words', async () => {
  const { open, call, adopted } = town('require')
  await open()
  expect([(await call(greeting)).isClosed, adopted]).toEqual([true, []])
})

test('who wants none hangs up on a key', async () => {
  const { open, call, adopted } = town('off')
  await open()
  expect([(await call(new SimRandom(7).bytes(96))).isClosed, adopted]).toEqual([true, []])
})
