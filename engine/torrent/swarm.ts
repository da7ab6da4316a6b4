import { concat } from '#engine/base/bytes.ts'
import { addressBytes, endpointOfBytes } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Throttle } from '#engine/base/throttle.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import type { PeerHost } from '#engine/peer/peer-host.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { parseDontHave } from '#engine/wire/dont-have.ts'
import { encodeBitfield, encodeExtended, encodePort, HAVE_ALL, HAVE_NONE } from '#engine/wire/encoder.ts'
import { encodeExtendedHandshake } from '#engine/wire/extension.ts'
import {
  encodeMetadataData,
  encodeMetadataReject,
  METADATA_PART,
  parseMetadataMessage,
} from '#engine/wire/ut-metadata.ts'
import { BlockFlow } from './block-flow.ts'
import type { Content } from './content.ts'
import { Crew } from './crew.ts'
import type { Ledger } from './ledger.ts'
import { MetadataFetch } from './metadata-fetch.ts'
import { PexExchange } from './pex.ts'
import type { TorrentHost } from './types.ts'
import { UploadFlow } from './upload-flow.ts'
import { WebSeeds } from './web-seeds.ts'

/** The number that we give ut_metadata (BEP 9) in our extended handshakes. */
const UT_METADATA = 1
/** The same for ut_pex (BEP 11) and lt_donthave (BEP 54). */
const UT_PEX = 2
const DONT_HAVE = 3
/** Metadata parts in the send buffer of a peer beyond which its requests are refused: it asks faster than it reads. */
const METADATA_UNSENT = 1024 * 1024
/** A peer that neither gives nor takes for this long makes room when the crew is full. */
const IDLE_MS = 10 * 60_000

/** What the swarm part asks of its torrent. */
export interface SwarmHost {
  readonly host: TorrentHost
  /** 20 bytes that the handshake carries. */
  readonly infoHash: Uint8Array
  readonly expected: { readonly v1: Uint8Array | null; readonly v2: Uint8Array | null }
  readonly isPrivate: boolean
  /** B/s, 0 = no limit. */
  limitUp(): number
  readonly down: Throttle
  readonly up: Throttle
  readonly ledger: Ledger
  onPiece(piece: number): void
  onMetadata(infoBytes: Uint8Array): void
  onDiskError(error: EngineError): void
  onPeersChanged(): void
}

/** A running torrent among its peers: connects the crew's messages with the flows of blocks and of metadata. */
export class Swarm implements PeerHost {
  readonly crew: Crew
  readonly #host: SwarmHost
  readonly #pex: PexExchange | undefined
  #content: Content | undefined
  #blocks: BlockFlow | undefined
  #webSeeds: WebSeeds | undefined
  #uploads: UploadFlow | undefined
  #metadata: MetadataFetch | undefined
  readonly #throttled = new Set<PeerSession>()
  /** Those whose pieces count in the picker's availability. */
  readonly #counted = new Set<PeerSession>()

  constructor(host: SwarmHost, content: Content | null) {
    this.#host = host
    this.crew = new Crew(
      {
        infoHash: host.infoHash,
        host: host.host,
        isComplete: () => this.#content?.isComplete ?? false,
        limitUp: () => host.limitUp(),
        greet: peer => this.#greet(peer),
        peerLeft: peer => this.#peerLeft(peer),
        onChanged: () => host.onPeersChanged(),
        upRate: now => host.ledger.up.rate(now),
      },
      () => this,
    )
    if (!host.isPrivate) this.#pex = new PexExchange(this.crew.peers, found => this.crew.offer(found, 'pex'))
    if (content) this.#startTransfer(content)
    else this.#startMetadata()
  }

  get metadataSources(): number {
    return this.#metadata?.sources ?? 0
  }

  get webSeeds(): WebSeeds | undefined {
    return this.#webSeeds
  }

  now(): number {
    return this.#host.host.io.clock.now()
  }

  // ---- phases of content

  #startMetadata(): void {
    this.#metadata = new MetadataFetch(
      this.#host.host.io.hashes,
      this.#host.expected,
      infoBytes => this.#host.onMetadata(infoBytes),
      peer => this.crew.ban(peer.endpoint.address, 'sent false metadata'),
    )
  }

  #startTransfer(content: Content): void {
    const { io } = this.#host.host
    this.#content = content
    this.#metadata = undefined
    this.#uploads = new UploadFlow(content, this.#host.up, io.clock, {
      onUploaded: bytes => this.#host.ledger.noteUp(bytes),
      onReadError: error => this.#host.onDiskError(error),
    })
    this.#blocks = new BlockFlow(content, io, {
      peers: this.crew.peers,
      peerOf: slot => this.crew.peerOf(slot),
      addressOf: slot => this.#webSeeds?.of(slot)?.name ?? this.crew.addressOf(slot),
      onHashFail: slot => {
        const sender = this.#webSeeds?.of(slot) ?? this.crew.peerOf(slot)
        if (sender) sender.hashFails++
      },
      onDownloaded: bytes => this.#host.ledger.noteDown(bytes),
      onRedundant: bytes => (this.#host.ledger.redundant += bytes),
      onCorrupt: bytes => (this.#host.ledger.corrupt += bytes),
      onPiece: (piece, wasWanted) => this.#pieceVerified(piece, wasWanted),
      onGuilty: (address, reason) => {
        if (!this.#webSeeds?.drop(address, reason)) this.crew.ban(address, reason)
      },
      onDiskError: error => this.#host.onDiskError(error),
    })
    this.#webSeeds = new WebSeeds(content, this.#blocks, this.#host.host, this.#host.down)
  }

  /** The magnet is whole: the peers stay, and what they said early is judged by the torrent's shape. */
  adoptContent(content: Content): void {
    this.#startTransfer(content)
    for (const peer of [...this.crew.peers]) {
      try {
        peer.adoptGeometry(content.geometry)
        if (peer.hasField || !peer.field?.isEmpty) this.onField(peer)
        else if (peer.field) this.#introduce(peer)
      } catch (thrown) {
        this.crew.drop(peer, toEngineError(thrown))
      }
    }
  }

  // ---- peers come and go

  #greet(peer: PeerSession): void {
    const content = this.#content
    if (peer.supports.extensions) peer.send(encodeExtended(0, this.#extendedHandshake(peer)))
    if (content) peer.adoptGeometry(content.geometry)
    const nodePort = this.#host.isPrivate ? 0 : this.#host.host.nodePort()
    if (nodePort > 0 && peer.supports.dht) peer.send(encodePort(nodePort))
    const have = content?.picker.have
    if (have?.isFull && peer.supports.fast) peer.send(HAVE_ALL)
    else if (have && !have.isEmpty) peer.send(encodeBitfield(have.bytes))
    else if (peer.supports.fast) peer.send(HAVE_NONE)
  }

  #extendedHandshake(peer: PeerSession): Uint8Array {
    const { host, isPrivate } = this.#host
    const content = this.#content
    const port = host.listenPort()
    return encodeExtendedHandshake({
      // A private torrent's metadata goes to nobody who does not have it from the tracker's site (BEP 27).
      ids: {
        dontHave: DONT_HAVE,
        ...(isPrivate ? {} : { utMetadata: UT_METADATA }),
        ...(this.#pex && host.options.pex ? { utPex: UT_PEX } : {}),
      },
      client: host.userAgent,
      reqq: LIMITS.wire.reqqAdvertised,
      yourIp: addressBytes(peer.endpoint),
      ...(port > 0 ? { port } : {}),
      ...(content && !isPrivate ? { metadataSize: content.metainfo.infoBytes.length } : {}),
      ...(content?.isComplete ? { uploadOnly: true } : {}),
    })
  }

  #peerLeft(peer: PeerSession): void {
    this.#throttled.delete(peer)
    this.#uploads?.peerLeft(peer)
    this.#metadata?.peerLeft(peer)
    this.#pex?.peerLeft(peer)
    this.#blocks?.requestsLost(peer)
    if (this.#counted.delete(peer) && peer.field) this.#content?.picker.peerLeft(peer.field)
  }

  // ---- what peers say (PeerHost)

  placeFor(from: PeerSession, piece: number, begin: number, length: number): Uint8Array | undefined {
    return this.#blocks?.placeFor(from, piece, begin, length)
  }

  onBlock(from: PeerSession, piece: number, begin: number, length: number, placed: boolean): void {
    if (!this.#blocks) throw new EngineError('WIRE_PROTOCOL', 'peer', 'sends blocks before it can know what we want')
    this.#blocks.onBlock(from, piece, begin, length, placed)
  }

  onRead(from: PeerSession, bytes: number): void {
    this.#blocks?.topUp(from)
    const { down } = this.#host
    down.spend(bytes)
    if (!down.isLimited || down.allowance(this.now()) > 0 || from.isClosed) return
    from.pauseReading()
    this.#throttled.add(from)
  }

  onField(from: PeerSession): void {
    const content = this.#content
    if (!content || !from.field || this.#counted.has(from)) return
    this.#counted.add(from)
    content.picker.peerJoined(from.field)
    this.#introduce(from)
    this.#dropUseless(from)
  }

  #introduce(peer: PeerSession): void {
    if (!this.#content || !peer.field) return
    peer.addWanted(this.#content.picker.countWanted(peer.field) - peer.wanted)
  }

  onHave(from: PeerSession, piece: number): void {
    const content = this.#content
    if (!content || !from.field) return
    content.picker.peerHas(piece, from.field)
    if (content.picker.isWanted(piece)) {
      from.addWanted(1)
      this.#blocks?.topUp(from)
    }
    if (from.isSeed) this.#dropUseless(from)
  }

  onDontHave(from: PeerSession, piece: number): void {
    const content = this.#content
    if (!content || !from.field?.has(piece)) return
    content.picker.peerLost(piece, from.field)
    from.field.clear(piece)
    if (content.picker.isWanted(piece)) from.addWanted(-1)
  }

  /** Two seeds have nothing to say to each other. */
  #dropUseless(peer: PeerSession): void {
    if (!this.#content?.isComplete || peer.peerInterested) return
    if (peer.isSeed || (peer.isUploadOnly && peer.supports.extensions)) this.crew.drop(peer, undefined)
  }

  onChoked(from: PeerSession, requestsVoid: boolean): void {
    if (!requestsVoid) return
    from.window.reset()
    this.#blocks?.requestsLost(from)
  }

  onUnchoked(from: PeerSession): void {
    this.#blocks?.shareMemory()
    this.#blocks?.topUp(from)
  }

  onReject(from: PeerSession, piece: number, begin: number): void {
    this.#blocks?.onReject(from, piece, begin)
  }

  onInterest(from: PeerSession): void {
    this.crew.onInterest(from, this.now())
  }

  onRequest(from: PeerSession): void {
    this.#uploads?.pump(from)
  }

  onDrain(from: PeerSession): void {
    this.#uploads?.pump(from)
  }

  onExtendedHandshake(from: PeerSession): void {
    this.#metadata?.peerReady(from, this.now())
    const seen = from.extended?.yourIp && endpointOfBytes(from.extended.yourIp, 1)
    if (seen) this.#host.host.onExternalAddress(seen.address, from.endpoint.address)
    if (from.listenEndpoint && from.incoming) this.crew.offer([from.listenEndpoint], 'incoming')
    this.#dropUseless(from)
  }

  onExtended(from: PeerSession, id: number, payload: Uint8Array): void {
    if (id === UT_PEX && this.#host.host.options.pex) this.#pex?.receive(from, payload, this.now())
    else if (id === DONT_HAVE) this.#receiveDontHave(from, payload)
    if (id !== UT_METADATA) return
    const message = parseMetadataMessage(payload)
    if (message.kind === 'request') this.#serveMetadata(from, message.part)
    else this.#metadata?.receive(from, message, this.now())
  }

  #receiveDontHave(from: PeerSession, payload: Uint8Array): void {
    const piece = parseDontHave(payload)
    if (piece !== undefined && this.#content?.geometry.isPiece(piece)) this.onDontHave(from, piece)
  }

  #serveMetadata(to: PeerSession, part: number): void {
    const id = to.extended?.ids.utMetadata
    if (id === undefined) return
    const info = this.#content?.metainfo.infoBytes
    const at = part * METADATA_PART
    if (!info || this.#host.isPrivate || at >= info.length || to.unsent > METADATA_UNSENT) {
      to.send(encodeExtended(id, encodeMetadataReject(part)))
      return
    }
    const head = encodeMetadataData(part, info.length)
    to.send(encodeExtended(id, concat([head, info.subarray(at, at + METADATA_PART)])))
  }

  /** A public torrent's peers are good doors into the DHT. */
  onNodePort(from: PeerSession, port: number): void {
    if (!this.#host.isPrivate && port > 0) this.#host.host.onNode({ ...from.endpoint, port })
  }

  onClosed(from: PeerSession, error: EngineError | undefined): void {
    this.crew.drop(from, error)
  }

  // ---- pieces

  #pieceVerified(piece: number, wasWanted: boolean): void {
    for (const peer of this.crew.peers) {
      if (!peer.field?.has(piece)) peer.queueHave(piece)
      else if (wasWanted) peer.addWanted(-1)
    }
    this.#host.onPiece(piece)
    if (this.#content?.isComplete) for (const peer of [...this.crew.peers]) this.#dropUseless(peer)
  }

  /** Which pieces are wanted has changed: every peer's interest is counted afresh. */
  wantsChanged(): void {
    for (const peer of [...this.crew.peers]) this.#introduce(peer)
    // Seeds that were of no use may be from here on.
    if (this.#content?.isComplete === false) this.crew.candidates.retryAll()
  }

  // ---- time

  tick(now: number): void {
    this.crew.tick(now)
    this.#metadata?.tick(now)
    if (this.#host.host.options.pex) this.#pex?.tick(now)
    if (this.#throttled.size > 0 && this.#host.down.allowance(now) > 0) {
      const resumed = [...this.#throttled]
      this.#throttled.clear()
      for (const peer of resumed) peer.resumeReading()
    }
    this.#uploads?.tick(now)
    if (!this.#blocks) return
    this.#blocks.shareMemory()
    for (const peer of this.crew.peers) {
      if (peer.window.waitingMs(now) > LIMITS.wire.snubMs && !peer.isPaused) {
        peer.window.snub()
        this.#blocks.requestsLost(peer)
      }
      if (peer.window.inFlight === 0 || peer.window.room() > 0) this.#blocks.topUp(peer)
    }
    this.#webSeeds?.tick(now)
    this.#makeRoom(now)
  }

  /** A full crew lets go of one peer that does nothing for either side, so that somebody better can come. */
  #makeRoom(now: number): void {
    const { maxPeersPerTorrent } = this.#host.host.options
    if (this.crew.peers.size < maxPeersPerTorrent || this.crew.candidates.size <= this.crew.peers.size) return
    for (const peer of this.crew.peers) {
      if (now - peer.lastPayloadAt < IDLE_MS || peer.amInterested || peer.peerInterested) continue
      this.crew.drop(peer, undefined)
      return
    }
  }

  /** Lets everybody go; settles when the disk has answered. */
  async close(): Promise<void> {
    this.#webSeeds?.close()
    this.#uploads?.close()
    this.crew.close()
    await this.#blocks?.close()
  }
}

/** What the handshake names: the v1 infohash, or the v2 one cut to 20 bytes (BEP 52). */
export const handshakeHash = (metainfo: Pick<Metainfo, 'infoHashV1' | 'infoHashV2'>): Uint8Array =>
  metainfo.infoHashV1 ?? (metainfo.infoHashV2 ?? new Uint8Array(20)).slice(0, 20)
