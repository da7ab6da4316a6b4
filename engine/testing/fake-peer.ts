import { latin1 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import type { SimIo } from '#engine/io/sim/sim-io.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import { BLOCK_LENGTH } from '#engine/pieces/geometry.ts'
import { WireDecoder } from '#engine/wire/decoder.ts'
import { pieceHeader } from '#engine/wire/encoder.ts'
import { encodeHandshake, HandshakeReader, reservedBytes } from '#engine/wire/handshake.ts'
import { MESSAGE, parseMessage, type WireMessage } from '#engine/wire/message.ts'
import type { SimPeer } from './sim-torrent.ts'
import type { SimSwarm } from './swarm.ts'

export interface FakeHandshake {
  readonly infoHash?: Uint8Array
  readonly peerId?: Uint8Array
  readonly fast?: boolean
  readonly extensions?: boolean
}

/** A message as it goes over the wire: whatever the test wants to claim. */
export function message(id: number, ...body: readonly number[]): Uint8Array {
  return Uint8Array.from([...u32(1 + body.length), id, ...body])
}
export const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

/** One connection of a fake peer. It answers nothing by itself, and writes down what it hears. */
export class FakeWire {
  readonly heard: WireMessage[] = []
  /** Bytes that came in all. */
  received = 0
  theirHandshake: { readonly infoHash: Uint8Array; readonly peerId: Uint8Array } | undefined
  /** Virtual ms when the other side ended it. */
  closedAt: number | undefined
  onHeard: (message: WireMessage) => void = () => {}
  readonly swarm: SimSwarm
  readonly #socket: TcpSocket

  constructor(swarm: SimSwarm, socket: TcpSocket) {
    this.swarm = swarm
    this.#socket = socket
    const reader = new HandshakeReader()
    const hear = (id: number, body: Uint8Array): void => {
      const heard = parseMessage(id, body.slice())
      this.heard.push(heard)
      this.onHeard(heard)
    }
    const decoder = new WireDecoder(
      { placeFor: () => undefined, onBlock: () => {}, onMessage: hear, onKeepAlive: () => {} },
      2 ** 24,
    )
    socket.attach({
      onData: bytes => {
        this.received += bytes.length
        if (this.theirHandshake) return decoder.push(bytes)
        this.theirHandshake = reader.push(bytes)
        if (this.theirHandshake) decoder.push(reader.rest)
      },
      onDrain: () => {},
      onClose: () => (this.closedAt = swarm.clock.now()),
    })
  }

  get isClosed(): boolean {
    return this.closedAt !== undefined
  }
  /** Bytes that the other side has not taken. */
  get unsent(): number {
    return this.#socket.unsent
  }

  send(...chunks: readonly Uint8Array[]): void {
    this.#socket.writeMany(chunks)
  }

  shake(given: FakeHandshake = {}): void {
    const { metainfo } = this.swarm.torrent
    this.send(
      encodeHandshake({
        infoHash: given.infoHash ?? metainfo.infoHashV1!,
        peerId: given.peerId ?? this.swarm.random.bytes(20),
        reserved: reservedBytes({
          fast: given.fast ?? true,
          extensions: given.extensions ?? true,
          dht: false,
          v2: false,
        }),
      }),
    )
  }

  /** The blocks that it was asked for, each as `spoil` makes it. */
  answerRequests(spoil: (block: Uint8Array, piece: number, begin: number) => readonly Uint8Array[]): void {
    this.onHeard = heard => {
      if (heard.kind !== 'request') return
      const { piece, begin, length } = heard
      this.send(...spoil(this.block(piece, begin, length), piece, begin))
    }
  }

  /** The true bytes. */
  block(piece: number, begin: number, length = BLOCK_LENGTH): Uint8Array {
    const at = piece * this.swarm.torrent.metainfo.pieceLength + begin
    return this.swarm.torrent.payload.slice(at, at + length)
  }

  /** Every `ms`, until it is closed. */
  every(ms: number, act: () => void): void {
    if (this.isClosed) return
    act()
    this.swarm.clock.after(ms, () => this.every(ms, act))
  }

  stopReading(): void {
    this.#socket.pause()
  }
  close(): void {
    this.#socket.close()
  }
}

export const blockMessage = (piece: number, begin: number, bytes: Uint8Array): Uint8Array[] => [
  pieceHeader(piece, begin, bytes.length),
  bytes,
]

export const bitfieldMessage = (pieceCount: number): Uint8Array => {
  const bytes = new Uint8Array((pieceCount + 7) >>> 3).fill(0xff)
  const spare = bytes.length * 8 - pieceCount
  bytes[bytes.length - 1]! &= (0xff << spare) & 0xff
  return message(MESSAGE.BITFIELD, ...bytes)
}

/** The payload of an extended message, as the bencoded text it starts with and the bytes behind that. */
export const extended = (id: number, text: string, ...rest: readonly number[]): Uint8Array =>
  message(MESSAGE.EXTENDED, id, ...Array.from(text, char => char.charCodeAt(0) & 255), ...rest)

/** A computer of the simulated world that is no client at all: its connections do what a test says. */
export class FakePeer {
  readonly io: SimIo
  readonly endpoint: Endpoint
  readonly wires: FakeWire[] = []
  readonly #swarm: SimSwarm

  constructor(swarm: SimSwarm) {
    this.#swarm = swarm
    this.io = swarm.io()
    this.endpoint = { address: this.io.host.address, port: 6881, family: 4 }
  }

  /** Connects to a client; virtual time passes meanwhile. */
  async dial(to: SimPeer): Promise<FakeWire> {
    const { clock } = this.#swarm
    const dialled: TcpSocket[] = []
    void this.io.tcp
      .dial(to.endpoint, { timeoutMs: 5_000 }, new AbortController().signal)
      .then(socket => dialled.push(socket))
    await clock.until(() => dialled.length > 0, 5_000)
    return this.#adopt(dialled[0]!)
  }

  /** Is dialled by clients that were told its endpoint. */
  async listen(act: (wire: FakeWire) => void): Promise<void> {
    await this.io.tcp.listen({ host: this.endpoint.address, port: this.endpoint.port }, socket =>
      act(this.#adopt(socket)),
    )
  }

  #adopt(socket: TcpSocket): FakeWire {
    const wire = new FakeWire(this.#swarm, socket)
    this.wires.push(wire)
    return wire
  }
}

/** What `heard` extended messages with this number say, as text. */
export const extendedTexts = (wire: FakeWire, id: number): string[] =>
  wire.heard.flatMap(heard => (heard.kind === 'extended' && heard.id === id ? [latin1(heard.payload)] : []))
