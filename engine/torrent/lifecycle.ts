import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Bitfield } from '#engine/base/bitfield.ts'
import type { Belief } from './belief.ts'
import { checkPieces } from './check.ts'
import type { Content } from './content.ts'
import type { Swarm } from './swarm.ts'
import { DIRTY, type Intent, type TorrentHost, type TorrentResume, type TorrentSpec } from './types.ts'

const GOODBYE_MS = 2_000
/** A disk that was full is looked at this often; so many free bytes, or all that is missing, are worth another try. */
const ROOM_MS = 30_000
const ROOM_BYTES = 64 * 1024 * 1024

/** How far a torrent got. What is valid only in one phase is a field of that phase. */
export type Phase =
  | { readonly kind: 'stopped' }
  | {
      readonly kind: 'check-queued' | 'checking'
      readonly abort: AbortController
      checked: number
      readonly total: number
    }
  | { readonly kind: 'running'; readonly swarm: Swarm; readonly since: number }
  | { readonly kind: 'stopping'; readonly done: Promise<void> }
  | { readonly kind: 'failed'; readonly error: EngineError }

/** What the phases are made of: the torrent's part. */
export interface LifecycleHost {
  /** Null before metadata. */
  content(): Content | null
  openSwarm(now: number): Swarm
  /** The phase is `running` from here on: peers and trackers may be asked. */
  onRunning(swarm: Swarm, now: number): void
  /** Says goodbye to peers and trackers, then syncs and claims what was verified. */
  closeSwarm(swarm: Swarm, deadlineMs: number): Promise<void>
  /** What lies on disk is known to be `have`. */
  onBelieved(content: Content, have: Bitfield): void
  toResume(): TorrentResume
  /** Bits of `DIRTY`. */
  onChange(bits: number): void
}

/** Moves one torrent from phase to phase, towards what the user, the queue and the disk allow. One step at a time. */
export class Lifecycle {
  readonly #spec: TorrentSpec
  readonly #session: TorrentHost
  readonly #host: LifecycleHost
  readonly #belief: Belief
  #phase: Phase = { kind: 'stopped' }
  #intent: Intent
  #mayRun = false
  /** By the user; until it has ended. */
  #isCheckWanted = false
  #roomAt = 0
  /** What is under way between two phases. Never rejects. */
  #working: Promise<void> = Promise.resolve()
  /** Why it stops, when that is a failure. */
  #failure: EngineError | undefined

  constructor(spec: TorrentSpec, session: TorrentHost, belief: Belief, host: LifecycleHost) {
    this.#spec = spec
    this.#session = session
    this.#belief = belief
    this.#host = host
    this.#intent = spec.intent
  }

  get phase(): Phase {
    return this.#phase
  }
  get intent(): Intent {
    return this.#intent
  }
  get swarm(): Swarm | undefined {
    return this.#phase.kind === 'running' ? this.#phase.swarm : undefined
  }
  get isChecking(): boolean {
    return this.#phase.kind === 'checking' || this.#phase.kind === 'check-queued'
  }
  /** In a phase that costs work each tick. */
  get isActive(): boolean {
    return this.#phase.kind !== 'stopped' && this.#phase.kind !== 'failed'
  }

  // ---- what the user and the queue want

  setIntent(intent: Intent): void {
    this.#intent = intent
    // "Resume" on a failed torrent means "try again".
    if (intent === 'run' && this.#phase.kind === 'failed') this.#enter({ kind: 'stopped' })
    this.#host.onChange(DIRTY.ROW | DIRTY.RESUME)
    this.#reconcile()
  }

  setMayRun(mayRun: boolean): void {
    if (this.#mayRun === mayRun) return
    this.#mayRun = mayRun
    this.#reconcile()
  }

  recheck(): void {
    if (!this.#host.content()) return
    this.#isCheckWanted = true
    if (this.#phase.kind === 'failed') this.#enter({ kind: 'stopped' })
    this.#reconcile()
  }

  cancelCheck(): void {
    if (this.isChecking && !this.#belief.isTrusted) {
      // What nobody has looked at is not ours to claim, and not to be looked at: the torrent waits.
      this.#intent = 'pause'
      this.#host.onChange(DIRTY.ROW | DIRTY.RESUME)
    }
    this.#abortCheck()
  }

  fail(error: EngineError): void {
    if (this.#phase.kind === 'failed' || this.#failure) return
    const { id } = this.#spec
    this.#session.io.log.write('error', 'torrent', `${id}: ${error.code} ${error.message}`)
    this.#session.onNotice({ kind: 'error', id, text: error.message })
    this.#roomAt = this.#session.io.clock.now() + ROOM_MS
    this.#belief.doubt(this.#host.toResume())
    if (this.#phase.kind === 'running') {
      this.#failure = error
      this.#work(this.#leave(GOODBYE_MS))
    } else if (this.#phase.kind === 'stopping') this.#failure = error
    else this.#enter({ kind: 'failed', error })
  }

  tick(now: number): void {
    if (this.#phase.kind !== 'failed' || now < this.#roomAt) return
    this.#roomAt = now + ROOM_MS
    void this.#tryAgain(this.#phase)
  }

  /** Ends in `stopped`, and stays there. */
  async stop(deadlineMs: number): Promise<void> {
    this.#mayRun = false
    this.#abortCheck()
    if (this.#phase.kind === 'running') this.#work(this.#leave(deadlineMs))
    // One thing may have led to the next, but never to running.
    for (let work: Promise<void> | undefined; work !== this.#working;) {
      work = this.#working
      await work
    }
  }

  // ---- steps

  #enter(phase: Phase): void {
    this.#phase = phase
    this.#host.onChange(DIRTY.ROW | DIRTY.STATS | DIRTY.PEERS | DIRTY.TRACKERS | DIRTY.PIECES | DIRTY.FILES)
  }

  /** Moves the phase one step towards what is wanted. Called whenever either may have changed. */
  #reconcile(): void {
    const wantsToRun = this.#intent === 'run' && this.#mayRun
    const { kind } = this.#phase
    if (kind === 'running' && (!wantsToRun || this.#isCheckWanted)) {
      this.#work(this.#leave(GOODBYE_MS))
    } else if (this.isChecking && !wantsToRun && !this.#isCheckWanted) {
      this.#abortCheck()
    } else if (kind === 'stopped') {
      if (this.#isCheckWanted) this.#work(this.#check())
      else if (wantsToRun) this.#work(this.#prepare())
    }
  }

  #work(work: Promise<void>): void {
    this.#working = work.catch((thrown: unknown) => this.fail(toEngineError(thrown)))
  }

  #settleStopped(): void {
    this.#enter({ kind: 'stopped' })
    this.#reconcile()
  }

  #run(): void {
    const now = this.#session.io.clock.now()
    const swarm = this.#host.openSwarm(now)
    this.#belief.touch()
    this.#enter({ kind: 'running', swarm, since: now })
    this.#host.onRunning(swarm, now)
  }

  /** From running to stopped or failed: peers and trackers are told, verified pieces are synced and claimed. */
  async #leave(deadlineMs: number): Promise<void> {
    if (this.#phase.kind !== 'running') return
    const done = this.#host.closeSwarm(this.#phase.swarm, deadlineMs)
    this.#enter({ kind: 'stopping', done })
    try {
      await done
      await this.#stamp()
    } catch (thrown) {
      this.fail(toEngineError(thrown))
    }
    const error = this.#failure
    this.#failure = undefined
    this.#enter(error ? { kind: 'failed', error } : { kind: 'stopped' })
    this.#host.onChange(DIRTY.RESUME)
    this.#reconcile()
  }

  async #stamp(): Promise<void> {
    const content = this.#host.content()
    if (content) await this.#belief.stamp(content)
  }

  /** A disk that was full may have room again; every other failure waits for its owner. */
  async #tryAgain(failed: Extract<Phase, { kind: 'failed' }>): Promise<void> {
    if (failed.error.code !== 'DISK_FULL' || this.#intent !== 'run') return
    const space = await this.#session.io.files.space(this.#spec.savePath).catch(() => undefined)
    const needed = Math.min(ROOM_BYTES, this.#host.content()?.picker.bytesLeft() ?? 0)
    if (this.#phase !== failed || !space || space.free < needed) return
    this.#settleStopped()
  }

  // ---- looks at the disk

  /** On the way to running: is what lies on disk what we believe? */
  async #prepare(): Promise<void> {
    const content = this.#host.content()
    if (!content || !this.#belief.wantsLook) return this.#run()
    const abort = new AbortController()
    this.#enter({ kind: 'check-queued', abort, checked: 0, total: 0 })
    try {
      const suspects = await this.#belief.suspects(content)
      // Something went wrong meanwhile: that is the phase.
      if (this.#phase.kind !== 'check-queued') return
      if (abort.signal.aborted || this.#isCheckWanted) return this.#settleStopped()
      if (suspects === 'all' || suspects.length > 0) return await this.#checkNow(content, suspects, abort)
      this.#host.onBelieved(content, content.picker.have)
      // Still wanted, or it would have been aborted.
      this.#run()
    } catch (thrown) {
      this.fail(toEngineError(thrown))
    }
  }

  async #check(): Promise<void> {
    const content = this.#host.content()
    if (!content) return
    const abort = new AbortController()
    this.#enter({ kind: 'check-queued', abort, checked: 0, total: content.geometry.pieceCount })
    await this.#checkNow(content, 'all', abort)
  }

  async #checkNow(content: Content, pieces: readonly number[] | 'all', abort: AbortController): Promise<void> {
    let turn: Disposable | undefined
    try {
      turn = await this.#session.checkTurn(this.#spec.id, abort.signal)
      const total = pieces === 'all' ? content.geometry.pieceCount : pieces.length
      const phase: Phase = { kind: 'checking', abort, checked: 0, total }
      this.#enter(phase)
      const onProgress = (checked: number) => {
        phase.checked = checked
        this.#host.onChange(DIRTY.STATS)
      }
      const outcome = await checkPieces(content, pieces, onProgress, abort.signal)
      if (outcome.kind === 'failed') return this.fail(outcome.error)
      content.picker.restore(outcome.have)
      content.unclaimed = content.unclaimed.filter(piece => outcome.have.has(piece))
      if (outcome.kind === 'done' || this.#belief.isTrusted) this.#host.onBelieved(content, outcome.have)
      if (outcome.kind === 'done') await this.#stamp()
      this.#host.onChange(DIRTY.RESUME)
    } catch (thrown) {
      const error = toEngineError(thrown)
      if (error.code !== 'ABORTED') return this.fail(error)
    } finally {
      if (pieces === 'all') this.#isCheckWanted = false
      turn?.[Symbol.dispose]()
    }
    this.#settleStopped()
  }

  #abortCheck(): void {
    this.#isCheckWanted = false
    if (this.#phase.kind === 'checking' || this.#phase.kind === 'check-queued') this.#phase.abort.abort()
  }
}
