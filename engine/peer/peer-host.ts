import type { EngineError } from '#engine/base/errors.ts'
import type { PeerSession } from './peer-session.ts'

/** All that a peer session may ask of its torrent. Small enough to fake in a test by hand. */
export interface PeerHost {
  now(): number
  /** Where the payload of a block that we asked this peer for goes, for the length of this call only; else `undefined`. */
  placeFor(from: PeerSession, piece: number, begin: number, length: number): Uint8Array | undefined
  /** A whole block has come. `placed` = every byte of it went where `placeFor` said. */
  onBlock(from: PeerSession, piece: number, begin: number, length: number, placed: boolean): void
  /** Its first word about what it has: a bitfield, have-all or have-none. */
  onField(from: PeerSession): void
  onHave(from: PeerSession, piece: number): void
  onDontHave(from: PeerSession, piece: number): void
  /** It chokes us from here on. `requestsVoid` = without the fast extension nothing asked for will come. */
  onChoked(from: PeerSession, requestsVoid: boolean): void
  onUnchoked(from: PeerSession): void
  onReject(from: PeerSession, piece: number, begin: number, length: number): void
  onInterest(from: PeerSession): void
  /** Something new stands in its upload queue. */
  onRequest(from: PeerSession): void
  onExtended(from: PeerSession, id: number, payload: Uint8Array): void
  /** Where its DHT node listens (BEP 5). */
  onNodePort(from: PeerSession, port: number): void
  onExtendedHandshake(from: PeerSession): void
  /** A read was handled: `bytes` off the wire. Top up requests, spend throttles. */
  onRead(from: PeerSession, bytes: number): void
  onDrain(from: PeerSession): void
  /** Told once, unless we closed it. */
  onClosed(from: PeerSession, error: EngineError | undefined): void
}
