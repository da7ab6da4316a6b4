import type { Endpoint } from '#engine/base/endpoint.ts'
import type { InfoHash, PeerId } from '#engine/base/ids.ts'
import type { Throttle } from '#engine/base/throttle.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { Encryption } from '#engine/api/settings.ts'
import type { Notice } from '#engine/api/model.ts'
import type { Io } from '#engine/io/io.ts'
import type { TcpSocket } from '#engine/io/tcp.ts'
import type { Magnet, Metainfo } from '#engine/metainfo/types.ts'
import type { ReadCache } from '#engine/storage/read-cache.ts'
import type { TrackerService } from '#engine/tracker/tracker-service.ts'

/** What the user asked for. The phase says how far we got; the two move independently. */
export type Intent = 'run' | 'pause'

/** What changed since it was last published; bits, so that ten changes cost one row. */
export const DIRTY = {
  ROW: 1,
  STATS: 2,
  FILES: 4,
  PEERS: 8,
  TRACKERS: 16,
  PIECES: 32,
  OVERVIEW: 64,
  RESUME: 128,
} as const

/** Size and mtime of a file when its bytes were last known to be good: a quick check compares them. */
export interface FileStamp {
  readonly size: number
  readonly mtimeMs: number
}

/** What must be remembered across restarts besides the .torrent itself. */
export interface TorrentResume {
  /** Verified and synced pieces, one bit each; null before metadata. */
  readonly have: Uint8Array | null
  /** One per file; null = all normal. */
  readonly priorities: Uint8Array | null
  /** One byte per file: 1 = its bytes in shared pieces live in the part file. */
  readonly inPartFile: Uint8Array | null
  /** One per file, undefined where there was none. null = never stamped: pieces must be checked before they are claimed. */
  readonly stamps: readonly (FileStamp | undefined)[] | null
  /** It was stopped in order: files are exactly as stamped. Otherwise they may be newer, never shorter. */
  readonly clean: boolean
  /** Bytes of all time. */
  readonly downloaded: number
  readonly uploaded: number
  readonly corrupt: number
  readonly redundant: number
  readonly activeSeconds: number
  readonly seedingSeconds: number
  readonly completedAt: number | null
  /** Good addresses to try first. */
  readonly peers: readonly string[]
}

export interface TorrentSpec {
  readonly id: TorrentId
  readonly metainfo: Metainfo | null
  /** Set while there is no metainfo. */
  readonly magnet: Magnet | null
  /** Tiers in use; may differ from the .torrent's after editing. */
  readonly trackers: readonly (readonly string[])[]
  readonly savePath: string
  readonly addedAt: number
  readonly intent: Intent
  readonly sequential: boolean
  /** B/s, 0 = no limit. */
  readonly limitDown: number
  readonly limitUp: number
  /** Trust what lies on disk without looking (CLI `seed --skip-check`, freshly created torrents). */
  readonly skipCheck: boolean
  /** A magnet pauses when its metadata is here. */
  readonly stopAfterMetadata: boolean
  /** Trackers that the user named, by add or edit: these may be local addresses. */
  readonly trackersByUser: boolean
  /** Addresses to dial at once: `x.pe` and `--peer`. */
  readonly peers: readonly Endpoint[]
  readonly resume: TorrentResume | null
}

/** All that a torrent may ask of its session. */
export interface TorrentHost {
  readonly io: Io
  readonly trackers: TrackerService
  readonly readCache: ReadCache
  /** Session-wide limits; a torrent hangs its own below. */
  readonly down: Throttle
  readonly up: Throttle
  readonly peerId: PeerId
  /** u32 for announces, constant in a session. */
  readonly announceKey: number
  readonly userAgent: string
  readonly options: {
    readonly maxPeersPerTorrent: number
    readonly uploadSlots: number
    readonly allowLocalTrackers: boolean
    readonly useTrackers: boolean
    readonly encryption: Encryption
    readonly pex: boolean
  }
  /** Port for announces and the extension handshake; 0 while not listening. */
  listenPort(): number
  /** Takes one of the session's connections, or says no. Give it back with `releasePeer`. */
  acquirePeer(): boolean
  releasePeer(): void
  /** Takes one of the session's half-open dials, or says no. */
  acquireDial(): boolean
  releaseDial(): void
  /** Our own listening addresses and those known to be us: never dialled. */
  isOurself(endpoint: Endpoint): boolean
  /** Port of our DHT node; 0 while there is none. */
  nodePort(): number
  /** A peer told where its DHT node listens. */
  onNode(node: Endpoint): void
  /** Somebody says what our address is (BEP 24, `yourip`): one vote, never trusted alone. */
  onExternalAddress(address: string, from: string): void
  /** Bits of `DIRTY`. */
  onDirty(id: TorrentId, bits: number): void
  /** Pieces that are written and synced: the journal may claim them now. */
  onClaim(id: TorrentId, pieces: readonly number[]): void
  /** A magnet became whole: the session stores the .torrent before anything is downloaded. */
  onMetadata(id: TorrentId, metainfo: Metainfo): void
  onNotice(notice: Notice): void
  /** The torrent may start its check now; answers when it is its turn. One check per session at a time. */
  checkTurn(id: TorrentId, signal: AbortSignal): Promise<Disposable>
}

/** An accepted connection whose handshake named this torrent. */
export interface IncomingPeer {
  readonly socket: TcpSocket
  /** The 8 reserved bytes and the id of the handshake. */
  readonly reserved: Uint8Array
  readonly peerId: Uint8Array
  readonly infoHash: InfoHash
  /** Bytes that came after the handshake. */
  readonly rest: Uint8Array
  readonly isEncrypted: boolean
}
