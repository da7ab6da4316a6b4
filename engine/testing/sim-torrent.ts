import type { Notice } from '#engine/api/model.ts'
import { encode } from '#engine/bencode/encode.ts'
import { concat } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { sameBytes, peerId, infoHash, toHex } from '#engine/base/ids.ts'
import { Throttle } from '#engine/base/throttle.ts'
import type { SimIo } from '#engine/io/sim/sim-io.ts'
import { parseMetainfo } from '#engine/metainfo/metainfo.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import { receiveHandshake } from '#engine/peer/connector.ts'
import { ReadCache } from '#engine/storage/read-cache.ts'
import { Torrent } from '#engine/torrent/torrent.ts'
import type { TorrentHost, TorrentSpec } from '#engine/torrent/types.ts'
import { TrackerService } from '#engine/tracker/tracker-service.ts'
import { encodeHandshake } from '#engine/wire/handshake.ts'
import { reservedBytes } from '#engine/wire/handshake.ts'
import { nodeHashes } from './hashes.ts'

export interface TestFile {
  readonly path: readonly string[]
  readonly bytes: Uint8Array
}

/** A v1 torrent of these files, with its payload: what every simulated swarm moves around. */
export function makeTorrent(
  name: string,
  files: readonly TestFile[],
  options: {
    pieceLength?: number
    trackers?: readonly string[]
    webSeeds?: readonly string[]
    isPrivate?: boolean
  } = {},
): { metainfo: Metainfo; bytes: Uint8Array; payload: Uint8Array } {
  const pieceLength = options.pieceLength ?? 32 * 1024
  const payload = concat(files.map(file => file.bytes))
  const hashes: Uint8Array[] = []
  for (let at = 0; at < payload.length; at += pieceLength)
    hashes.push(nodeHashes.sha1(payload.subarray(at, at + pieceLength)))
  const info = {
    name,
    'piece length': pieceLength,
    pieces: concat(hashes),
    ...(options.isPrivate ? { private: 1 } : {}),
    ...(files.length === 1 && files[0]!.path.length === 0
      ? { length: payload.length }
      : { files: files.map(file => ({ length: file.bytes.length, path: [...file.path] })) }),
  }
  const bytes = encode({
    info,
    ...(options.webSeeds?.length ? { 'url-list': [...options.webSeeds] } : {}),
    ...(options.trackers?.length
      ? { announce: options.trackers[0]!, 'announce-list': options.trackers.map(url => [url]) }
      : {}),
  })
  return { metainfo: parseMetainfo(bytes, nodeHashes), bytes, payload }
}

/** One torrent on one simulated computer: a session's duties, done by hand and short. */
export class SimPeer {
  readonly torrent: Torrent
  readonly io: SimIo
  readonly endpoint: Endpoint
  readonly notices: Notice[] = []
  readonly claimed = new Set<number>()
  metadata: Metainfo | undefined
  readonly #host: TorrentHost
  readonly #ticking: { stop: () => void }
  #dials = 0

  private constructor(
    io: SimIo,
    torrent: Torrent,
    host: TorrentHost,
    endpoint: Endpoint,
    ticking: { stop: () => void },
  ) {
    this.io = io
    this.torrent = torrent
    this.#host = host
    this.endpoint = endpoint
    this.#ticking = ticking
  }

  get dials(): number {
    return this.#dials
  }
  get host(): TorrentHost {
    return this.#host
  }

  static async start(
    io: SimIo,
    given: Partial<TorrentSpec> & { metainfo: Metainfo | null },
    options: { maxPeers?: number; uploadSlots?: number } = {},
  ): Promise<SimPeer> {
    const endpoint: Endpoint = { address: io.host.address, port: 6881, family: 4 }
    const root: Throttle[] = [new Throttle(), new Throttle()]
    let self: SimPeer | undefined
    const host: TorrentHost = {
      io,
      trackers: new TrackerService(io, { userAgent: 'Freshet/test' }),
      readCache: new ReadCache(4 * 1024 * 1024),
      down: root[0]!,
      up: root[1]!,
      peerId: peerId(concat([new TextEncoder().encode('-FH0100-'), io.random.bytes(12)])),
      announceKey: 7,
      userAgent: 'Freshet/test',
      options: {
        maxPeersPerTorrent: options.maxPeers ?? 50,
        uploadSlots: options.uploadSlots ?? 0,
        allowLocalTrackers: true,
        useTrackers: true,
        encryption: 'off',
        pex: true,
      },
      listenPort: () => endpoint.port,
      nodePort: () => 0,
      onNode: () => {},
      onExternalAddress: () => {},
      acquirePeer: () => true,
      releasePeer: () => {},
      acquireDial: () => true,
      releaseDial: () => {},
      isOurself: to => to.address === endpoint.address,
      onDirty: () => {},
      onClaim: (_, pieces) => {
        for (const piece of pieces) self?.claimed.add(piece)
      },
      onMetadata: (_, metainfo) => {
        if (self) self.metadata = metainfo
      },
      onNotice: notice => void self?.notices.push(notice),
      checkTurn: () => Promise.resolve({ [Symbol.dispose]: () => {} }),
    }
    const torrent = new Torrent(
      {
        id: given.metainfo?.infoHashV1 ? toHex(given.metainfo.infoHashV1) : 'magnet',
        magnet: null,
        trackers: given.metainfo?.trackers ?? [],
        savePath: '/data',
        addedAt: io.clock.wall(),
        intent: 'run',
        sequential: false,
        limitDown: 0,
        limitUp: 0,
        skipCheck: false,
        stopAfterMetadata: false,
        trackersByUser: true,
        peers: [],
        resume: null,
        ...given,
      },
      host,
    )
    let isStopped = false
    const tick = (): void => {
      if (isStopped) return
      torrent.tick(io.clock.now())
      io.clock.after(100, tick)
    }
    tick()
    self = new SimPeer(io, torrent, host, endpoint, { stop: () => (isStopped = true) })
    await self.#listen()
    torrent.setMayRun(true)
    return self
  }

  async #listen(): Promise<void> {
    const { torrent, io } = this
    const abort = new AbortController()
    await io.tcp.listen({ host: io.host.address, port: this.endpoint.port }, socket => {
      this.#dials++
      receiveHandshake(socket, io.clock, abort.signal).then(
        ({ handshake, rest }) => {
          const own = torrent.metainfo?.infoHashV1 ?? torrent.spec.magnet?.infoHashV1
          if (!own || !sameBytes(own, handshake.infoHash)) return socket.close()
          socket.writeMany([
            encodeHandshake({
              infoHash: infoHash(handshake.infoHash),
              peerId: this.#host.peerId,
              reserved: reservedBytes({ extensions: true, fast: true, dht: false, v2: false }),
            }),
          ])
          const { reserved, peerId: theirs } = handshake
          if (
            !torrent.adoptIncoming({
              socket,
              reserved,
              peerId: theirs,
              infoHash: infoHash(own),
              rest,
              isEncrypted: false,
            })
          )
            socket.close()
        },
        () => {},
      )
    })
  }

  /** The process goes away between two instructions: nobody says goodbye. */
  kill(): void {
    this.#ticking.stop()
    for (const socket of [...this.io.host.sockets]) socket.close()
  }

  async stop(): Promise<void> {
    await this.torrent.stop(1_000)
    this.#ticking.stop()
  }

  fileBytes(path: string): Uint8Array | undefined {
    return this.io.volume.files.get(`/data/${path}`)?.bytes
  }
}
