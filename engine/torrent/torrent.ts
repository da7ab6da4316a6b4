import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { PiecesFrame } from '#engine/api/frame.ts'
import type {
  FileEntry,
  FilePriority,
  FileStats,
  PeerRow,
  PeerSource,
  PieceInfo,
  StatsRow,
  TorrentDetail,
  TorrentRow,
  TrackerRow,
} from '#engine/api/model.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import type { IncomingPeer, Intent, TorrentHost, TorrentResume, TorrentSpec } from './types.ts'

const skeleton = (): never => {
  throw new EngineError('UNSUPPORTED', 'bug', 'skeleton')
}

/** One torrent's life: commands in, one method each. SKELETON: signatures are final, bodies are being written. */
export class Torrent {
  readonly id: TorrentId
  readonly spec: TorrentSpec

  constructor(spec: TorrentSpec, _host: TorrentHost) {
    this.id = spec.id
    this.spec = spec
  }

  get metainfo(): Metainfo | null {
    return skeleton()
  }
  get intent(): Intent {
    return skeleton()
  }
  /** Complete for what is wanted. */
  get isComplete(): boolean {
    return skeleton()
  }
  /** In a phase that costs work each tick: running, checking or stopping. */
  get isActive(): boolean {
    return skeleton()
  }
  /** Running and nothing has moved for a minute: does not hold a queue slot. */
  get isIdle(): boolean {
    return skeleton()
  }
  get savePath(): string {
    return skeleton()
  }
  get trackers(): readonly (readonly string[])[] {
    return skeleton()
  }
  /** 1-based, set by the session's queue. */
  queuePosition = 0

  /** What the user wants. `mayRun` says whether it actually runs. */
  setIntent(_intent: Intent): void {
    skeleton()
  }
  /** The queue's word: with intent 'run' and a slot it runs, else it waits. Idempotent. */
  setMayRun(_mayRun: boolean): void {
    skeleton()
  }
  tick(_now: number): void {
    skeleton()
  }
  recheck(): void {
    skeleton()
  }
  cancelCheck(): void {
    skeleton()
  }
  announceNow(): void {
    skeleton()
  }
  setFilePriorities(_files: readonly number[], _priority: FilePriority): Promise<void> {
    return skeleton()
  }
  setLimits(_down: number | undefined, _up: number | undefined): void {
    skeleton()
  }
  setSequential(_sequential: boolean): void {
    skeleton()
  }
  setTrackers(_tiers: readonly (readonly string[])[], _byUser: boolean): void {
    skeleton()
  }
  /** @returns how many were new */
  addPeers(_peers: readonly Endpoint[], _source: PeerSource): number {
    return skeleton()
  }
  /** Takes over an accepted connection, or answers false: then the caller closes it. */
  adoptIncoming(_peer: IncomingPeer): boolean {
    return skeleton()
  }
  /** Syncs what was written, hands the rest of the claims over, says goodbye to trackers and peers. Ends in `stopped`. */
  stop(_deadlineMs: number): Promise<void> {
    return skeleton()
  }
  /** After `stop`. */
  deleteData(): Promise<readonly string[]> {
    return skeleton()
  }
  toResume(): TorrentResume {
    return skeleton()
  }

  // What faces see. Cheap enough to be asked once per frame.
  row(): TorrentRow {
    return skeleton()
  }
  stats(_now: number): StatsRow {
    return skeleton()
  }
  detail(): TorrentDetail {
    return skeleton()
  }
  /** Empty before metadata. */
  fileList(): readonly FileEntry[] {
    return skeleton()
  }
  /** Every file's stats; the publisher sends those that differ. */
  fileStats(): readonly FileStats[] {
    return skeleton()
  }
  peerRows(_now: number): readonly PeerRow[] {
    return skeleton()
  }
  trackerRows(): readonly TrackerRow[] {
    return skeleton()
  }
  /** The whole map, freshly made; empty before metadata. */
  pieceStates(): Uint8Array {
    return skeleton()
  }
  pieceAvailability(): Uint8Array {
    return skeleton()
  }
  pieceInfo(_piece: number): PieceInfo {
    return skeleton()
  }
}
export type { PiecesFrame }
