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
import { Bitfield } from '#engine/base/bitfield.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import { Throttle } from '#engine/base/throttle.ts'
import { guard } from '#engine/io/guard.ts'
import { parseInfo } from '#engine/metainfo/metainfo.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import type { CandidateSource } from '#engine/peer/candidates.ts'
import { Belief } from './belief.ts'
import { Claims } from './claims.ts'
import { Content } from './content.ts'
import { Ledger } from './ledger.ts'
import { Lifecycle, type Phase } from './lifecycle.ts'
import { resumeOf } from './resume.ts'
import { availabilityMap, fileEntries, fileStatsOf, pieceInfoOf, pieceMap, trackerRowOf } from './rows.ts'
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
  content: Content | null = null
  /** 1-based, set by the session's queue. */
  queuePosition = 0
  sequential: boolean

  readonly #host: TorrentHost
  readonly #trackers: Trackers
  readonly #belief: Belief
  readonly #lifecycle: Lifecycle
  #metainfo: Metainfo | null
  /** As long as there is content. */
  #claims: Claims | undefined
  #statusAt = 0
  #wasComplete = false
  /** Named by the user, not offered to a crew yet. */
  #peersToTry: Endpoint[]

  constructor(spec: TorrentSpec, host: TorrentHost) {
    this.id = spec.id
    this.spec = spec
    this.#host = host
    this.#metainfo = spec.metainfo
    this.#peersToTry = [...spec.peers]
    this.sequential = spec.sequential
    this.ledger = new Ledger(spec.resume)
    this.down = new Throttle(host.down)
    this.up = new Throttle(host.up)
    const now = host.io.clock.now()
    this.down.setRate(spec.limitDown, now)
    this.up.setRate(spec.limitUp, now)
    this.#belief = new Belief(spec.resume)
    this.#lifecycle = new Lifecycle(spec, host, this.#belief, {
      content: () => this.content,
      openSwarm: at => this.#openSwarm(at),
      onRunning: (swarm, at) => this.#onRunning(swarm, at),
      closeSwarm: (swarm, deadlineMs) => this.#closeSwarm(swarm, deadlineMs),
      onBelieved: (content, have) => this.#believe(content, have),
      toResume: () => this.toResume(),
      onChange: bits => this.#changed(bits),
    })
    this.#trackers = new Trackers(this, host, () => this.#changed(DIRTY.TRACKERS | DIRTY.STATS))
    this.view = new TorrentView(this, host, this.#trackers.announcer)
    if (this.#metainfo) this.#makeContent(this.#metainfo)
  }

  get metainfo(): Metainfo | null {
    return this.#metainfo
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
    return this.#metainfo?.private ?? false
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
    this.#wasComplete = content.isComplete
    this.swarm?.wantsChanged()
    this.#changed(DIRTY.ROW | DIRTY.STATS | DIRTY.FILES | DIRTY.PIECES | DIRTY.RESUME)
    // A check needs the files as they are, for as long as it takes. They follow when the torrent runs.
    if (this.#lifecycle.isChecking) return
    await content.store.setSkipped(content.skipped(), content.picker.have)
    if (this.#belief.isTrusted) await content.store.createEmptyFiles(content.skipped())
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
    const claimed = swarm.close().then(() => this.#claims?.claimAll())
    await Promise.all([claimed, goodbye])
  }

  // ---- metadata

  #makeContent(metainfo: Metainfo): void {
    if (metainfo.pieceHashes.length === 0) return
    const { resume, skipCheck } = this.spec
    const content = new Content(metainfo, {
      io: this.#host.io,
      readCache: this.#host.readCache,
      savePath: this.spec.savePath,
      resume,
      sequential: this.sequential,
    })
    this.content = content
    this.#claims = new Claims(content, {
      onClaim: pieces => this.#host.onClaim(this.id, pieces),
      onError: error => this.#lifecycle.fail(error),
    })
    if (skipCheck && !resume?.have) {
      const all = new Bitfield(content.geometry.pieceCount)
      all.fill()
      content.picker.restore(all)
      this.#believe(content, all)
    }
    this.#wasComplete = content.isComplete
  }

  #believe(content: Content, have: Bitfield): void {
    this.#belief.trust()
    this.#wasComplete = content.isComplete
    if (content.isComplete && this.ledger.completedAt === null && !have.isEmpty)
      this.ledger.completedAt = this.#host.io.clock.wall()
  }

  #adoptMetadata(infoBytes: Uint8Array): void {
    const { swarm } = this
    if (!swarm) return
    const { magnet } = this.spec
    let metainfo: Metainfo
    try {
      const webSeeds = magnet?.webSeeds ?? []
      metainfo = parseInfo(infoBytes, this.#host.io.hashes, { trackers: this.trackers, webSeeds })
    } catch (thrown) {
      // The hash was right: this is what the link names, and no peer is to blame for it.
      this.#lifecycle.fail(toEngineError(thrown))
      return
    }
    this.#metainfo = metainfo
    if (metainfo.pieceHashes.length === 0) {
      this.#lifecycle.fail(
        new EngineError(
          'UNSUPPORTED',
          'input',
          'This torrent is BitTorrent v2 only, which this version cannot download yet.',
        ),
      )
      return
    }
    this.#makeContent(metainfo)
    const { content } = this
    if (!content) return
    const wanted = magnet?.selectOnly
    if (wanted) {
      const isWanted = new Set(wanted)
      content.setPriorities(
        Array.from(content.priorities.keys()).filter(file => !isWanted.has(file)),
        0,
      )
    }
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
      this.#believe(content, content.picker.have)
      swarm.adoptContent(content)
      await this.#layOut(content, swarm)
    } catch (thrown) {
      if (this.swarm === swarm) this.#lifecycle.fail(toEngineError(thrown))
    }
  }

  // ---- swarm and trackers

  #swarmHost(): ConstructorParameters<typeof Swarm>[0] {
    const { magnet } = this.spec
    const v1 = this.#metainfo?.infoHashV1 ?? magnet?.infoHashV1 ?? null
    const v2 = this.#metainfo?.infoHashV2 ?? magnet?.infoHashV2 ?? null
    return {
      host: this.#host,
      infoHash: handshakeHash({ infoHashV1: v1, infoHashV2: v2 }),
      expected: { v1, v2 },
      isPrivate: this.isPrivate,
      limitUp: () => this.up.rate || this.#host.up.rate,
      down: this.down,
      up: this.up,
      upRate: now => this.ledger.up.rate(now),
      onDownloaded: bytes => this.ledger.noteDown(bytes),
      onUploaded: bytes => this.ledger.noteUp(bytes),
      onRedundant: bytes => (this.ledger.redundant += bytes),
      onCorrupt: bytes => (this.ledger.corrupt += bytes),
      onPiece: () => this.#pieceVerified(),
      onMetadata: infoBytes => this.#adoptMetadata(infoBytes),
      onDiskError: error => this.#lifecycle.fail(error),
      onPeersChanged: () => this.#changed(DIRTY.PEERS | DIRTY.STATS),
    }
  }

  // ---- pieces, claims, time

  #pieceVerified(): void {
    this.#changed(DIRTY.STATS | DIRTY.FILES | DIRTY.PIECES | DIRTY.OVERVIEW)
    const { content } = this
    if (!content) return
    this.#claims?.pieceVerified()
    if (this.#wasComplete || !content.isComplete) return
    this.#wasComplete = true
    this.ledger.completedAt = this.#host.io.clock.wall()
    // Skipped files are missing: that is no `completed` for a tracker (BEP 21 says `paused` instead).
    if (content.isWhole) this.#trackers.announcer.completed(this.#host.io.clock.now())
    void this.#claims?.claim()
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
      this.#claims?.tick(now)
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
    return resumeOf(this, this.#belief, this.#claims)
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
    return this.content ? fileEntries(this.content) : []
  }
  fileStats(): readonly FileStats[] {
    return this.content ? fileStatsOf(this.content) : []
  }
  peerRows(now: number): readonly PeerRow[] {
    return this.view.peerRows(now)
  }
  trackerRows(): readonly TrackerRow[] {
    return this.#trackers.announcer.rows().map(trackerRowOf)
  }
  /** The whole map, freshly made; empty before metadata. */
  pieceStates(): Uint8Array {
    return this.content ? pieceMap(this.content) : new Uint8Array(0)
  }
  pieceAvailability(): Uint8Array {
    return this.content ? availabilityMap(this.content) : new Uint8Array(0)
  }
  pieceInfo(piece: number): PieceInfo {
    if (!this.content?.geometry.isPiece(piece))
      throw new EngineError('NOT_FOUND', 'input', `There is no piece ${piece}.`)
    return pieceInfoOf(this.content, piece, this.swarm?.crew.peers ?? [])
  }

  #changed(bits: number): void {
    this.#host.onDirty(this.id, bits)
  }
}
