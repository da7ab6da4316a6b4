import type {
  FileEntry,
  FileStats,
  PeerRow,
  PieceInfo,
  StatsRow,
  TrackerRow,
  StatusReason,
  TorrentDetail,
  TorrentRow,
  TorrentStatus,
} from '#engine/api/model.ts'
import type { ApiFailure } from '#engine/api/failures.ts'
import { parseEndpoint, type Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { toHex } from '#engine/base/ids.ts'
import { magnetOf } from '#engine/metainfo/magnet.ts'
import type { Announcer } from '#engine/tracker/announcer.ts'
import {
  availabilityMap,
  copiesOf,
  fileEntries,
  fileStatsOf,
  peerRowOf,
  pieceInfoOf,
  pieceMap,
  trackerRowOf,
} from './rows.ts'
import { reasonOf, STALL_MS, statusOf, type StatusFacts } from './status.ts'
import type { Swarm } from './swarm.ts'
import type { Torrent } from './torrent.ts'
import type { TorrentHost } from './types.ts'

const PEERS_REMEMBERED = 100

/** What faces see of one torrent: derived when asked for, stored nowhere. */
export class TorrentView {
  readonly #torrent: Torrent
  readonly #host: TorrentHost
  readonly #announcer: Announcer
  #remembered: readonly string[]
  #lastStatus = ''

  constructor(torrent: Torrent, host: TorrentHost, announcer: Announcer) {
    this.#torrent = torrent
    this.#host = host
    this.#announcer = announcer
    this.#remembered = torrent.spec.resume?.peers ?? []
  }

  get name(): string {
    const { metainfo, spec, id } = this.#torrent
    return metainfo?.name || spec.magnet?.name || id
  }

  row(): TorrentRow {
    const torrent = this.#torrent
    const { metainfo, content, spec, ledger } = torrent
    const facts = this.#facts(this.#host.io.clock.now())
    const status = statusOf(facts)
    const { infoHashV1: v1, infoHashV2: v2 } = torrent.infoHashes
    return {
      id: torrent.id,
      name: this.name,
      kind: metainfo?.kind ?? (v1 && v2 ? 'hybrid' : v2 ? 'v2' : 'v1'),
      infohashV1: v1 && toHex(v1),
      infohashV2: v2 && toHex(v2),
      private: torrent.isPrivate,
      hasMetadata: metainfo !== null,
      totalSize: metainfo?.totalSize ?? 0,
      wantedSize: content?.wantedSize ?? metainfo?.totalSize ?? 0,
      pieceLength: metainfo?.pieceLength ?? 0,
      pieceCount: metainfo?.pieceCount ?? 0,
      fileCount: metainfo ? countFiles(metainfo.files) : 0,
      status,
      reason: reasonOf(facts, status),
      error: torrent.phase.kind === 'failed' ? failureOf(torrent.phase.error) : null,
      queuePosition: torrent.queuePosition,
      addedAt: spec.addedAt,
      completedAt: ledger.completedAt,
      savePath: torrent.savePath,
      trackerHost: this.#announcer.trackerHost,
      limitDown: torrent.down.rate,
      limitUp: torrent.up.rate,
      sequential: torrent.sequential,
      comment: metainfo?.comment ?? '',
      createdBy: metainfo?.createdBy ?? '',
      creationDate: metainfo?.creationDate ?? null,
    }
  }

  stats(now: number): StatsRow {
    const torrent = this.#torrent
    const { content, ledger, phase } = torrent
    const left = content ? Math.min(content.picker.bytesLeft(), content.wantedSize) : 0
    const space = content?.wantedSpace ?? 0
    const isChecking = phase.kind === 'checking' && phase.total > 0
    const done = !content ? 0 : space === 0 ? 1 : 1 - content.picker.bytesLeft() / space
    const progress = isChecking ? phase.checked / phase.total : done
    // What rests moves nothing, though the mean of the last seconds would say so for a while.
    const isRunning = phase.kind === 'running'
    const down = isRunning && !torrent.isComplete ? ledger.down.rate(now) : 0
    let seeds = 0
    const peers = torrent.swarm?.crew.peers
    if (peers) for (const peer of peers) if (peer.isSeed) seeds++
    const counts = this.#announcer.swarmCounts()
    return [
      torrent.id,
      progress,
      content && space > 0 ? content.picker.bytesPending() / space : 0,
      Math.round(down),
      isRunning ? Math.round(ledger.up.rate(now)) : 0,
      (peers?.size ?? 0) - seeds,
      counts.leeches,
      seeds,
      counts.seeds,
      left > 0 && down > 0 ? Math.ceil(left / down) : left === 0 && content ? 0 : -1,
      left,
      ledger.downloaded,
      ledger.uploaded,
      this.#ratio(),
    ]
  }

  #ratio(): number {
    const { ledger, content } = this.#torrent
    const base = ledger.downloaded > 0 ? ledger.downloaded : content?.isComplete ? content.wantedSize : 0
    return base > 0 ? ledger.uploaded / base : -1
  }

  detail(): TorrentDetail {
    const torrent = this.#torrent
    const { metainfo, content, spec, ledger } = torrent
    return {
      id: torrent.id,
      webSeeds: metainfo?.webSeeds ?? spec.magnet?.webSeeds ?? [],
      magnet: magnetOf({
        ...torrent.infoHashes,
        name: this.name,
        // The announce addresses of a private torrent carry its owner's passkey: never into something made for sharing.
        trackers: torrent.isPrivate ? [] : torrent.trackers.flat(),
        webSeeds: metainfo?.webSeeds ?? [],
      }),
      corrupt: ledger.corrupt,
      redundant: ledger.redundant,
      piecesHave: content?.picker.have.count ?? 0,
      availability: content ? copiesOf(content, torrent.swarm?.crew.peers.size ?? 0) : -1,
      activeSeconds: Math.round(ledger.activeSeconds),
      seedingSeconds: Math.round(ledger.seedingSeconds),
      lastActivityAt: ledger.lastActivityWall,
    }
  }

  peerRows(now: number): readonly PeerRow[] {
    const { swarm } = this.#torrent
    if (!swarm) return []
    const wall = this.#host.io.clock.wall()
    const peers = Array.from(swarm.crew.peers, peer => peerRowOf(peer, swarm.crew, now, wall))
    return peers.concat(swarm.webSeeds?.rows(now, wall) ?? [])
  }

  /** Empty before metadata. */
  fileList(): readonly FileEntry[] {
    const { content } = this.#torrent
    return content ? fileEntries(content) : []
  }

  fileStats(): readonly FileStats[] {
    const { content } = this.#torrent
    return content ? fileStatsOf(content) : []
  }

  trackerRows(): readonly TrackerRow[] {
    return this.#announcer.rows().map(trackerRowOf)
  }

  /** The whole map, freshly made; empty before metadata. */
  pieceStates(): Uint8Array {
    const { content } = this.#torrent
    return content ? pieceMap(content) : new Uint8Array(0)
  }

  pieceAvailability(): Uint8Array {
    const { content } = this.#torrent
    return content ? availabilityMap(content) : new Uint8Array(0)
  }

  /** @throws EngineError NOT_FOUND */
  pieceInfo(piece: number): PieceInfo {
    const { content, swarm } = this.#torrent
    if (!content?.geometry.isPiece(piece)) throw new EngineError('NOT_FOUND', 'input', `There is no piece ${piece}.`)
    return pieceInfoOf(content, piece, swarm?.crew.peers ?? [])
  }

  /** Whether status or reason differ from when this was last asked. */
  statusChanged(now: number): boolean {
    const facts = this.#facts(now)
    const status: TorrentStatus = statusOf(facts)
    const reason: StatusReason | null = reasonOf(facts, status)
    const text = `${status} ${JSON.stringify(reason)} ${this.#announcer.trackerHost}`
    if (text === this.#lastStatus) return false
    this.#lastStatus = text
    return true
  }

  #facts(now: number): StatusFacts {
    const torrent = this.#torrent
    const { phase, content, ledger, swarm } = torrent
    const webSeeds = torrent.isComplete ? 0 : (swarm?.webSeeds?.answering ?? 0)
    let seeds = webSeeds
    let useful = webSeeds
    let usefulChoking = 0
    for (const peer of swarm?.crew.peers ?? []) {
      if (peer.isSeed) seeds++
      if (!peer.amInterested) continue
      useful++
      if (peer.peerChoking) usefulChoking++
    }
    const isStill = now - ledger.lastDownAt > STALL_MS
    return {
      phase: phase.kind,
      intent: torrent.intent,
      hasMetadata: torrent.metainfo !== null,
      isComplete: torrent.isComplete,
      down: ledger.down.rate(now),
      up: ledger.up.rate(now),
      quietMs: now - ledger.lastDownAt,
      connected: (swarm?.crew.peers.size ?? 0) + webSeeds,
      connectedSeeds: seeds,
      known: swarm?.crew.candidates.size ?? 0,
      dialling: swarm?.crew.dialling ?? 0,
      useful,
      usefulChoking,
      // Costly, so only asked when it can matter.
      missingSomewhere: isStill && content !== null && seeds === 0 && useful > 0 && copiesOf(content, 1) < 1,
      hasTrackers: torrent.trackers.length > 0,
      wantsNothing: content !== null && content.wantedSize === 0 && (torrent.metainfo?.totalSize ?? 0) > 0,
      tracker: this.#announcer.problem(),
      error: phase.kind === 'failed' ? phase.error : undefined,
    }
  }

  // ---- addresses that worked

  /** The swarm is about to go: what it found out stays. */
  rememberPeersOf(swarm: Swarm): void {
    const worked = swarm.crew.candidates.worked(PEERS_REMEMBERED)
    if (worked.length > 0) this.#remembered = worked
  }

  peersToRemember(): readonly string[] {
    const worked = this.#torrent.swarm?.crew.candidates.worked(PEERS_REMEMBERED) ?? []
    return worked.length > 0 ? worked : this.#remembered
  }

  rememberedPeers(): Endpoint[] {
    return this.#remembered.map(parseEndpoint).filter(endpoint => endpoint !== undefined)
  }
}

const failureOf = (error: EngineError): ApiFailure => ({ code: error.code, message: error.message })

function countFiles(files: {
  readonly count: number
  attributes(index: number): { readonly padding: boolean }
}): number {
  let count = 0
  for (let index = 0; index < files.count; index++) if (!files.attributes(index).padding) count++
  return count
}
