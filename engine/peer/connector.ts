import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { sameBytes } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Tcp, TcpSocket } from '#engine/io/tcp.ts'
import { encodeHandshake, HandshakeReader } from '#engine/wire/handshake.ts'

/** A connection on which both handshakes have passed. */
export interface ShakenPeer {
  readonly socket: TcpSocket
  readonly reserved: Uint8Array
  readonly peerId: Uint8Array
  /** Bytes that came behind the handshake. Yours. */
  readonly rest: Uint8Array
}

export interface HandshakeOffer {
  readonly infoHash: Uint8Array
  readonly peerId: Uint8Array
  readonly reserved: Uint8Array
}

const CONNECT_MS = 10_000

/**
 * Dials, sends our handshake and reads theirs.
 * @throws EngineError CONNECT_FAILED, CONNECT_TIMEOUT, HANDSHAKE_INVALID, HANDSHAKE_WRONG_TORRENT, HANDSHAKE_SELF, PEER_TIMEOUT, PEER_CLOSED, ABORTED
 */
export async function connectPeer(
  io: { readonly tcp: Tcp; readonly clock: Clock },
  to: Endpoint,
  offer: HandshakeOffer,
  signal: AbortSignal,
): Promise<ShakenPeer> {
  const socket = await io.tcp.dial(to, { timeoutMs: CONNECT_MS }, signal)
  try {
    const shaken = receiveHandshake(socket, io.clock, signal)
    socket.writeMany([encodeHandshake(offer)])
    const { handshake, rest } = await shaken
    if (!sameBytes(handshake.infoHash, offer.infoHash)) {
      throw new EngineError('HANDSHAKE_WRONG_TORRENT', 'peer', 'answered for another torrent')
    }
    if (sameBytes(handshake.peerId, offer.peerId)) throw new EngineError('HANDSHAKE_SELF', 'peer', 'this is ourselves')
    return { socket, reserved: handshake.reserved, peerId: handshake.peerId, rest }
  } catch (error) {
    socket.close()
    throw error
  }
}

interface Received {
  readonly handshake: { readonly infoHash: Uint8Array; readonly peerId: Uint8Array; readonly reserved: Uint8Array }
  readonly rest: Uint8Array
}

/** Reads one handshake within the time limit. The socket stays attached to nobody of use: attach it again at once. */
export function receiveHandshake(socket: TcpSocket, clock: Clock, signal: AbortSignal): Promise<Received> {
  return new Promise((resolve, reject) => {
    const reader = new HandshakeReader()
    let isOver = false
    const settle = (act: () => void): void => {
      if (isOver) return
      isOver = true
      timer[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
      act()
    }
    const fail = (error: EngineError): void =>
      settle(() => {
        socket.close()
        reject(error)
      })
    const onAbort = (): void => fail(new EngineError('ABORTED', 'input', 'the connection is not needed any more'))
    const timer = clock.after(LIMITS.wire.handshakeMs, () =>
      fail(new EngineError('PEER_TIMEOUT', 'peer', 'no handshake in time')),
    )
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    socket.attach({
      onData: bytes => {
        try {
          const handshake = reader.push(bytes)
          if (!handshake) return
          // Nothing may arrive before the next owner is there to take it.
          socket.pause()
          settle(() => resolve({ handshake, rest: reader.rest.slice() }))
        } catch (error) {
          fail(
            error instanceof EngineError ? error : new EngineError('HANDSHAKE_INVALID', 'peer', 'unreadable handshake'),
          )
        }
      },
      onDrain: () => {},
      onClose: error => fail(error ?? new EngineError('PEER_CLOSED', 'peer', 'hung up during the handshake')),
    })
  })
}
