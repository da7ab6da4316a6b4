import { Bitfield } from '#engine/base/bitfield.ts'
import { readU32, writeU32 } from '#engine/base/bytes.ts'
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
import { RequestWindow } from './request-window.ts'
import { UploadQueue } from './upload-queue.ts'

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

const HAVES_BEFORE_GEOMETRY = 50_000
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
  /** Undefined before metadata. */
  field: Bitfield | undefined
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
  #outbox: Uint8Array[] = []
  #outboxBytes = 0
  #haves: number[] = []
  #isHandling = false
  #isClosed = false
  #placedAll = true
  #payloadIn = 0
  #lastReadAt: number
  #lastWriteAt: number
  #written = 0
  /** Bytes of what we wrote that it has taken, and since when that stands still. */
  #taken = 0
  #takenAt = 0
  #blocksReceived = 0
  #requestsReceived = 0
  #cancelsReceived = 0
  #hasField = false
  /** Its first word was a bitfield, have-all or have-none, not a have. */
  #openedWithField = false
  #earlyField: Uint8Array | 'all' | undefined
  #earlyHaves: number[] = []
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
    this.#lastWriteAt = now
    this.lastPayloadAt = now
    this.#takenAt = now
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
  get isSeed(): boolean {
    return this.field?.isFull ?? this.#earlyField === 'all'
  }
  /** Bytes on their way out, those that wait for the end of the current read included. */
  get unsent(): number {
    return this.#socket.unsent + this.#outboxBytes
  }
  get hasField(): boolean {
    return this.#hasField
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
    if (this.#isClosed) return
    this.#outbox.push(message)
    this.#outboxBytes += message.length
    if (!this.#isHandling) this.flush()
  }

  /** Many chunks, one write: block headers and payloads. The bytes are never changed afterwards. */
  sendMany(chunks: readonly Uint8Array[]): void {
    if (this.#isClosed) return
    for (const chunk of chunks) {
      this.#outbox.push(chunk)
      this.#outboxBytes += chunk.length
    }
    if (!this.#isHandling) this.flush()
  }

  /** Waits for the next write or tick: haves come in bursts. */
  queueHave(piece: number): void {
    this.#haves.push(piece)
  }

  flush(): void {
    if (this.#isClosed) return
    if (this.#haves.length > 0) {
      const bytes = new Uint8Array(this.#haves.length * 9)
      for (let at = 0; at < this.#haves.length; at++) {
        writeU32(bytes, at * 9, 5)
        bytes[at * 9 + 4] = MESSAGE.HAVE
        writeU32(bytes, at * 9 + 5, this.#haves[at]!)
      }
      this.#haves = []
      this.#outbox.push(bytes)
      this.#outboxBytes += bytes.length
    }
    if (this.#outbox.length === 0) return
    const chunks = this.#outbox
    this.#outbox = []
    this.#written += this.#outboxBytes
    this.#outboxBytes = 0
    this.#lastWriteAt = this.#host.now()
    this.#socket.writeMany(chunks)
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
    this.flush()
    if (now - this.#lastReadAt > LIMITS.wire.idleMs && !this.isPaused) {
      return new EngineError('PEER_TIMEOUT', 'peer', 'silent for two minutes')
    }
    const { unsent } = this.#socket
    const taken = this.#written - unsent
    // A slow reader never takes all, because we keep giving: what counts is that it takes something.
    if (unsent === 0 || taken > this.#taken) this.#takenAt = now
    this.#taken = taken
    if (now - this.#takenAt > LIMITS.wire.unreadMs) return new EngineError('PEER_TIMEOUT', 'peer', 'takes no data')
    if (unsent > LIMITS.wire.unsentBytes) return overfull(unsent)
    if (now - this.#lastWriteAt > LIMITS.wire.keepAliveMs) this.send(encode.KEEP_ALIVE)
    return undefined
  }

  // ---- metadata arrives

  /** The torrent's shape is known from here on: what the peer said before is judged by it. */
  adoptGeometry(geometry: Geometry): void {
    this.#geometry = geometry
    const early = this.#earlyField
    if (early instanceof Uint8Array) this.field = Bitfield.parse(early, geometry.pieceCount)
    else this.field = new Bitfield(geometry.pieceCount)
    if (early === 'all') this.field.fill()
    for (const piece of this.#earlyHaves) {
      if (!geometry.isPiece(piece)) throw new EngineError('WIRE_PROTOCOL', 'peer', `has piece ${piece} beyond the end`)
      this.field.set(piece)
    }
    if (this.#earlyHaves.length > 0) this.#hasField = true
    this.#earlyField = undefined
    this.#earlyHaves = []
  }

  // ---- what it tells us

  #onData(bytes: Uint8Array): void {
    this.#isHandling = true
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
      this.#isHandling = false
    }
    this.flush()
    // It asks and does not listen: answers must not pile up, however short they are.
    if (this.#socket.unsent > LIMITS.wire.unsentBytes) this.#fail(overfull(this.#socket.unsent))
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
    if (id === MESSAGE.HAVE && body.length === 4) return this.#receiveHave(readU32(body, 0))
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
        return this.#receiveHave(message.piece)
      case 'bitfield':
        return this.#receiveField(message.bytes)
      case 'have-all':
      case 'have-none':
        if (!this.supports.fast)
          throw new EngineError('WIRE_PROTOCOL', 'peer', `${message.kind} without the fast extension`)
        return this.#receiveField(message.kind === 'have-all' ? 'all' : undefined)
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

  #receiveHave(piece: number): void {
    const geometry = this.#geometry
    if (!geometry || !this.field) {
      if (this.#earlyHaves.length >= HAVES_BEFORE_GEOMETRY)
        throw new EngineError('WIRE_PROTOCOL', 'peer', 'floods haves')
      this.#earlyHaves.push(piece)
      return
    }
    if (!geometry.isPiece(piece)) throw new EngineError('WIRE_PROTOCOL', 'peer', `has piece ${piece} beyond the end`)
    if (!this.#hasField) this.#announceField()
    if (this.field.set(piece)) this.#host.onHave(this, piece)
  }

  #receiveField(said: Uint8Array | 'all' | undefined): void {
    if (this.#hasField) return this.#receiveLaterField(said)
    this.#openedWithField = true
    const geometry = this.#geometry
    if (!geometry) {
      this.#hasField = true
      // The body is lent; kept until metadata tells how long it should have been.
      this.#earlyField = said instanceof Uint8Array ? said.slice() : said
      return
    }
    if (said instanceof Uint8Array) this.field = Bitfield.parse(said, geometry.pieceCount)
    else if (said === 'all') this.field?.fill()
    this.#announceField()
  }

  /** aria2 puts many haves into one more bitfield when that is shorter: welcome while it adds, and takes nothing back. */
  #receiveLaterField(said: Uint8Array | 'all' | undefined): void {
    const { field } = this
    const geometry = this.#geometry
    const isSum = said instanceof Uint8Array && this.#openedWithField
    if (isSum && (!geometry || !field)) {
      this.#earlyField = said.slice() // lent, as the first one was
      return
    }
    const sum = isSum && geometry ? Bitfield.parse(said, geometry.pieceCount) : undefined
    if (!field || !sum || sum.count <= field.count) {
      throw new EngineError('WIRE_PROTOCOL', 'peer', 'tells what it has twice')
    }
    for (const piece of field.indices()) {
      if (!sum.has(piece)) throw new EngineError('WIRE_PROTOCOL', 'peer', 'takes back what it has')
    }
    for (const piece of sum.indices()) {
      if (this.#isClosed) return
      if (field.set(piece)) this.#host.onHave(this, piece)
    }
  }

  #announceField(): void {
    this.#hasField = true
    this.#host.onField(this)
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
    this.#decoder.stop()
    this.#host.onClosed(this, error)
  }
}

const overfull = (bytes: number): EngineError =>
  new EngineError('PEER_TIMEOUT', 'peer', `has ${bytes} bytes of answers that it does not take`)
