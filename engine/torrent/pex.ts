import type { Endpoint } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { encodeExtended } from '#engine/wire/encoder.ts'
import { PexFeed } from '#engine/wire/pex-feed.ts'
import { believableFrom, parsePex, PEX_FLAGS, type PexPeer } from '#engine/wire/ut-pex.ts'

/** A peer may be this much early without being ignored: its clock is not ours. */
const EARLY_MS = 15_000

interface Exchange {
  readonly feed: PexFeed
  heardAt: number
}

/** Tells connected peers of each other, and us of theirs (BEP 11). Never made for private torrents. */
export class PexExchange {
  readonly #peers: Iterable<PeerSession>
  readonly #offer: (endpoints: readonly Endpoint[]) => void
  readonly #exchanges = new Map<PeerSession, Exchange>()

  constructor(peers: Iterable<PeerSession>, offer: (endpoints: readonly Endpoint[]) => void) {
    this.#peers = peers
    this.#offer = offer
  }

  peerLeft(peer: PeerSession): void {
    this.#exchanges.delete(peer)
  }

  /** More often than once a minute is more than the rules allow, and is not read. */
  receive(from: PeerSession, payload: Uint8Array, now: number): void {
    const exchange = this.#exchangeOf(from)
    if (now - exchange.heardAt < LIMITS.pex.intervalMs - EARLY_MS) return
    exchange.heardAt = now
    const message = parsePex(payload, believableFrom(from.endpoint.address))
    if (message) this.#offer(message.added.map(peer => peer.endpoint))
  }

  tick(now: number): void {
    let contacts: PexPeer[] | undefined
    for (const peer of this.#peers) {
      const id = peer.extended?.ids.utPex
      if (id === undefined) continue
      const { feed } = this.#exchangeOf(peer)
      if (!feed.isDue(now)) continue
      contacts ??= this.#contacts()
      const message = feed.next(now, contacts, contactOf(peer)?.endpoint)
      if (message) peer.send(encodeExtended(id, message))
    }
  }

  #exchangeOf(peer: PeerSession): Exchange {
    let exchange = this.#exchanges.get(peer)
    if (!exchange) {
      exchange = { feed: new PexFeed(), heardAt: -Infinity }
      this.#exchanges.set(peer, exchange)
    }
    return exchange
  }

  #contacts(): PexPeer[] {
    return Array.from(this.#peers, contactOf).filter(contact => contact !== undefined)
  }
}

/** Where others can dial it: who called us is told of only when it said where it listens. */
function contactOf(peer: PeerSession): PexPeer | undefined {
  const endpoint = peer.incoming ? peer.listenEndpoint : peer.endpoint
  if (!endpoint) return undefined
  const flags =
    (peer.isSeed || peer.isUploadOnly ? PEX_FLAGS.uploadOnly : 0) |
    (peer.isEncrypted ? PEX_FLAGS.prefersEncryption : 0) |
    (peer.incoming ? 0 : PEX_FLAGS.reachable)
  return { endpoint, flags }
}
