import type { TorrentId } from './ids.ts'
import type {
  FileEntry,
  FileStats,
  FinderRow,
  Notice,
  PeerRow,
  SessionStats,
  StatsRow,
  TorrentDetail,
  TorrentRow,
  TrackerRow,
} from './model.ts'
import type { Settings } from './settings.ts'

export type DetailPart = 'overview' | 'files' | 'peers' | 'trackers' | 'pieces'

/** All that one client wants, sent whole whenever it changes. There is no unsubscribing to forget. */
export interface Watch {
  /** Frames a second for the list; 0 while hidden: then nothing comes, and one full frame when it rises again. */
  readonly listHz: number
  readonly detail: { readonly id: TorrentId; readonly parts: readonly DetailPart[] } | null
}

export interface PiecesFrame {
  readonly pieceCount: number
  /** Whole map, one byte per piece (`PIECE`), when the client has none yet; else null. */
  readonly states: Uint8Array | null
  /** Flat [index, state, index, state, …]. */
  readonly changes: readonly number[]
  /** Copies of each piece among connected peers, 255 = that or more; sent whole at most once a second. */
  readonly availability: Uint8Array | null
}

export interface DetailFrame {
  readonly id: TorrentId
  readonly overview: TorrentDetail | null
  /** Once per watch, and again when metadata arrived. */
  readonly fileList: readonly FileEntry[] | null
  readonly fileStats: readonly FileStats[]
  /** Whole list, when asked for. */
  readonly peers: readonly PeerRow[] | null
  readonly trackers: readonly TrackerRow[] | null
  /** With the trackers. */
  readonly finders: readonly FinderRow[] | null
  readonly pieces: PiecesFrame | null
}

/** Everything that changed since the last frame, and nothing that did not. */
export interface Frame {
  readonly seq: number
  /** Forget what you had: this is everything. */
  readonly full: boolean
  readonly rows: readonly TorrentRow[]
  readonly stats: readonly StatsRow[]
  readonly removed: readonly TorrentId[]
  readonly session: SessionStats | null
  readonly settings: Settings | null
  readonly detail: DetailFrame | null
  readonly notices: readonly Notice[]
}
