import { expect, test } from 'vitest'
import type { EngineError } from '#engine/base/errors.ts'
import { fromHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { TcpHandler, TcpSocket } from '#engine/io/tcp.ts'
import { BlockList } from '#engine/pieces/block-list.ts'
import { Geometry } from '#engine/pieces/geometry.ts'
import { encodeCancel } from '#engine/wire/encoder.ts'
import type { PeerHost } from './peer-host.ts'
import { PeerSession } from './peer-session.ts'

const geometry = Geometry.of({ pieceLength: 16_384, pieceCount: 16, spaceLength: 16 * 16_384 })
const BLOCK = fromHex('00004009 07 00000000 00000000'.replaceAll(' ', ''))!
const REQUEST = fromHex('0000000d 06 00000000 00000000 00004000'.replaceAll(' ', ''))!

/** A peer on a socket that takes as much as the test says. */
function connected() {
  let now = 0
  let written = 0
  const taken = { bytes: 0 }
  const ends: (EngineError | undefined)[] = []
  let handler: TcpHandler | undefined
  const socket: TcpSocket = {
    remote: { address: '127.0.0.1', port: 1, family: 4 },
    local: { address: '127.0.0.1', port: 2, family: 4 },
    get unsent() {
      return written - taken.bytes
    },
    attach: attached => void (handler = attached),
    writeMany: chunks => {
      for (const chunk of chunks) written += chunk.length
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  }
  const ignore = () => undefined
  const host = new Proxy(
    { now: () => now, onClosed: (_: PeerSession, error: EngineError | undefined) => void ends.push(error) },
    { get: (target, name) => (Object.hasOwn(target, name) ? Reflect.get(target, name) : ignore) as unknown },
  ) as unknown as PeerHost
  const peer = new PeerSession(host, {
    slot: 1,
    socket,
    reserved: fromHex('0000000000100004')!,
    peerId: new Uint8Array(20),
    source: 'manual',
    incoming: false,
    candidate: undefined,
  } as ConstructorParameters<typeof PeerSession>[1])
  peer.start(new Uint8Array(0))
  peer.adoptGeometry(geometry)
  return {
    peer,
    taken,
    ends,
    hears: (...messages: Uint8Array[]) => {
      for (const message of messages) handler?.onData(message)
    },
    asks: (count: number) => {
      const list = new BlockList()
      for (let piece = 0; piece < count; piece++) list.push(piece, 0)
      peer.sendRequests(list, geometry)
    },
    tick: (ms: number) => {
      now = ms
      return peer.tick(now)?.message
    },
  }
}

test('a slow reader stays, however long its line is never empty', () => {
  const { peer, taken, tick, hears } = connected()
  peer.send(new Uint8Array(1_000_000))
  for (let now = 0; now < 10 * LIMITS.wire.unreadMs; now += 10_000) {
    hears(fromHex('00000000')!)
    taken.bytes += 1_000
    expect(tick(now)).toBeUndefined()
    peer.send(new Uint8Array(1_000))
  }
})

test('a peer that takes nothing is let go after two minutes', () => {
  const { peer, tick, hears } = connected()
  peer.send(new Uint8Array(1_000))
  tick(0)
  for (let now = 1_000; now < LIMITS.wire.unreadMs; now += 1_000) {
    hears(fromHex('00000000')!)
    expect(tick(now)).toBeUndefined()
  }
  hears(fromHex('00000000')!)
  expect(tick(LIMITS.wire.unreadMs + 1_000)).toBe('takes no data')
})

test('answers that nobody takes end the connection, not the memory', () => {
  const { peer, ends, hears } = connected()
  let most = 0
  for (let nth = 0; nth < 300_000 && ends.length === 0; nth++) {
    hears(REQUEST)
    most = Math.max(most, peer.unsent)
  }
  expect(ends).toMatchObject([{ code: 'PEER_TIMEOUT' }])
  expect(most).toBeLessThan(LIMITS.wire.unsentBytes + 1024)
})

test('more blocks than were asked for end the connection; some by mistake do not', () => {
  const { ends, hears, asks } = connected()
  const block = [BLOCK, new Uint8Array(16_384)]
  asks(3)
  for (let nth = 0; nth < 3 + 32; nth++) hears(...block)
  expect(ends).toEqual([])
  hears(...block)
  expect(ends).toMatchObject([{ code: 'WIRE_PROTOCOL', blame: 'peer' }])
})

test('more cancels than there was to cancel end the connection', () => {
  const { ends, hears } = connected()
  const cancel = encodeCancel(0, 0, 16_384)
  for (let nth = 0; nth < LIMITS.wire.reqqAdvertised + 1; nth++) hears(REQUEST, cancel)
  expect(ends).toEqual([])
  for (let nth = 0; nth < LIMITS.wire.reqqAdvertised + 1; nth++) hears(cancel)
  expect(ends).toMatchObject([{ code: 'WIRE_PROTOCOL' }])
})

test('after its end a peer holds nothing that is sent to it', () => {
  const { peer } = connected()
  peer.close()
  peer.send(new Uint8Array(1_000))
  expect(peer.unsent).toBe(0)
})
