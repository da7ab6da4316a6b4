import type { ApiFailure } from './failures.ts'
import type { FileIndex, TorrentId } from './ids.ts'

/** One at a time, the first that applies (docs/state-machines.md). Derived in the engine, stored nowhere. */
export type TorrentStatus =
  | 'error' // the engine gave up: `TorrentRow.error` says why
  | 'checking' // hash check under way: `TorrentRow.checkProgress`
  | 'check-queued' // waits for its turn to be checked
  | 'paused' // by the user
  | 'done' // complete, stopped by a goal
  | 'queued' // wants to run, no slot
  | 'metadata' // a magnet that looks for its file list
  | 'stalled' // wants data and none comes: `TorrentRow.reason` says why
  | 'downloading'
  | 'seeding' // complete for what is wanted
  | 'stopping' // saying goodbye to peers and trackers

/** Why a torrent is not doing what its owner hopes, the most telling cause first. */
export type StatusReason =
  | { readonly kind: 'no-peers' } // nobody known
  | { readonly kind: 'no-seeds' } // the connected peers together lack pieces
  | { readonly kind: 'all-busy' } // everybody chokes us
  | { readonly kind: 'connecting' } // addresses known, none connected yet
  | { readonly kind: 'tracker-refused'; readonly host: string; readonly text: string } // verbatim
  | { readonly kind: 'tracker-unreachable'; readonly host: string; readonly text: string }
  | { readonly kind: 'no-trackers' } // private, or nothing to ask
  | { readonly kind: 'nobody-asks' } // seeding, idle
  | { readonly kind: 'nothing-wanted' } // every file is skipped

export type TorrentKind = 'v1' | 'v2' | 'hybrid'

/** Identity and slow fields: sent whole when any of them changed. */
export interface TorrentRow {
  readonly id: TorrentId
  readonly name: string
  readonly kind: TorrentKind
  /** Lower-case hex, null where the torrent has no such side. */
  readonly infohashV1: string | null
  readonly infohashV2: string | null
  readonly private: boolean
  /** False for a magnet until its metadata arrived; sizes and counts are 0 until then. */
  readonly hasMetadata: boolean
  /** Bytes without padding. */
  readonly totalSize: number
  /** Bytes of the files that are not skipped. */
  readonly wantedSize: number
  readonly pieceLength: number
  readonly pieceCount: number
  readonly fileCount: number
  readonly status: TorrentStatus
  readonly reason: StatusReason | null
  readonly error: ApiFailure | null
  /** 1-based place in the download queue; 0 for torrents that are complete. */
  readonly queuePosition: number
  /** Milliseconds since 1970. */
  readonly addedAt: number
  readonly completedAt: number | null
  /** Absolute folder that holds the torrent's file or top folder. */
  readonly savePath: string
  /** Host of the tracker in use, for the list. */
  readonly trackerHost: string | null
  /** B/s, 0 = no limit. */
  readonly limitDown: number
  readonly limitUp: number
  readonly sequential: boolean
  readonly comment: string
  readonly createdBy: string
  /** Seconds since 1970. */
  readonly creationDate: number | null
}

/** Order of columns in a `StatsRow`; part of the contract. */
export const STATS_COLUMNS = [
  'id',
  'progress',
  'pending',
  'down',
  'up',
  'peers',
  'peersKnown',
  'seeds',
  'seedsKnown',
  'eta',
  'left',
  'downloaded',
  'uploaded',
  'ratio',
] as const

/** Numbers that move: a tuple, because it is cloned and sent a thousand times a second. Columns as in `STATS_COLUMNS`. */
export type StatsRow = readonly [
  id: TorrentId,
  /** 0..1 of the wanted bytes, verified (or checked so far, while checking). */
  progress: number,
  /** 0..1 of the wanted bytes, received and not verified yet. */
  pending: number,
  /** Payload B/s. */
  down: number,
  up: number,
  /** Connected leeches; known from trackers or seen (-1 unknown). */
  peers: number,
  peersKnown: number,
  /** Connected seeds; known from trackers (-1 unknown). */
  seeds: number,
  seedsKnown: number,
  /** Seconds until complete, -1 when nobody can say. */
  eta: number,
  /** Wanted bytes not verified yet. */
  left: number,
  /** Payload bytes of all time. */
  downloaded: number,
  uploaded: number,
  /** uploaded / downloaded (or / size for data that was there already); -1 while there is nothing to divide by. */
  ratio: number,
]

/** 0 skip · 1 low · 2 normal · 3 high */
export type FilePriority = 0 | 1 | 2 | 3

/** What never changes about a file. Padding files are not listed; `index` counts them. */
export interface FileEntry {
  readonly index: FileIndex
  /** `/` between elements, the torrent's own top folder included. As shown, not as stored. */
  readonly path: string
  readonly length: number
  readonly firstPiece: number
  readonly lastPiece: number
}

/** [file index, verified bytes, priority] */
export type FileStats = readonly [index: FileIndex, done: number, priority: FilePriority]

export type PeerSource = 'tracker' | 'dht' | 'pex' | 'lsd' | 'incoming' | 'manual' | 'resume' | 'web-seed'

export interface PeerRow {
  /** `address:port` as connected; unique within the torrent. */
  readonly key: string
  readonly address: string
  readonly port: number
  /** "qBittorrent 5.0", or '' before the handshake told. Text of a stranger: show as text. */
  readonly client: string
  readonly source: PeerSource
  readonly incoming: boolean
  readonly transport: 'tcp' | 'utp' | 'web-seed'
  readonly encrypted: boolean
  /** 0..1 */
  readonly progress: number
  readonly down: number
  readonly up: number
  readonly downloaded: number
  readonly uploaded: number
  readonly amChoking: boolean
  readonly amInterested: boolean
  readonly peerChoking: boolean
  readonly peerInterested: boolean
  readonly snubbed: boolean
  readonly optimistic: boolean
  /** Blocks we asked for and wait for; blocks the peer waits for. */
  readonly requestsOut: number
  readonly requestsIn: number
  /** Milliseconds since 1970. */
  readonly connectedAt: number
  /** Pieces that failed their hash with blocks of this peer in them. */
  readonly hashFails: number
}

export type TrackerState = 'waiting' | 'announcing' | 'working' | 'failed' | 'refused' | 'off'

export interface TrackerRow {
  readonly tier: number
  /** Passkeys masked: never the whole URL. */
  readonly url: string
  readonly host: string
  readonly state: TrackerState
  /** Milliseconds since 1970; null when none is planned. */
  readonly nextAnnounceAt: number | null
  /** "Announce now" is refused before this; null = allowed. */
  readonly announceAllowedAt: number | null
  readonly lastAnnounceAt: number | null
  /** Verbatim text of the tracker, or what went wrong on the way to it. */
  readonly message: string
  readonly seeds: number | null
  readonly leeches: number | null
  readonly completed: number | null
  /** Addresses in the last answer. */
  readonly peersReceived: number | null
}

/** Slow facts that only the open torrent needs. */
export interface TorrentDetail {
  readonly id: TorrentId
  readonly webSeeds: readonly string[]
  readonly magnet: string
  /** Bytes that failed their hash, and bytes that came twice. */
  readonly corrupt: number
  readonly redundant: number
  readonly piecesHave: number
  /** Distributed copies among the connected peers and us: whole copies + fraction. -1 without peers. */
  readonly availability: number
  /** Seconds it has been running, and seeding, of all time. */
  readonly activeSeconds: number
  readonly seedingSeconds: number
  readonly lastActivityAt: number | null
}

/**
 * One byte per piece. Low three bits: the state; for `ACTIVE` the high four hold how much has arrived, in fifteenths;
 * bit 3 (0x08) marks a piece that failed its hash before.
 */
export const PIECE = { MISSING: 0, ACTIVE: 1, VERIFYING: 2, HAVE: 3, SKIPPED: 4 } as const
export const PIECE_STATE_MASK = 0x07
export const PIECE_FAILED_BIT = 0x08
export const PIECE_ARRIVED_SHIFT = 4

export interface PieceInfo {
  readonly piece: number
  readonly length: number
  readonly state: number
  readonly availability: number
  readonly files: readonly { readonly path: string; readonly from: number; readonly to: number }[]
  /** Up to 20 addresses of connected peers that have it. */
  readonly peers: readonly string[]
  readonly peerCount: number
}

/** A way to find peers besides trackers. */
export interface FinderRow {
  readonly kind: 'dht' | 'pex' | 'lsd'
  readonly state: 'on' | 'resting' | 'off' | 'private'
  /** Connected peers that came by it. */
  readonly peers: number
  /** DHT: nodes in the table, null while it is off. */
  readonly nodes: number | null
}

/** Whether the router lets peers in. */
export interface PortMapping {
  readonly kind: 'off' | 'searching' | 'mapped' | 'failed'
  /** A sentence: what is, and what to do about it. */
  readonly text: string
  /** Where peers reach us from outside; null unless mapped. */
  readonly externalPort: number | null
}

export interface SessionStats {
  readonly down: number
  readonly up: number
  readonly downloaded: number
  readonly uploaded: number
  readonly peers: number
  /** Port that peers can reach us at; 0 while not listening. */
  readonly listenPort: number
  /** Why not listening or why on another port than set; '' if all is well. */
  readonly listenProblem: string
  /** Incoming connections seen since the start: the honest sign of being reachable. */
  readonly incoming: number
  readonly freeSpace: number | null
  /** Nodes in the DHT's table; null while it is off. */
  readonly dhtNodes: number | null
  readonly portMapping: PortMapping
  readonly downloadFolder: string
}

/** Something to tell people once. */
export interface Notice {
  readonly kind: 'finished' | 'error' | 'settings-reset'
  readonly id: TorrentId | null
  readonly text: string
}
