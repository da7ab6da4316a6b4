import type { Bitfield } from '#engine/base/bitfield.ts'
import { readU32 } from '#engine/base/bytes.ts'
import { endpointKey, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { RateMeter } from '#engine/base/rate-meter.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import type { BlockList } from '#engine/pieces/block-list.ts'
import type { Geometry } from '#engine/pieces/geometry.ts'
import { clientName } from '#engine/wire/client-name.ts'
import { WireDecoder } from '#engine/wire/decoder.ts'
import * as encode from '#engine/wire/encoder.ts'
import { parseExtendedHandshake, type ExtendedHandshake } from '#engine/wire/extension.ts'
import { parseReserved } from '#engine/wire/handshake.ts'
import { MESSAGE, parseMessage } from '#engine/wire/message.ts'
import type { Candidate, CandidateSource } from './candidates.ts'
import { PeerField } from './peer-field.ts'
import type { PeerHost } from './peer-host.ts'
import { PeerOutbox } from './peer-outbox.ts'
import { RequestWindow } from './request-window.ts'
import { UploadQueue } from './upload-queue.ts'

/** Blocks beyond those asked for that are taken for a mistake, not for a flood. */
const UNASKED_MOST = 32

/** One connected peer after the handshakes: what each message does to our view of it, and what we tell it. */
export class PeerSession {
  /** Small number that identifies this connection to the picker; given out again after it is gone. */
  readonly slot: number
  readonly endpoint: Endpoint
  readonly key: string
  readonly source: CandidateSource
  readonly incoming: boolean
  readonly candidate: Candidate | undefined
  readonly isEncrypted: boolean
  readonly peerId: Uint8Array
  readonly supports: ReturnType<typeof parseReserved>
  readonly window = new RequestWindow()
  readonly uploads = new UploadQueue()
  readonly downMeter = new RateMeter()
  readonly upMeter = new RateMeter()
  readonly connectedAt: number

  amChoking = true
  amInterested = false
  peerChoking = true
  peerInterested = false
  unchokedAt = 0
  /** Pieces that it has and we want: interest is this counter, moved by deltas. */
  wanted = 0
  isUploadOnly = false
  extended: ExtendedHandshake | undefined
  client: string
  hashFails = 0
  /** Blocks that we ever asked it for: more than these it has no reason to send. */
  blocksAsked = 0
  /** Set while a read from disk for its next block is under way. */
  isReading = false
  isPaused = false
  /** Where it can be dialled: its listening port when it told one. */
  listenEndpoint: Endpoint | undefined
  lastPayloadAt: number

  readonly #host: PeerHost
  readonly #socket: TcpSocket
  readonly #decoder: WireDecoder
  readonly #outbox: PeerOutbox
  readonly #field: PeerField
  #isClosed = false
  #placedAll = true
  #payloadIn = 0
  #lastReadAt: number
  #blocksReceived = 0
  #requestsReceived = 0
  #cancelsReceived = 0
  #geometry: Geometry | undefined

  constructor(
    host: PeerHost,
    options: {
      readonly slot: number
      readonly socket: TcpSocket
      readonly reserved: Uint8Array
      readonly peerId: Uint8Array
      readonly source: CandidateSource
      readonly incoming: boolean
      readonly candidate: Candidate | undefined
      readonly isEncrypted: boolean
    },
  ) {
    this.#host = host
    this.#socket = options.socket
    this.slot = options.slot
    this.endpoint = options.socket.remote
    this.key = endpointKey(options.socket.remote)
    this.source = options.source
    this.incoming = options.incoming
    this.candidate = options.candidate
    this.isEncrypted = options.isEncrypted
    this.peerId = options.peerId
    this.supports = parseReserved(options.reserved)
    this.client = clientName(options.peerId)
    const now = host.now()
    this.connectedAt = now
    this.#lastReadAt = now
    this.lastPayloadAt = now
    this.#outbox = new PeerOutbox(options.socket, () => host.now())
    this.#field = new PeerField({
      onField: () => host.onField(this),
      onHave: piece => host.onHave(this, piece),
      isClosed: () => this.#isClosed,
    })
    this.#decoder = new WireDecoder(
      {
        placeFor: (piece, begin, length) => {
          const place = this.#host.placeFor(this, piece, begin, length)
          if (!place) this.#placedAll = false
          return place
        },
        onBlock: (piece, begin, length) => this.#receiveBlock(piece, begin, length),
        onMessage: (id, body) => this.#receive(id, body),
        onKeepAlive: () => {},
      },
      LIMITS.wire.messageBytes,
    )
  }

  get isClosed(): boolean {
    return this.#isClosed
  }
  get isSnubbed(): boolean {
    return this.window.isSnubbed
  }
  /** Undefined before metadata. */
  get field(): Bitfield | undefined {
    return this.#field.bits
  }
  get isSeed(): boolean {
    return this.#field.isFull
  }
  /** Bytes on their way out, those that wait for the end of the current read included. */
  get unsent(): number {
    return this.#outbox.unsent
  }
  get hasField(): boolean {
    return this.#field.isTold
  }
  downRate(now: number): number {
    return this.downMeter.rate(now)
  }
  upRate(now: number): number {
    return this.upMeter.rate(now)
  }

  /** Takes the socket over; `rest` came behind the handshake. */
  start(rest: Uint8Array): void {
    this.#socket.attach({
      onData: bytes => this.#onData(bytes),
      onDrain: () => this.#host.onDrain(this),
      onClose: error => this.#end(error),
    })
    if (rest.length > 0) this.#onData(rest)
    if (!this.#isClosed) this.#socket.resume()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#outbox.close()
    this.#decoder.stop()
    this.#socket.close()
  }

  /** Stops reading while a rate limit is in debt: TCP slows the sender. */
  pauseReading(): void {
    this.isPaused = true
    this.#socket.pause()
  }
  resumeReading(): void {
    this.isPaused = false
    this.#socket.resume()
  }

  /** What was asked is void: should one of those blocks be half here, its memory may belong to something else by now. */
  requestsVoided(): void {
    if (this.#decoder.isInBlock) this.#placedAll = false
  }

  // ---- what we tell it

  send(message: Uint8Array): void {
    this.#outbox.send(message)
  }

  /** Many chunks, one write: block headers and payloads. The bytes are never changed afterwards. */
  sendMany(chunks: readonly Uint8Array[]): void {
    this.#outbox.sendMany(chunks)
  }

  /** Waits for the next write or tick: haves come in bursts. */
  queueHave(piece: number): void {
    this.#outbox.queueHave(piece)
  }

  sendRequests(list: BlockList, geometry: Geometry): void {
    this.blocksAsked += list.length
    this.send(encode.encodeRequests(list, geometry))
  }

  setChoking(choking: boolean): void {
    if (this.amChoking === choking) return
    this.amChoking = choking
    if (!choking) {
      this.unchokedAt = this.#host.now()
      this.send(encode.UNCHOKE)
      return
    }
    this.send(encode.CHOKE)
    // BEP 6: every request that will not be answered is rejected; without it the choke itself says so (BEP 3).
    for (; this.uploads.length > 0; this.uploads.shift()) {
      if (!this.supports.fast) continue
      this.send(encode.encodeReject(this.uploads.piece, this.uploads.begin, this.uploads.blockLength))
    }
  }

  setInterested(interested: boolean): void {
    if (this.amInterested === interested) return
    this.amInterested = interested
    this.send(interested ? encode.INTERESTED : encode.NOT_INTERESTED)
  }

  /** Moves the counter behind our interest and tells the peer when the answer changes. */
  addWanted(delta: number): void {
    this.wanted += delta
    this.setInterested(this.wanted > 0)
  }

  // ---- time

  /** @returns an error when it has been silent, or deaf, for too long */
  tick(now: number): EngineError | undefined {
    this.window.tick(now)
    this.#outbox.flush()
    if (now - this.#lastReadAt > LIMITS.wire.idleMs && !this.isPaused) {
      return new EngineError('PEER_TIMEOUT', 'peer', 'silent for two minutes')
    }
    return this.#outbox.tick(now)
  }

  // ---- metadata arrives

  /** The torrent's shape is known from here on: what the peer said before is judged by it. */
  adoptGeometry(geometry: Geometry): void {
    this.#geometry = geometry
    this.#field.adoptGeometry(geometry)
  }

  // ---- what it tells us

  #onData(bytes: Uint8Array): void {
    this.#outbox.hold()
    try {
      this.#lastReadAt = this.#host.now()
      this.#decoder.push(bytes)
      if (this.#payloadIn > 0) {
        this.downMeter.add(this.#payloadIn, this.#lastReadAt)
        this.lastPayloadAt = this.#lastReadAt
        this.#payloadIn = 0
      }
      if (!this.#isClosed) this.#host.onRead(this, bytes.length)
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#outbox.release()
    }
    this.#outbox.flush()
    const overfull = this.#outbox.overfull()
    if (overfull) this.#fail(overfull)
  }

  #receiveBlock(piece: number, begin: number, length: number): void {
    const placed = this.#placedAll
    this.#placedAll = true
    if (++this.#blocksReceived > this.blocksAsked + UNASKED_MOST)
      throw new EngineError('WIRE_PROTOCOL', 'peer', 'sends more blocks than it was asked for')
    this.#payloadIn += length
    this.#host.onBlock(this, piece, begin, length, placed)
  }

  #receive(id: number, body: Uint8Array): void {
    if (id === MESSAGE.HAVE && body.length === 4) return this.#field.receiveHave(readU32(body, 0))
    const message = parseMessage(id, body)
    switch (message.kind) {
      case 'choke':
        if (this.peerChoking) return
        this.peerChoking = true
        return this.#host.onChoked(this, !this.supports.fast)
      case 'unchoke':
        if (!this.peerChoking) return
        this.peerChoking = false
        return this.#host.onUnchoked(this)
      case 'interested':
      case 'not-interested':
        if (this.peerInterested === (message.kind === 'interested')) return
        this.peerInterested = message.kind === 'interested'
        return this.#host.onInterest(this)
      case 'have':
        return this.#field.receiveHave(message.piece)
      case 'bitfield':
        return this.#field.receiveField(message.bytes)
      case 'have-all':
      case 'have-none':
        if (!this.supports.fast)
          throw new EngineError('WIRE_PROTOCOL', 'peer', `${message.kind} without the fast extension`)
        return this.#field.receiveField(message.kind === 'have-all' ? 'all' : undefined)
      case 'request':
        return this.#receiveRequest(message.piece, message.begin, message.length)
      case 'cancel':
        // Each costs a look through the queue, so there may not be more of them than there was to cancel.
        if (++this.#cancelsReceived > this.#requestsReceived + LIMITS.wire.reqqAdvertised)
          throw new EngineError('WIRE_PROTOCOL', 'peer', 'cancels what it never asked for')
        if (this.uploads.cancel(message.piece, message.begin, message.length) && this.supports.fast) {
          this.send(encode.encodeReject(message.piece, message.begin, message.length))
        }
        return
      case 'reject':
        return this.#host.onReject(this, message.piece, message.begin, message.length)
      case 'port':
        return this.#host.onNodePort(this, message.port)
      case 'extended':
        return this.#receiveExtended(message.id, message.payload)
      default:
        // Suggest, allowed-fast, hashes and what nobody knows: harmless, and of no use to us.
        return
    }
  }

  #receiveRequest(piece: number, begin: number, length: number): void {
    const geometry = this.#geometry
    const isSane =
      geometry?.isPiece(piece) && length <= LIMITS.wire.requestBytes && geometry.isInside(piece, begin, length)
    if (!isSane)
      throw new EngineError('WIRE_PROTOCOL', 'peer', `asks for ${length} bytes at ${begin} of piece ${piece}`)
    this.#requestsReceived++
    // Asked before our choke arrived there, or more than we said we would queue: not an offence.
    if (this.amChoking || !this.uploads.push(piece, begin, length)) {
      if (this.supports.fast) this.send(encode.encodeReject(piece, begin, length))
      return
    }
    this.#host.onRequest(this)
  }

  #receiveExtended(id: number, payload: Uint8Array): void {
    if (id !== 0) return this.#host.onExtended(this, id, payload)
    const handshake = parseExtendedHandshake(payload)
    this.extended = handshake
    if (handshake.client !== '') this.client = handshake.client
    if (handshake.reqq !== undefined) this.window.setMost(handshake.reqq)
    if (handshake.uploadOnly !== undefined) this.isUploadOnly = handshake.uploadOnly
    if (handshake.port !== undefined) this.listenEndpoint = { ...this.endpoint, port: handshake.port }
    this.#host.onExtendedHandshake(this)
  }

  #fail(thrown: unknown): void {
    if (this.#isClosed) return
    this.#socket.close()
    this.#end(toEngineError(thrown))
  }

  #end(error: EngineError | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#outbox.close()
    this.#decoder.stop()
    this.#host.onClosed(this, error)
  }
}
