import type { InfoHash, InfoHashV2 } from '#engine/base/ids.ts'

/** File attributes of BEP 47. A symlink is shown and never created; nothing is written for it. */
export interface FileAttributes {
  readonly padding: boolean
  readonly executable: boolean
  readonly hidden: boolean
  readonly symlink: boolean
}

/**
 * The files of a torrent, in torrent order, padding included: flat arrays, because 100,000 objects are slow to make.
 * A file's bytes are [offsets[i], offsets[i] + lengths[i]) of the torrent's byte space, in which pieces are counted.
 * In v2-only torrents every file begins on a piece boundary, so there are gaps that belong to nobody.
 */
export interface FileTable {
  readonly count: number
  readonly lengths: Float64Array
  readonly offsets: Float64Array
  /** Safe relative path with `/`, the torrent's own top folder included for multi-file torrents (safe-path). */
  path(index: number): string
  attributes(index: number): FileAttributes
  /** Merkle root (32 bytes) of a file in v2 and hybrid torrents; absent for empty files and in v1. */
  piecesRoot(index: number): Uint8Array | undefined
}

export interface Metainfo {
  readonly kind: 'v1' | 'v2' | 'hybrid'
  readonly infoHashV1: InfoHash | null
  readonly infoHashV2: InfoHashV2 | null
  /** For people: control and bidi characters gone. Never a path. */
  readonly name: string
  /** Safe name of the folder that holds everything, '' for a single-file torrent. */
  readonly topFolder: string
  readonly pieceLength: number
  readonly pieceCount: number
  /** Bytes of the torrent's byte space: what v1 `pieces` cover, padding included. */
  readonly spaceLength: number
  /** Bytes without padding: what people call the size. */
  readonly totalSize: number
  /** 20 bytes per piece; empty for v2-only. */
  readonly pieceHashes: Uint8Array
  readonly files: FileTable
  /** BEP 12 tiers; only http, https and udp; duplicates left out. */
  readonly trackers: readonly (readonly string[])[]
  /** BEP 19, http and https, percent-encoded. Ends in `/`: the torrent's paths go behind it; else it is the one file itself. */
  readonly webSeeds: readonly string[]
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  readonly private: boolean
  readonly comment: string
  readonly createdBy: string
  /** Seconds since 1970; null when absent or absurd. */
  readonly creationDate: number | null
  /** The raw `info` dictionary: identity, and what BEP 9 serves. */
  readonly infoBytes: Uint8Array
  /** v2: concatenated hashes of `piece layers`, by hex root; empty for v1. */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>
  /**
   * Trackers in tier order and web seeds as the torrent lists them, those that we cannot use included (WebSocket trackers,
   * bare host names). To be shown as text, never contacted. Absent where it would repeat `trackers` and `webSeeds`.
   */
  readonly listed?: { readonly trackers: readonly string[]; readonly webSeeds: readonly string[] }
  /** Sentences about what is odd: renamed files, ignored parts. */
  readonly warnings: readonly string[]
}

export interface Magnet {
  readonly infoHashV1: InfoHash | null
  readonly infoHashV2: InfoHashV2 | null
  /** For people; '' when absent. */
  readonly name: string
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  /** `x.pe`, as written: `host:port`. */
  readonly peers: readonly string[]
  /** BEP 53 `so`: wanted file indices; null = all. */
  readonly selectOnly: readonly number[] | null
}
