import type { TorrentId } from '#engine/api/ids.ts'
import type {
  FileEntry,
  FilePriority,
  FileStats,
  PeerRow,
  PieceInfo,
  StatsRow,
  TorrentDetail,
  TorrentRow,
  TrackerRow,
} from '#engine/api/model.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { Throttle } from '#engine/base/throttle.ts'
import { guard } from '#engine/io/guard.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import type { CandidateSource } from '#engine/peer/candidates.ts'
import type { Content } from './content.ts'
import { Holdings } from './holdings.ts'
import { Ledger } from './ledger.ts'
import { Lifecycle, type Phase } from './lifecycle.ts'
import { resumeOf } from './resume.ts'
import { handshakeHash, Swarm } from './swarm.ts'
import { Trackers } from './trackers.ts'
import { TorrentView } from './view.ts'
import {
  DIRTY,
  type IncomingPeer,
  type Intent,
  type TorrentHost,
  type TorrentResume,
  type TorrentSpec,
} from './types.ts'

const STATUS_MS = 500

/** One torrent's life: commands in, one method each. How far it got is in `lifecycle`, what faces see of it in `view`. */
export class Torrent {
  readonly id: TorrentId
  readonly spec: TorrentSpec
  readonly view: TorrentView
  readonly ledger: Ledger
  readonly down: Throttle
  readonly up: Throttle
  /** 1-based, set by the session's queue. */
  queuePosition = 0
  sequential: boolean

  readonly #host: TorrentHost
  readonly #trackers: Trackers
  readonly #holdings: Holdings
  readonly #lifecycle: Lifecycle
  #statusAt = 0
  /** Named by the user, not offered to a crew yet. */
  #peersToTry: Endpoint[]

  constructor(spec: TorrentSpec, host: TorrentHost) {
    this.id = spec.id
    this.spec = spec
    this.#host = host
    this.#peersToTry = [...spec.peers]
    this.sequential = spec.sequential
    this.ledger = new Ledger(spec.resume)
    this.down = new Throttle(host.down)
    this.up = new Throttle(host.up)
    const now = host.io.clock.now()
    this.down.setRate(spec.limitDown, now)
    this.up.setRate(spec.limitUp, now)
    this.#holdings = new Holdings(spec, host, this.ledger, {
      onClaim: pieces => host.onClaim(this.id, pieces),
      onError: error => this.#lifecycle.fail(error),
    })
    this.#lifecycle = new Lifecycle(spec, host, this.#holdings.belief, {
      content: () => this.content,
      openSwarm: at => this.#openSwarm(at),
      onRunning: (swarm, at) => this.#onRunning(swarm, at),
      closeSwarm: (swarm, deadlineMs) => this.#closeSwarm(swarm, deadlineMs),
      onBelieved: (content, have) => this.#holdings.believe(content, have),
      toResume: () => this.toResume(),
      onChange: bits => this.#changed(bits),
    })
    this.#trackers = new Trackers(this, host, () => this.#changed(DIRTY.TRACKERS | DIRTY.STATS))
    this.view = new TorrentView(this, host, this.#trackers.announcer)
  }

  get metainfo(): Metainfo | null {
    return this.#holdings.metainfo
  }
  /** Null before metadata. */
  get content(): Content | null {
    return this.#holdings.content
  }
  get infoHashes(): Pick<Metainfo, 'infoHashV1' | 'infoHashV2'> {
    const { metainfo, spec } = this
    return {
      infoHashV1: metainfo?.infoHashV1 ?? spec.magnet?.infoHashV1 ?? null,
      infoHashV2: metainfo?.infoHashV2 ?? spec.magnet?.infoHashV2 ?? null,
    }
  }
  get phase(): Phase {
    return this.#lifecycle.phase
  }
  get intent(): Intent {
    return this.#lifecycle.intent
  }
  get savePath(): string {
    return this.spec.savePath
  }
  get trackers(): readonly (readonly string[])[] {
    return this.#trackers.tiers
  }
  get isComplete(): boolean {
    return this.content?.isComplete ?? false
  }
  /** In a phase that costs work each tick. */
  get isActive(): boolean {
    return this.#lifecycle.isActive
  }
  /** Running, and nothing has moved for a minute: holds no queue slot. */
  get isIdle(): boolean {
    return this.swarm !== undefined && this.#host.io.clock.now() - this.ledger.lastMoveAt > 60_000
  }
  get isPrivate(): boolean {
    return this.metainfo?.private ?? false
  }
  get swarm(): Swarm | undefined {
    return this.#lifecycle.swarm
  }

  // ---- what the user and the queue want

  setIntent(intent: Intent): void {
    this.#lifecycle.setIntent(intent)
  }

  /** The queue's word. Idempotent. */
  setMayRun(mayRun: boolean): void {
    this.#lifecycle.setMayRun(mayRun)
  }

  recheck(): void {
    this.#lifecycle.recheck()
  }

  cancelCheck(): void {
    this.#lifecycle.cancelCheck()
  }

  announceNow(): void {
    if (!this.swarm) return
    this.#trackers.announcer.announceNow(this.#host.io.clock.now())
    this.swarm.crew.candidates.retryAll()
    this.#changed(DIRTY.TRACKERS)
  }

  async setFilePriorities(files: readonly number[], priority: FilePriority): Promise<void> {
    const { content } = this
    if (!content)
      throw new EngineError('NO_METADATA', 'input', 'The file list has not arrived yet: try again when it has.')
    content.setPriorities(files, priority)
    this.#holdings.prioritiesChanged(content)
    this.swarm?.wantsChanged()
    this.#changed(DIRTY.ROW | DIRTY.STATS | DIRTY.FILES | DIRTY.PIECES | DIRTY.RESUME)
    // A check needs the files as they are, for as long as it takes. They follow when the torrent runs.
    if (this.#lifecycle.isChecking) return
    await content.store.setSkipped(content.skipped(), content.picker.have)
    if (this.#holdings.belief.isTrusted) await content.store.createEmptyFiles(content.skipped())
  }

  setLimits(down: number | undefined, up: number | undefined): void {
    const now = this.#host.io.clock.now()
    if (down !== undefined) this.down.setRate(down, now)
    if (up !== undefined) this.up.setRate(up, now)
    this.#changed(DIRTY.ROW)
  }

  setSequential(sequential: boolean): void {
    this.sequential = sequential
    this.content?.picker.setSequential(sequential)
    this.#changed(DIRTY.ROW)
  }

  setTrackers(tiers: readonly (readonly string[])[], byUser: boolean): void {
    this.#trackers.setTiers(tiers, byUser)
    // The peers of a private torrent belong to the tracker that named them.
    if (this.isPrivate) this.swarm?.crew.forgetEverybody()
    this.#changed(DIRTY.ROW | DIRTY.TRACKERS)
  }

  /** @returns how many were new. Those that the user named wait for the torrent to run. */
  addPeers(peers: readonly Endpoint[], source: CandidateSource): number {
    const { swarm } = this
    if (swarm) return swarm.crew.offer(peers, source)
    if (source !== 'manual') return 0
    this.#peersToTry.push(...peers)
    return peers.length
  }

  /** Takes over an accepted connection, or answers false: then the caller closes it. */
  adoptIncoming(peer: IncomingPeer): boolean {
    return this.swarm?.crew.adoptIncoming(peer) ?? false
  }

  // ---- running

  #openSwarm(now: number): Swarm {
    this.ledger.begin(now)
    return new Swarm(this.#swarmHost(), this.content)
  }

  #onRunning(swarm: Swarm, now: number): void {
    swarm.crew.offer(this.#peersToTry, 'manual')
    this.#peersToTry = []
    swarm.crew.offer(this.view.rememberedPeers(), 'resume')
    if (this.content) void this.#layOut(this.content, swarm)
    this.#trackers.announcer.start(now)
    this.#changed(DIRTY.RESUME)
    swarm.tick(now)
  }

  async #layOut(content: Content, swarm: Swarm): Promise<void> {
    try {
      const skipped = content.skipped()
      await content.store.setSkipped(skipped, content.picker.have)
      await content.store.createEmptyFiles(skipped)
    } catch (thrown) {
      if (this.swarm === swarm) this.#lifecycle.fail(toEngineError(thrown))
    }
  }

  async #closeSwarm(swarm: Swarm, deadlineMs: number): Promise<void> {
    this.view.rememberPeersOf(swarm)
    const goodbye = this.#trackers.announcer.stop(deadlineMs)
    const claimed = swarm.close().then(() => this.#holdings.claims?.claimAll())
    await Promise.all([claimed, goodbye])
  }

  // ---- metadata

  #adoptMetadata(infoBytes: Uint8Array): void {
    const { swarm } = this
    if (!swarm) return
    try {
      this.#holdings.adopt(infoBytes, this.trackers, this.sequential)
    } catch (thrown) {
      this.#lifecycle.fail(toEngineError(thrown))
      return
    }
    const { content, metainfo } = this
    if (!content || !metainfo) return
    this.#host.onMetadata(this.id, metainfo)
    if (this.spec.stopAfterMetadata) return this.setIntent('pause')
    this.#changed(DIRTY.ROW | DIRTY.STATS | DIRTY.FILES | DIRTY.PIECES | DIRTY.OVERVIEW | DIRTY.RESUME)
    void this.#enterTransfer(content, swarm)
  }

  /** Data may lie there already; it is looked at before anything is fetched. The peers stay meanwhile. */
  async #enterTransfer(content: Content, swarm: Swarm): Promise<void> {
    try {
      const isThere = await content.store.hasAnyData()
      // Stopped meanwhile: the next start looks by itself.
      if (this.swarm !== swarm) return
      if (isThere) return this.recheck()
      this.#holdings.believe(content, content.picker.have)
      swarm.adoptContent(content)
      await this.#layOut(content, swarm)
    } catch (thrown) {
      if (this.swarm === swarm) this.#lifecycle.fail(toEngineError(thrown))
    }
  }

  // ---- swarm and trackers

  #swarmHost(): ConstructorParameters<typeof Swarm>[0] {
    const { infoHashV1: v1, infoHashV2: v2 } = this.infoHashes
    return {
      host: this.#host,
      infoHash: handshakeHash(this.infoHashes),
      expected: { v1, v2 },
      isPrivate: this.isPrivate,
      limitUp: () => this.up.rate || this.#host.up.rate,
      down: this.down,
      up: this.up,
      ledger: this.ledger,
      onPiece: () => this.#pieceVerified(),
      onMetadata: infoBytes => this.#adoptMetadata(infoBytes),
      onDiskError: error => this.#lifecycle.fail(error),
      onPeersChanged: () => this.#changed(DIRTY.PEERS | DIRTY.STATS),
    }
  }

  // ---- pieces, claims, time

  #pieceVerified(): void {
    this.#changed(DIRTY.STATS | DIRTY.FILES | DIRTY.PIECES | DIRTY.OVERVIEW)
    if (!this.#holdings.pieceVerified()) return
    // Skipped files are missing: that is no `completed` for a tracker (BEP 21 says `paused` instead).
    if (this.content?.isWhole) this.#trackers.announcer.completed(this.#host.io.clock.now())
    void this.#holdings.claims?.claim()
    this.#host.onNotice({ kind: 'finished', id: this.id, text: this.view.name })
    this.#changed(DIRTY.ROW | DIRTY.RESUME)
  }

  /** A throw in here is a bug of ours; it ends this torrent and no other. */
  tick(now: number): void {
    guard(
      () => this.#tick(now),
      error => this.#lifecycle.fail(error),
    )
  }

  #tick(now: number): void {
    const wall = this.#host.io.clock.wall()
    const { swarm } = this
    if (swarm) {
      swarm.tick(now)
      this.#trackers.announcer.tick(now)
      this.ledger.tick(now, wall, this.isComplete)
      this.#changed(DIRTY.STATS | DIRTY.PEERS | (this.content?.picker.activeCount ? DIRTY.PIECES : 0))
      this.#holdings.claims?.tick(now)
    }
    this.#lifecycle.tick(now)
    if (now < this.#statusAt) return
    this.#statusAt = now + STATUS_MS
    if (this.view.statusChanged(now)) this.#changed(DIRTY.ROW)
  }

  /** Says goodbye and syncs; ends in `stopped`, and stays there. */
  async stop(deadlineMs: number): Promise<void> {
    await this.#lifecycle.stop(deadlineMs)
    await this.content?.store.close()
  }

  /** After `stop`. @returns what stayed, and why */
  async deleteData(): Promise<readonly string[]> {
    if (!this.content) return []
    const { kept } = await this.content.store.deleteData()
    return kept
  }

  toResume(): TorrentResume {
    return resumeOf(this, this.#holdings)
  }

  // ---- what faces see

  row(): TorrentRow {
    return this.view.row()
  }
  stats(now: number): StatsRow {
    return this.view.stats(now)
  }
  detail(): TorrentDetail {
    return this.view.detail()
  }
  /** Empty before metadata. */
  fileList(): readonly FileEntry[] {
    return this.view.fileList()
  }
  fileStats(): readonly FileStats[] {
    return this.view.fileStats()
  }
  peerRows(now: number): readonly PeerRow[] {
    return this.view.peerRows(now)
  }
  trackerRows(): readonly TrackerRow[] {
    return this.view.trackerRows()
  }
  /** The whole map, freshly made; empty before metadata. */
  pieceStates(): Uint8Array {
    return this.view.pieceStates()
  }
  pieceAvailability(): Uint8Array {
    return this.view.pieceAvailability()
  }
  pieceInfo(piece: number): PieceInfo {
    return this.view.pieceInfo(piece)
  }

  #changed(bits: number): void {
    this.#host.onDirty(this.id, bits)
  }
}
