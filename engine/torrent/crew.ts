import { endpointKey, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { sameBytes, toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { Candidates, type Candidate, type CandidateSource } from '#engine/peer/candidates.ts'
import { automaticSlots, chokeRound } from '#engine/peer/choker.ts'
import { connectPeer, type ShakenPeer } from '#engine/peer/connector.ts'
import type { PeerHost } from '#engine/peer/peer-host.ts'
import { PeerSession } from '#engine/peer/peer-session.ts'
import { reservedBytes } from '#engine/wire/handshake.ts'
import type { IncomingPeer, TorrentHost } from './types.ts'

/** What the crew asks of the torrent that it serves; the peers' messages go to `traffic`. */
export interface CrewHost {
  readonly infoHash: Uint8Array
  readonly host: TorrentHost
  /** Complete for what is wanted: nobody has anything for us. */
  isComplete(): boolean
  /** B/s, 0 = no limit. */
  limitUp(): number
  /** The peer is connected: tell it who we are and what we have. */
  greet(peer: PeerSession): void
  /** Gone, for whatever reason. */
  peerLeft(peer: PeerSession): void
  onChanged(): void
  /** B/s, all peers together. */
  upRate(now: number): number
}

const CHOKE_ROUND_MS = 10_000
const DIALS_PER_TICK = 8
/** ms. Of two connections this close together, one was on its way when the other was made. */
const AT_ONCE_MS = 15_000

/** The peers that we are connected to, those that we might be, and whom we let ask. */
export class Crew {
  readonly candidates = new Candidates()
  readonly peers = new Set<PeerSession>()
  readonly #host: CrewHost
  readonly #makePeerHost: () => PeerHost
  readonly #bySlot = new Map<number, PeerSession>()
  /** Addresses by slot number, kept after the peer left: a bad piece may still name it. */
  readonly #addresses = new Map<number, string>()
  readonly #dials = new Map<Candidate, AbortController>()
  #nextSlot = 0
  #nextRoundAt = 0
  #optimistic: PeerSession | undefined
  #optimisticSince = 0
  #isClosed = false

  constructor(host: CrewHost, peerHost: () => PeerHost) {
    this.#host = host
    this.#makePeerHost = peerHost
  }

  get optimistic(): PeerSession | undefined {
    return this.#optimistic
  }
  get dialling(): number {
    return this.#dials.size
  }
  peerOf(slot: number): PeerSession | undefined {
    return this.#bySlot.get(slot)
  }
  addressOf(slot: number): string {
    return this.#addresses.get(slot) ?? ''
  }

  /** @returns how many were new */
  offer(endpoints: readonly Endpoint[], source: CandidateSource): number {
    let added = 0
    for (const endpoint of endpoints) {
      if (this.#host.host.isOurself(endpoint)) continue
      if (this.candidates.offer(endpoint, source)) added++
    }
    return added
  }

  /** Dials while there is room. */
  connect(now: number): void {
    const { host } = this.#host
    for (let dials = 0; dials < DIALS_PER_TICK && !this.#isClosed; dials++) {
      if (this.peers.size + this.#dials.size >= host.options.maxPeersPerTorrent) return
      if (!host.acquireDial()) return
      const candidate = this.candidates.next(now, () => host.io.random.next())
      const isTaken = candidate !== undefined && this.#isConnected(candidate.endpoint)
      if (!candidate || isTaken || !host.acquirePeer()) {
        host.releaseDial()
        if (candidate) this.candidates.closed(candidate, now)
        if (isTaken) continue
        return
      }
      void this.#dial(candidate)
    }
  }

  async #dial(candidate: Candidate): Promise<void> {
    const { host } = this.#host
    const { io } = host
    const abort = new AbortController()
    this.#dials.set(candidate, abort)
    let shaken: ShakenPeer | undefined
    try {
      const offer = {
        infoHash: this.#host.infoHash,
        peerId: host.peerId,
        reserved: reservedBytes({ extensions: true, fast: true, dht: host.nodePort() > 0, v2: false }),
      }
      shaken = await connectPeer(io, candidate.endpoint, offer, host.options.encryption, abort.signal)
    } catch (thrown) {
      const error = toEngineError(thrown)
      if (error.code === 'HANDSHAKE_SELF') this.candidates.forget(candidate.endpoint)
      else this.candidates.failed(candidate, io.clock.now())
      if (error.blame === 'bug') io.log.write('error', 'peer', error.message)
    } finally {
      this.#dials.delete(candidate)
      host.releaseDial()
    }
    if (!shaken) {
      host.releasePeer()
      return
    }
    this.#adopt(shaken, { source: candidate.source, incoming: false, candidate })
  }

  /** @returns false when there is no room, or it is here already: the caller closes the socket */
  adoptIncoming(peer: IncomingPeer): boolean {
    const { host } = this.#host
    if (this.#isClosed || this.candidates.isBanned(peer.socket.remote.address)) return false
    if (this.peers.size >= host.options.maxPeersPerTorrent || !host.acquirePeer()) return false
    return this.#adopt(peer, { source: 'incoming', incoming: true, candidate: undefined })
  }

  /** Takes the connection (and the budget that was acquired for it). */
  #adopt(
    shaken: ShakenPeer,
    from: { source: CandidateSource; incoming: boolean; candidate: Candidate | undefined },
  ): boolean {
    const { host } = this.#host
    const twin = Array.from(this.peers).find(peer => sameBytes(peer.peerId, shaken.peerId))
    const isRedundant = twin !== undefined && !this.#displaces(twin, shaken, from.incoming)
    const isUnwanted = isRedundant || this.#isClosed || this.candidates.isBanned(shaken.socket.remote.address)
    if (isUnwanted) {
      shaken.socket.close()
      host.releasePeer()
      if (from.candidate) this.candidates.failed(from.candidate, host.io.clock.now())
      return false
    }
    if (twin) this.drop(twin, undefined)
    const slot = this.#takeSlot()
    if (from.candidate) from.candidate.hasWorked = true
    const peer = new PeerSession(this.#makePeerHost(), { ...shaken, ...from, slot })
    this.peers.add(peer)
    this.#bySlot.set(slot, peer)
    this.#addresses.set(slot, peer.endpoint.address)
    this.#host.greet(peer)
    peer.start(shaken.rest)
    this.#host.onChanged()
    return true
  }

  /**
   * One connection with a peer is enough. When both dialled at once, both must keep the same one, or neither would be
   * left: that of whoever has the higher id.
   */
  #displaces(twin: PeerSession, { peerId }: ShakenPeer, incoming: boolean): boolean {
    const { host } = this.#host
    const isRace = twin.incoming !== incoming && host.io.clock.now() - twin.connectedAt < AT_ONCE_MS
    const isTheirsHigher = toHex(peerId) > toHex(host.peerId)
    return isRace && isTheirsHigher === incoming
  }

  /** Closes it and forgets it, whoever ended it. Idempotent. */
  drop(peer: PeerSession, error: EngineError | undefined): void {
    peer.close()
    if (!this.peers.delete(peer)) return
    this.#bySlot.delete(peer.slot)
    const { host } = this.#host
    host.releasePeer()
    if (this.#optimistic === peer) this.#optimistic = undefined
    const now = host.io.clock.now()
    if (peer.candidate) {
      // Nothing came of it: back off as if it had not answered.
      if (error && peer.lastPayloadAt <= peer.connectedAt) this.candidates.failed(peer.candidate, now)
      else this.candidates.closed(peer.candidate, now, this.#host.isComplete() && (peer.isSeed || peer.isUploadOnly))
    }
    if (error?.blame === 'bug') host.io.log.write('error', 'peer', `${peer.key}: ${error.message}`)
    else if (error) host.io.log.write('debug', 'peer', `${peer.key}: ${error.code} ${error.message}`)
    this.#host.peerLeft(peer)
    this.#host.onChanged()
  }

  /** Lets go of everybody, connected or not. */
  forgetEverybody(): void {
    for (const abort of this.#dials.values()) abort.abort()
    for (const peer of [...this.peers]) this.drop(peer, undefined)
    this.candidates.clear()
  }

  ban(address: string, reason: string): void {
    // Its other pieces under way fail as well, one after the other.
    if (this.candidates.isBanned(address)) return
    this.candidates.ban(address, reason)
    this.#host.host.io.log.write('warn', 'peer', `banned ${address}: ${reason}`)
    for (const peer of [...this.peers]) {
      if (peer.endpoint.address === address) this.drop(peer, new EngineError('PEER_BANNED', 'peer', reason))
    }
  }

  tick(now: number): void {
    for (const peer of [...this.peers]) {
      const error = peer.tick(now)
      if (error) this.drop(peer, error)
    }
    if (now >= this.#nextRoundAt) this.chokeNow(now)
    this.connect(now)
  }

  /** Somebody became interested: it need not wait for the next round while there is a free slot. */
  onInterest(peer: PeerSession, now: number): void {
    if (!peer.peerInterested) {
      peer.setChoking(true)
      return
    }
    if (!peer.amChoking) return
    let unchoked = 0
    for (const other of this.peers) if (!other.amChoking && other.peerInterested) unchoked++
    if (unchoked < this.#slots(now)) peer.setChoking(false)
  }

  chokeNow(now: number): void {
    this.#nextRoundAt = now + CHOKE_ROUND_MS
    const round = chokeRound(Array.from(this.peers), {
      slots: this.#slots(now),
      seeding: this.#host.isComplete(),
      optimistic: this.#optimistic,
      optimisticSince: this.#optimisticSince,
      now,
      random: () => this.#host.host.io.random.next(),
    })
    if (round.optimistic !== this.#optimistic) this.#optimisticSince = now
    this.#optimistic = round.optimistic
    for (const peer of this.peers) peer.setChoking(!round.unchoke.has(peer))
  }

  #slots(now: number): number {
    const { uploadSlots } = this.#host.host.options
    return uploadSlots > 0 ? uploadSlots : automaticSlots(this.#host.upRate(now), this.#host.limitUp())
  }

  #isConnected(endpoint: Endpoint): boolean {
    const key = endpointKey(endpoint)
    let sameAddress = 0
    for (const peer of this.peers) {
      const { listenEndpoint } = peer
      if (peer.key === key || (listenEndpoint && endpointKey(listenEndpoint) === key)) return true
      if (peer.endpoint.address === endpoint.address) sameAddress++
    }
    const isLocal = endpoint.address.startsWith('127.') || endpoint.address === '::1'
    return !isLocal && sameAddress >= LIMITS.peers.perAddress
  }

  /** Numbers come round again after 65,000 connections: until then a bad piece can still name who sent it. */
  #takeSlot(): number {
    do this.#nextSlot = (this.#nextSlot + 1) % 65_000
    while (this.#bySlot.has(this.#nextSlot))
    return this.#nextSlot
  }

  close(): void {
    this.#isClosed = true
    for (const abort of this.#dials.values()) abort.abort()
    for (const peer of [...this.peers]) this.drop(peer, undefined)
  }
}
