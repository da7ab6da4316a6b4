import { expect, test } from 'vitest'
import type { EngineError } from '#engine/base/errors.ts'
import { fromHex } from '#engine/base/ids.ts'
import type { TcpHandler, TcpSocket } from '#engine/io/tcp.ts'
import { Geometry } from '#engine/pieces/geometry.ts'
import type { PeerHost } from './peer-host.ts'
import { PeerSession } from './peer-session.ts'

/** A peer of a torrent of 16 pieces, and what came of what it said. */
function connected({ knowsShape = true } = {}) {
  const haves: number[] = []
  const errors: (EngineError | undefined)[] = []
  let handler: TcpHandler | undefined
  const socket: TcpSocket = {
    remote: { address: '127.0.0.1', port: 1, family: 4 },
    local: { address: '127.0.0.1', port: 2, family: 4 },
    unsent: 0,
    attach: attached => void (handler = attached),
    writeMany: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  }
  const host: PeerHost = {
    now: () => 0,
    placeFor: () => undefined,
    onBlock: () => undefined,
    onField: () => undefined,
    onHave: (_, piece) => void haves.push(piece),
    onNodePort: () => {},
    onDontHave: () => undefined,
    onChoked: () => undefined,
    onUnchoked: () => undefined,
    onReject: () => undefined,
    onInterest: () => undefined,
    onRequest: () => undefined,
    onExtended: () => undefined,
    onExtendedHandshake: () => undefined,
    onRead: () => undefined,
    onDrain: () => undefined,
    onClosed: (_, error) => void errors.push(error),
  }
  const peer = new PeerSession(host, {
    slot: 1,
    socket,
    reserved: fromHex('0000000000100004')!,
    peerId: new Uint8Array(20),
    source: 'manual',
    incoming: false,
    candidate: undefined,
    isEncrypted: false,
  })
  peer.start(new Uint8Array(0))
  const geometry = Geometry.of({ pieceLength: 16_384, pieceCount: 16, spaceLength: 16 * 16_384 })
  if (knowsShape) peer.adoptGeometry(geometry)
  return { peer, haves, errors, geometry, hears: (hex: string) => handler?.onData(fromHex(hex)!) }
}

const HAVE_NONE = '000000010f'
const HAVE_0 = '000000050400000000'
const bitfield = (bits: string) => `0000000305${bits}`

test('a bitfield that sums up new haves is as good as the haves, as aria2 sends it', () => {
  const { peer, haves, errors, hears } = connected()
  hears(HAVE_NONE + HAVE_0 + bitfield('8003') + bitfield('c003'))
  expect(errors).toEqual([])
  expect(haves).toEqual([0, 14, 15, 1])
  expect(peer.field?.count).toBe(4)
})

test('before the metadata is here, the last bitfield counts', () => {
  const { peer, errors, geometry, hears } = connected({ knowsShape: false })
  hears(HAVE_NONE + bitfield('8003'))
  peer.adoptGeometry(geometry)
  expect(errors).toEqual([])
  expect(Array.from(peer.field!.indices())).toEqual([0, 14, 15])
})

test.each([
  ['says nothing new', bitfield('8000') + bitfield('8000')],
  ['takes a piece back', bitfield('8000') + bitfield('7fff')],
  ['comes behind a first have', HAVE_0 + bitfield('ffff')],
  ['has the wrong length', `${HAVE_NONE}0000000205ff`],
  ['is a second have-none', HAVE_NONE + HAVE_NONE],
])('a later bitfield that %s ends the connection', (_, hex) => {
  const { errors, hears } = connected()
  hears(hex)
  expect(errors).toEqual([expect.objectContaining({ code: 'WIRE_PROTOCOL', blame: 'peer' })])
})
