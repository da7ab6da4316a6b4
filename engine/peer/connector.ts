import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { DiffieHellman } from '#engine/io/crypto.ts'
import type { Random } from '#engine/io/random.ts'
import type { Tcp, TcpSocket } from '#engine/io/tcp.ts'
import { encodeHandshake, HandshakeReader } from '#engine/wire/handshake.ts'
import type { MseDone } from '#engine/wire/mse/cipher.ts'
import { EncryptedSocket } from '#engine/wire/mse/encrypted-socket.ts'
import { MseInitiator } from '#engine/wire/mse/initiator.ts'

/** A connection on which both handshakes have passed. */
export interface ShakenPeer {
  readonly socket: TcpSocket
  readonly reserved: Uint8Array
  readonly peerId: Uint8Array
  /** Bytes that came behind the handshake. Yours. */
  readonly rest: Uint8Array
  /** RC4 hides all that is said; else at most the beginning was hidden. */
  readonly isEncrypted: boolean
}

export interface HandshakeOffer {
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly reserved: Uint8Array
}

const CONNECT_MS = 10_000

export interface ConnectIo {
  readonly tcp: Tcp
  readonly clock: Clock
  readonly hashes: Hashes
  readonly random: Random
  readonly dh: DiffieHellman
}

/** 'off' talks plainly, 'prefer' falls back to that with peers that know no encryption, 'require' does not. */
export type DialSecurity = 'off' | 'prefer' | 'require'

/**
 * Dials, agrees on encryption where wished, sends our handshake and reads theirs.
 * @throws EngineError CONNECT_FAILED, CONNECT_TIMEOUT, HANDSHAKE_INVALID, HANDSHAKE_WRONG_TORRENT, HANDSHAKE_SELF, PEER_TIMEOUT, PEER_CLOSED, ABORTED
 */
export async function connectPeer(
  io: ConnectIo,
  to: Endpoint,
  offer: HandshakeOffer,
  security: DialSecurity,
  signal: AbortSignal,
): Promise<ShakenPeer> {
  if (security === 'off') return connectPlain(io, to, offer, signal)
  try {
    return await connectSecure(io, to, offer, security === 'prefer', signal)
  } catch (thrown) {
    const { code } = toEngineError(thrown)
    // It answered, and did not understand: a peer without encryption hangs up or says its plain handshake.
    const isPlainPeer = code === 'PEER_CLOSED' || code === 'HANDSHAKE_INVALID'
    if (security !== 'prefer' || !isPlainPeer || signal.aborted) throw thrown
    return connectPlain(io, to, offer, signal)
  }
}

async function connectPlain(
  io: ConnectIo,
  to: Endpoint,
  offer: HandshakeOffer,
  signal: AbortSignal,
): Promise<ShakenPeer> {
  const socket = await io.tcp.dial(to, { timeoutMs: CONNECT_MS }, signal)
  const shaken = receiveHandshake(socket, io.clock, signal)
  socket.writeMany([encodeHandshake(offer)])
  return judge(socket, await shaken, offer, false)
}

async function connectSecure(
  io: ConnectIo,
  to: Endpoint,
  offer: HandshakeOffer,
  mayBePlain: boolean,
  signal: AbortSignal,
): Promise<ShakenPeer> {
  const socket = await io.tcp.dial(to, { timeoutMs: CONNECT_MS }, signal)
  const initiator = new MseInitiator({
    skey: offer.infoHash,
    dh: io.dh,
    hashes: io.hashes,
    random: io.random,
    // Hiding the handshake is what most networks need; a peer that likes can then save both sides the work.
    allow: { rc4: true, plain: mayBePlain },
    initialPayload: encodeHandshake(offer),
  })
  const agreed = agree(socket, initiator, io.clock, signal)
  socket.writeMany([initiator.start()])
  const { encrypt, decrypt, rest } = await agreed
  const secure = encrypt && decrypt ? new EncryptedSocket(socket, encrypt, decrypt) : socket
  return judge(secure, await receiveHandshake(secure, io.clock, signal, rest), offer, encrypt !== null)
}

/** Runs the key exchange over the socket, within the time limit; leaves it paused for the next owner. */
function agree(socket: TcpSocket, initiator: MseInitiator, clock: Clock, signal: AbortSignal): Promise<MseDone> {
  return takeOver(socket, clock, LIMITS.mse.handshakeMs, signal, (bytes, settle) => {
    const { send, done } = initiator.push(bytes)
    if (send) socket.writeMany([send])
    if (done) settle(done)
  })
}

/** @throws EngineError HANDSHAKE_WRONG_TORRENT, HANDSHAKE_SELF; the socket is closed then */
function judge(socket: TcpSocket, received: Received, offer: HandshakeOffer, isEncrypted: boolean): ShakenPeer {
  const { handshake, rest } = received
  const isOther = !sameBytes(handshake.infoHash, offer.infoHash)
  if (isOther || sameBytes(handshake.peerId, offer.peerId)) {
    socket.close()
    if (isOther) throw new EngineError('HANDSHAKE_WRONG_TORRENT', 'peer', 'answered for another torrent')
    throw new EngineError('HANDSHAKE_SELF', 'peer', 'this is ourselves')
  }
  return { socket, reserved: handshake.reserved, peerId: handshake.peerId, rest, isEncrypted }
}

interface Received {
  readonly handshake: { readonly infoHash: Uint8Array; readonly peerId: Uint8Array; readonly reserved: Uint8Array }
  readonly rest: Uint8Array
}

/**
 * Reads one handshake within the time limit. The socket stays attached to nobody of use: attach it again at once.
 * @param early bytes that came before it was handed here
 */
export function receiveHandshake(
  socket: TcpSocket,
  clock: Clock,
  signal: AbortSignal,
  early?: Uint8Array,
): Promise<Received> {
  const reader = new HandshakeReader()
  return takeOver(
    socket,
    clock,
    LIMITS.wire.handshakeMs,
    signal,
    (bytes, settle: (received: Received) => void) => {
      const handshake = reader.push(bytes)
      if (handshake) settle({ handshake, rest: reader.rest.slice() })
    },
    early,
  )
}

/**
 * Owns the socket until `onData` settles; then it is paused, because nothing may arrive before the next owner is there.
 * A throw, an end, an abort or too much time closes it.
 */
function takeOver<T>(
  socket: TcpSocket,
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  onData: (bytes: Uint8Array, settle: (value: T) => void) => void,
  early?: Uint8Array,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const end = (act: () => void): void => {
      if (isOver) return
      isOver = true
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
      act()
    }
    const fail = (error: EngineError): void =>
      end(() => {
        socket.close()
        reject(error)
      })
    const onAbort = (): void => fail(new EngineError('ABORTED', 'input', 'the connection is not needed any more'))
    const timer = clock.after(limitMs, () => fail(new EngineError('PEER_TIMEOUT', 'peer', 'no handshake in time')))
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    const take = (bytes: Uint8Array): void => {
      if (isOver) return
      try {
        onData(bytes, value => {
          socket.pause()
          end(() => resolve(value))
        })
      } catch (thrown) {
        fail(toEngineError(thrown))
      }
    }
    socket.attach({
      onData: take,
      onDrain: () => {},
      onClose: error => fail(error ?? new EngineError('PEER_CLOSED', 'peer', 'hung up during the handshake')),
    })
    if (early && early.length > 0) take(early)
    // Paused by whoever owned it before.
    if (!isOver) socket.resume()
  })
}
