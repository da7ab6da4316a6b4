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
import { Announcer } from '#engine/tracker/announcer.ts'
import { checkPieces, doubtfulPieces } from './check.ts'
import { Content } from './content.ts'
import { Ledger } from './ledger.ts'
import { availabilityMap, fileEntries, fileStatsOf, pieceInfoOf, pieceMap, trackerRowOf } from './rows.ts'
import { handshakeHash, Swarm } from './swarm.ts'
import { TorrentView, type Phase } from './view.ts'
import {
  DIRTY,
  type FileStamp,
  type IncomingPeer,
  type Intent,
  type TorrentHost,
  type TorrentResume,
  type TorrentSpec,
} from './types.ts'

/** Verified bytes, and ms, after which they are synced and claimed. */
const CLAIM_BYTES = 64 * 1024 * 1024
const CLAIM_MS = 2_000
const STATUS_MS = 500
const PEERS_REMEMBERED = 100
const GOODBYE_MS = 2_000
/** A disk that was full is looked at this often; so many free bytes, or all that is missing, are worth another try. */
const ROOM_MS = 30_000
const ROOM_BYTES = 64 * 1024 * 1024

/** One torrent's life: commands in, one method each. What faces see of it is in `view`. */
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
  readonly #announcer: Announcer
  #metainfo: Metainfo | null
  #phase: Phase = { kind: 'stopped' }
  #intent: Intent
  #mayRun = false
  #tiers: readonly (readonly string[])[]
  #trackersByUser: boolean
  #resume: TorrentResume | null
  /** What lies on disk is as `have` says: found by a check, or made by us. */
  #isTrusted = false
  /** By the user; until it has ended. */
  #isCheckWanted = false
  #stamps: readonly (FileStamp | undefined)[] | null
  #isClean: boolean
  #claiming: Promise<void> | undefined
  #claimAt = 0
  #statusAt = 0
  #roomAt = 0
  /** What is under way between two phases. Never rejects. */
  #working: Promise<void> = Promise.resolve()
  /** Why it stops, when that is a failure. */
  #failure: EngineError | undefined
  #wasComplete = false
  /** Named by the user, not offered to a crew yet. */
  #peersToTry: Endpoint[]

  constructor(spec: TorrentSpec, host: TorrentHost) {
    this.id = spec.id
    this.spec = spec
    this.#host = host
    this.#metainfo = spec.metainfo
    this.#intent = spec.intent
    this.#tiers = spec.trackers
    this.#trackersByUser = spec.trackersByUser
    this.#resume = spec.resume
    this.#stamps = spec.resume?.stamps ?? null
    this.#isClean = spec.resume?.clean ?? false
    this.#peersToTry = [...spec.peers]
    this.sequential = spec.sequential
    this.ledger = new Ledger(spec.resume)
    this.down = new Throttle(host.down)
    this.up = new Throttle(host.up)
    const now = host.io.clock.now()
    this.down.setRate(spec.limitDown, now)
    this.up.setRate(spec.limitUp, now)
    this.#announcer = this.#makeAnnouncer()
    this.#announcer.setTiers(host.options.useTrackers ? this.#tiers : [], { byUser: this.#trackersByUser })
    this.view = new TorrentView(this, host, this.#announcer)
    if (this.#metainfo) this.#makeContent(this.#metainfo)
  }

  get metainfo(): Metainfo | null {
    return this.#metainfo
  }
  get phase(): Phase {
    return this.#phase
  }
  get intent(): Intent {
    return this.#intent
  }
  get savePath(): string {
    return this.spec.savePath
  }
  get trackers(): readonly (readonly string[])[] {
    return this.#tiers
  }
  get isComplete(): boolean {
    return this.content?.isComplete ?? false
  }
  /** In a phase that costs work each tick. */
  get isActive(): boolean {
    return this.#phase.kind !== 'stopped' && this.#phase.kind !== 'failed'
  }
  /** Running, and nothing has moved for a minute: holds no queue slot. */
  get isIdle(): boolean {
    return this.#phase.kind === 'running' && this.#host.io.clock.now() - this.ledger.lastMoveAt > 60_000
  }
  get isPrivate(): boolean {
    return this.#metainfo?.private ?? false
  }
  get swarm(): Swarm | undefined {
    return this.#phase.kind === 'running' ? this.#phase.swarm : undefined
  }

  // ---- what the user and the queue want

  setIntent(intent: Intent): void {
    this.#intent = intent
    // "Resume" on a failed torrent means "try again".
    if (intent === 'run' && this.#phase.kind === 'failed') this.#enter({ kind: 'stopped' })
    this.#changed(DIRTY.ROW | DIRTY.RESUME)
    this.#reconcile()
  }

  /** The queue's word. Idempotent. */
  setMayRun(mayRun: boolean): void {
    if (this.#mayRun === mayRun) return
    this.#mayRun = mayRun
    this.#reconcile()
  }

  recheck(): void {
    if (!this.content) return
    this.#isCheckWanted = true
    if (this.#phase.kind === 'failed') this.#enter({ kind: 'stopped' })
    this.#reconcile()
  }

  cancelCheck(): void {
    if (this.#isChecking && !this.#isTrusted) {
      // What nobody has looked at is not ours to claim, and not to be looked at: the torrent waits.
      this.#intent = 'pause'
      this.#changed(DIRTY.ROW | DIRTY.RESUME)
    }
    this.#abortCheck()
  }

  #abortCheck(): void {
    this.#isCheckWanted = false
    if (this.#phase.kind === 'checking' || this.#phase.kind === 'check-queued') this.#phase.abort.abort()
  }

  get #isChecking(): boolean {
    return this.#phase.kind === 'checking' || this.#phase.kind === 'check-queued'
  }

  announceNow(): void {
    if (!this.swarm) return
    this.#announcer.announceNow(this.#host.io.clock.now())
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
    if (this.#isChecking) return
    await content.store.setSkipped(content.skipped(), content.picker.have)
    if (this.#isTrusted) await content.store.createEmptyFiles(content.skipped())
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
    this.#tiers = tiers
    this.#trackersByUser ||= byUser
    if (this.#host.options.useTrackers) this.#announcer.setTiers(tiers, { byUser: this.#trackersByUser })
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

  // ---- phases

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#changed(DIRTY.ROW | DIRTY.STATS | DIRTY.PEERS | DIRTY.TRACKERS | DIRTY.PIECES | DIRTY.FILES)
  }

  /** Moves the phase one step towards what is wanted. Called whenever either may have changed. */
  #reconcile(): void {
    const wantsToRun = this.#intent === 'run' && this.#mayRun
    const { kind } = this.#phase
    if (kind === 'running' && (!wantsToRun || this.#isCheckWanted)) {
      this.#work(this.#leave(GOODBYE_MS))
    } else if (this.#isChecking && !wantsToRun && !this.#isCheckWanted) {
      this.#abortCheck()
    } else if (kind === 'stopped') {
      if (this.#isCheckWanted) this.#work(this.#check())
      else if (wantsToRun) this.#work(this.#prepare())
    }
  }

  #work(work: Promise<void>): void {
    this.#working = work.catch((thrown: unknown) => this.#fail(toEngineError(thrown)))
  }

  /** On the way to running: is what lies on disk what we believe? */
  async #prepare(): Promise<void> {
    const { content } = this
    if (!content) return this.#run()
    if (this.#isTrusted) return this.#run()
    const abort = new AbortController()
    this.#enter({ kind: 'check-queued', abort, checked: 0, total: 0 })
    try {
      const resume = this.#resume
      const knows = resume?.have !== null && resume?.have !== undefined
      // What a failed sync left unclaimed may not be on the disk, whatever its files look like.
      const doubtful = knows ? [...new Set([...(await doubtfulPieces(content, resume)), ...content.unclaimed])] : []
      const isUnknown = !knows && (await content.store.hasAnyData())
      if (abort.signal.aborted) return this.#settleStopped()
      if (isUnknown) return await this.#checkNow(content, 'all', abort)
      if (doubtful.length > 0) return await this.#checkNow(content, doubtful, abort)
      this.#believe(content, content.picker.have)
      this.#settleStopped()
    } catch (thrown) {
      this.#fail(toEngineError(thrown))
    }
  }

  async #check(): Promise<void> {
    const { content } = this
    if (!content) return
    const abort = new AbortController()
    this.#enter({ kind: 'check-queued', abort, checked: 0, total: content.geometry.pieceCount })
    await this.#checkNow(content, 'all', abort)
  }

  async #checkNow(content: Content, pieces: readonly number[] | 'all', abort: AbortController): Promise<void> {
    let turn: Disposable | undefined
    try {
      turn = await this.#host.checkTurn(this.id, abort.signal)
      const total = pieces === 'all' ? content.geometry.pieceCount : pieces.length
      const phase: Phase = { kind: 'checking', abort, checked: 0, total }
      this.#enter(phase)
      const outcome = await checkPieces(
        content,
        pieces,
        checked => {
          phase.checked = checked
          this.#changed(DIRTY.STATS)
        },
        abort.signal,
      )
      if (outcome.kind === 'failed') return this.#fail(outcome.error)
      content.picker.restore(outcome.have)
      content.unclaimed = content.unclaimed.filter(piece => outcome.have.has(piece))
      if (outcome.kind === 'done' || this.#isTrusted) this.#believe(content, outcome.have)
      // As they are is how they were found: the next start need not look again.
      if (outcome.kind === 'done') await this.#stamp()
      this.#changed(DIRTY.RESUME)
    } catch (thrown) {
      const error = toEngineError(thrown)
      if (error.code !== 'ABORTED') return this.#fail(error)
    } finally {
      if (pieces === 'all') this.#isCheckWanted = false
      turn?.[Symbol.dispose]()
    }
    this.#settleStopped()
  }

  #believe(content: Content, have: Bitfield): void {
    this.#isTrusted = true
    this.#resume = null
    this.#wasComplete = content.isComplete
    if (content.isComplete && this.ledger.completedAt === null && !have.isEmpty)
      this.ledger.completedAt = this.#host.io.clock.wall()
  }

  #settleStopped(): void {
    this.#enter({ kind: 'stopped' })
    this.#reconcile()
  }

  #run(): void {
    const now = this.#host.io.clock.now()
    this.ledger.begin(now)
    this.#isClean = false
    const swarm = new Swarm(this.#swarmHost(), this.content)
    this.#enter({ kind: 'running', swarm, since: now })
    swarm.crew.offer(this.#peersToTry, 'manual')
    this.#peersToTry = []
    swarm.crew.offer(this.view.rememberedPeers(), 'resume')
    if (this.content) void this.#makeEmptyFiles(this.content, swarm)
    this.#announcer.start(now)
    this.#changed(DIRTY.RESUME)
    swarm.tick(now)
  }

  async #makeEmptyFiles(content: Content, swarm: Swarm): Promise<void> {
    try {
      const skipped = content.skipped()
      await content.store.setSkipped(skipped, content.picker.have)
      await content.store.createEmptyFiles(skipped)
    } catch (thrown) {
      if (this.swarm === swarm) this.#fail(toEngineError(thrown))
    }
  }

  /** From running to stopped or failed: peers and trackers are told, verified pieces are synced and claimed. */
  async #leave(deadlineMs: number): Promise<void> {
    if (this.#phase.kind !== 'running') return
    const { swarm } = this.#phase
    const worked = swarm.crew.candidates.worked(PEERS_REMEMBERED)
    const goodbye = this.#announcer.stop(deadlineMs)
    const claimed = swarm.close().then(() => this.#claimAll())
    const done = Promise.all([claimed, goodbye]).then(() => {})
    this.#enter({ kind: 'stopping', done })
    this.view.setRememberedPeers(worked)
    try {
      await done
      await this.#stamp()
    } catch (thrown) {
      this.#fail(toEngineError(thrown))
    }
    const error = this.#failure
    this.#failure = undefined
    this.#enter(error ? { kind: 'failed', error } : { kind: 'stopped' })
    this.#changed(DIRTY.RESUME)
    this.#reconcile()
  }

  #fail(error: EngineError): void {
    if (this.#phase.kind === 'failed' || this.#failure) return
    this.#host.io.log.write('error', 'torrent', `${this.id}: ${error.code} ${error.message}`)
    this.#host.onNotice({ kind: 'error', id: this.id, text: error.message })
    this.#roomAt = this.#host.io.clock.now() + ROOM_MS
    // What is claimed stays claimed; before it is believed, the disk is looked at again.
    this.#resume = this.toResume()
    this.#isTrusted = false
    if (this.#phase.kind === 'running') {
      this.#failure = error
      this.#work(this.#leave(GOODBYE_MS))
    } else if (this.#phase.kind === 'stopping') this.#failure = error
    else this.#enter({ kind: 'failed', error })
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
    if (skipCheck && !resume?.have) {
      const all = new Bitfield(content.geometry.pieceCount)
      all.fill()
      content.picker.restore(all)
      this.#believe(content, all)
    }
    this.#wasComplete = content.isComplete
  }

  #adoptMetadata(infoBytes: Uint8Array): void {
    const { swarm } = this
    if (!swarm) return
    const { magnet } = this.spec
    let metainfo: Metainfo
    try {
      const webSeeds = magnet?.webSeeds ?? []
      metainfo = parseInfo(infoBytes, this.#host.io.hashes, { trackers: this.#tiers, webSeeds })
    } catch (thrown) {
      // The hash was right: this is what the link names, and no peer is to blame for it.
      this.#fail(toEngineError(thrown))
      return
    }
    this.#metainfo = metainfo
    if (metainfo.pieceHashes.length === 0) {
      this.#fail(
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
      await this.#makeEmptyFiles(content, swarm)
    } catch (thrown) {
      if (this.swarm === swarm) this.#fail(toEngineError(thrown))
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
      onDiskError: error => this.#fail(error),
      onPeersChanged: () => this.#changed(DIRTY.PEERS | DIRTY.STATS),
    }
  }

  #makeAnnouncer(): Announcer {
    const { spec } = this
    const v1 = spec.metainfo?.infoHashV1 ?? spec.magnet?.infoHashV1 ?? null
    const v2 = spec.metainfo?.infoHashV2 ?? spec.magnet?.infoHashV2 ?? null
    const host = this.#host
    return new Announcer(
      host.trackers,
      {
        swarms: [handshakeHash({ infoHashV1: v1, infoHashV2: v2 })],
        isPrivate: this.isPrivate,
        peerId: host.peerId,
        key: host.announceKey,
        counters: () => ({
          ...this.ledger.sinceStart(),
          // A magnet does not know how much is missing; trackers take any positive number for "not a seed".
          left: this.content?.bytesMissing() ?? 16 * 1024,
        }),
        isPartialSeed: () => this.isComplete && !this.content?.isWhole,
        numWant: () => this.#peersWanted(),
        port: () => host.listenPort(),
        allowLocal: () => host.options.allowLocalTrackers,
        onPeers: peers => void this.addPeers(peers, 'tracker'),
        onExternalAddress: () => {},
        onChange: () => this.#changed(DIRTY.TRACKERS | DIRTY.STATS),
      },
      host.io,
    )
  }

  #peersWanted(): number {
    const crew = this.swarm?.crew
    if (!crew) return 0
    const room = this.#host.options.maxPeersPerTorrent - crew.peers.size
    return room <= 0 ? 0 : this.isComplete ? Math.min(50, room) : Math.min(200, room)
  }

  // ---- pieces, claims, time

  #pieceVerified(): void {
    this.#changed(DIRTY.STATS | DIRTY.FILES | DIRTY.PIECES | DIRTY.OVERVIEW)
    const { content } = this
    if (!content) return
    if (content.unclaimed.length * content.geometry.pieceLength >= CLAIM_BYTES) void this.#claim()
    if (this.#wasComplete || !content.isComplete) return
    this.#wasComplete = true
    this.ledger.completedAt = this.#host.io.clock.wall()
    // Skipped files are missing: that is no `completed` for a tracker (BEP 21 says `paused` instead).
    if (content.isWhole) this.#announcer.completed(this.#host.io.clock.now())
    void this.#claim()
    this.#host.onNotice({ kind: 'finished', id: this.id, text: this.view.name })
    this.#changed(DIRTY.ROW | DIRTY.RESUME)
  }

  /** Written → synced → claimed, in that order: a crash can forget a piece, never invent one. */
  #claim(): Promise<void> {
    this.#claiming ??= this.#claimOnce().finally(() => (this.#claiming = undefined))
    return this.#claiming
  }

  async #claimOnce(): Promise<void> {
    const { content } = this
    if (!content || content.unclaimed.length === 0) return
    // Only what was verified before the sync began is durable after it; the rest waits for the next one.
    const count = content.unclaimed.length
    try {
      await content.store.sync()
      this.#host.onClaim(this.id, content.unclaimed.splice(0, count))
    } catch (thrown) {
      this.#fail(toEngineError(thrown))
    }
  }

  async #claimAll(): Promise<void> {
    await this.#claiming
    await this.#claim()
  }

  async #stamp(): Promise<void> {
    const { content } = this
    if (!content || !this.#isTrusted) return
    this.#stamps = await content.store.stamps()
    this.#isClean = true
  }

  /** A throw in here is a bug of ours; it ends this torrent and no other. */
  tick(now: number): void {
    guard(
      () => this.#tick(now),
      error => this.#fail(error),
    )
  }

  #tick(now: number): void {
    const wall = this.#host.io.clock.wall()
    if (this.#phase.kind === 'running') {
      this.#phase.swarm.tick(now)
      this.#announcer.tick(now)
      this.ledger.tick(now, wall, this.isComplete)
      this.#changed(DIRTY.STATS | DIRTY.PEERS | (this.content?.picker.activeCount ? DIRTY.PIECES : 0))
      if (now >= this.#claimAt) {
        this.#claimAt = now + CLAIM_MS
        void this.#claim()
      }
    }
    if (this.#phase.kind === 'failed' && now >= this.#roomAt) {
      this.#roomAt = now + ROOM_MS
      void this.#tryAgain(this.#phase)
    }
    if (now < this.#statusAt) return
    this.#statusAt = now + STATUS_MS
    if (this.view.statusChanged(now)) this.#changed(DIRTY.ROW)
  }

  /** A disk that was full may have room again; every other failure waits for its owner. */
  async #tryAgain(failed: Extract<Phase, { kind: 'failed' }>): Promise<void> {
    if (failed.error.code !== 'DISK_FULL' || this.#intent !== 'run') return
    const space = await this.#host.io.files.space(this.savePath).catch(() => undefined)
    const needed = Math.min(ROOM_BYTES, this.content?.picker.bytesLeft() ?? 0)
    if (this.#phase !== failed || !space || space.free < needed) return
    this.#enter({ kind: 'stopped' })
    this.#reconcile()
  }

  /** Says goodbye and syncs; ends in `stopped`, and stays there. */
  async stop(deadlineMs: number): Promise<void> {
    this.#mayRun = false
    this.#abortCheck()
    if (this.#phase.kind === 'running') this.#work(this.#leave(deadlineMs))
    // One thing may have led to the next, but never to running.
    for (let work: Promise<void> | undefined; work !== this.#working;) {
      work = this.#working
      await work
    }
    await this.content?.store.close()
  }

  /** After `stop`. @returns what stayed, and why */
  async deleteData(): Promise<readonly string[]> {
    if (!this.content) return []
    const { kept } = await this.content.store.deleteData()
    return kept
  }

  toResume(): TorrentResume {
    const { content, ledger } = this
    const isDoubted = !this.#isTrusted && this.#resume !== null
    return {
      have: content ? this.#claimed(content) : (this.spec.resume?.have ?? null),
      priorities: content ? content.priorities.slice() : null,
      inPartFile: content ? content.store.inPartFile.slice() : null,
      stamps: this.#stamps,
      clean: isDoubted ? (this.#resume?.clean ?? false) : this.#isClean,
      downloaded: ledger.downloaded,
      uploaded: ledger.uploaded,
      corrupt: ledger.corrupt,
      redundant: ledger.redundant,
      activeSeconds: Math.round(ledger.activeSeconds),
      seedingSeconds: Math.round(ledger.seedingSeconds),
      completedAt: ledger.completedAt,
      peers: this.view.peersToRemember(PEERS_REMEMBERED),
    }
  }

  /** Verified and synced. What nobody has checked yet is not ours to claim. */
  #claimed(content: Content): Uint8Array | null {
    if (!this.#isTrusted && this.#resume === null) return null
    const claimed = content.picker.have.clone()
    for (const piece of content.unclaimed) claimed.clear(piece)
    return claimed.bytes
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
    return this.#announcer.rows().map(trackerRowOf)
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
