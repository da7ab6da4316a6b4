import type { FileIndex, TorrentId } from './ids.ts'
import type { FileEntry, FilePriority, PieceInfo, TorrentKind } from './model.ts'
import type { Settings } from './settings.ts'

/** What a user dropped, pasted or opened. Paths never cross a transport: whoever may read files sends their bytes. */
export type TorrentSource =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'magnet'; readonly uri: string }
  /** http(s) address of a .torrent; fetched by the engine, local addresses refused. */
  | { readonly kind: 'url'; readonly url: string }

/** What the add sheet shows before anything is created. */
export interface TorrentPreview {
  readonly id: TorrentId
  readonly name: string
  readonly kind: TorrentKind
  readonly infohashV1: string | null
  readonly infohashV2: string | null
  /** False for a magnet: sizes are 0 and `files` is empty. */
  readonly hasMetadata: boolean
  /** Bytes without padding. */
  readonly totalSize: number
  readonly pieceLength: number
  readonly pieceCount: number
  /** Padding files left out. */
  readonly files: readonly FileEntry[]
  /** Tiers, as given. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly private: boolean
  readonly comment: string
  readonly createdBy: string
  /** Seconds since 1970. */
  readonly creationDate: number | null
  /** This torrent is in the list already. */
  readonly duplicate: boolean
  /** Sentences about what is odd: names that had to be changed, a kind that cannot be downloaded yet. */
  readonly warnings: readonly string[]
  /** Why it cannot be added, or null. */
  readonly refusal: string | null
}

export interface AddTorrent {
  readonly source: TorrentSource
  /** Absolute; the download folder of the settings when absent. */
  readonly savePath?: string
  /** Start at once; the setting `startAdded` when absent. */
  readonly start?: boolean
  /** By file index; absent ones are normal. */
  readonly priorities?: readonly (readonly [FileIndex, FilePriority])[]
  readonly sequential?: boolean
  /** A magnet fetches its file list and then waits, paused, for its owner to choose. */
  readonly stopAfterMetadata?: boolean
  /** Take the data that lies there as complete and good. For people who know. */
  readonly skipCheck?: boolean
}

export interface FolderInfo {
  readonly path: string
  readonly exists: boolean
  readonly writable: boolean
  /** Bytes; null when it cannot be told. */
  readonly free: number | null
  readonly total: number | null
}

/** Every command a face can send. A line here makes the host fail to compile until it is handled. */
export type Commands = {
  /** Parses only; nothing is created. */
  'torrents.inspect': (input: { source: TorrentSource }) => TorrentPreview
  /** On disk before it answers. A duplicate is an answer: its trackers are merged (never for private torrents). */
  'torrents.add': (input: AddTorrent) => { id: TorrentId; duplicate: boolean }
  'torrents.resume': (input: { ids: readonly TorrentId[] }) => void
  'torrents.pause': (input: { ids: readonly TorrentId[] }) => void
  /** 'keep' leaves every file; 'delete' removes the torrent's own files and folders that are empty then. Answers what stayed and why. */
  'torrents.remove': (input: { ids: readonly TorrentId[]; data: 'keep' | 'delete' }) => { problems: readonly string[] }
  'torrents.recheck': (input: { ids: readonly TorrentId[] }) => void
  /** Ends a check; what was found so far is kept. */
  'torrents.cancelCheck': (input: { ids: readonly TorrentId[] }) => void
  'torrents.announce': (input: { ids: readonly TorrentId[] }) => void
  'torrents.moveInQueue': (input: { ids: readonly TorrentId[]; to: 'top' | 'up' | 'down' | 'bottom' }) => void
  /** B/s, 0 = no limit. */
  'torrents.setLimits': (input: { ids: readonly TorrentId[]; down?: number; up?: number }) => void
  'torrents.setSequential': (input: { ids: readonly TorrentId[]; sequential: boolean }) => void
  'torrent.setFilePriorities': (input: { id: TorrentId; files: readonly FileIndex[]; priority: FilePriority }) => void
  /** Tiers as a whole; replaces what there is. */
  'torrent.setTrackers': (input: { id: TorrentId; tiers: readonly (readonly string[])[] }) => void
  /** Tiers with whole URLs, for editing: secrets of the user's own, so only on request. */
  'torrent.getTrackers': (input: { id: TorrentId }) => { tiers: readonly (readonly string[])[] }
  /** `host:port` with literal addresses. Answers how many were new. */
  'torrent.addPeers': (input: { id: TorrentId; peers: readonly string[] }) => { added: number }
  'torrent.pieceInfo': (input: { id: TorrentId; piece: number }) => PieceInfo
  /** The .torrent file. */
  'torrent.export': (input: { id: TorrentId }) => { name: string; bytes: Uint8Array }
  'settings.update': (input: { changes: Partial<Settings> }) => Settings
  'folders.info': (input: { path: string }) => FolderInfo
  /** Folders of the engine's computer, for a browser that has no native dialog. */
  'folders.list': (input: { path: string }) => { path: string; parent: string | null; folders: readonly string[] }
}

export type CommandName = keyof Commands
export type Input<C extends CommandName> = Parameters<Commands[C]>[0]
export type Output<C extends CommandName> = ReturnType<Commands[C]>
export type Handlers = { readonly [C in CommandName]: (input: Input<C>) => Promise<Output<C>> | Output<C> }
