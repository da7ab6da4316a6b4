import { Bitfield } from '#engine/base/bitfield.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { RateMeter } from '#engine/base/rate-meter.ts'
import type { Throttle } from '#engine/base/throttle.ts'
import type { Http } from '#engine/io/http.ts'
import type { LogLevel } from '#engine/io/log.ts'
import type { FileSpans } from '#engine/pieces/file-spans.ts'
import { BLOCK_LENGTH, type Geometry } from '#engine/pieces/geometry.ts'
import type { Picker } from '#engine/pieces/picker.ts'
import { webSeedAddressRule } from './address-rule.ts'
import { judgeAnswer, judgeFailure, mostBytesOf, type Verdict } from './answer.ts'
import type { RangePart, RangePlan } from './range-plan.ts'
import { pickRuns, type Run } from './run.ts'

const { chunkMinBytes, chunkMaxBytes } = LIMITS.webSeed
/** Doubles while the rate allows: a slow server shows soon that it works, a fast one is at full size after four requests. */
const CHUNK_START = 256 * 1024
/** A request takes about this long: short enough to be shown as a steady rate, long enough that the way there costs little. */
const CHUNK_MS = 2_000

export type WebSeedState =
  | { readonly kind: 'idle' | 'working' }
  | { readonly kind: 'backing-off'; readonly until: number; readonly reason: string }
  /** For as long as the torrent runs. */
  | { readonly kind: 'gone'; readonly reason: string }

/** All that a web seed may ask of its torrent. */
export interface WebSeedHost {
  readonly http: Http
  readonly geometry: Geometry
  readonly spans: FileSpans
  readonly fileLengths: Float64Array
  readonly picker: Picker
  readonly down: Throttle
  readonly userAgent: string
  readonly allowLocal: boolean
  /** Bytes of memory for blocks under way that one request may hold. */
  readonly requestMost: number
  now(): number
  /** Milliseconds since 1970. */
  wall(): number
  random(): number
  /** A whole block. @returns whether it was of use */
  deliver(from: WebSeed, piece: number, begin: number, bytes: Uint8Array): boolean
  log(level: LogLevel, text: string): void
}

/** A web server with the torrent's files (BEP 19), as a peer that has everything and never chokes. */
export class WebSeed {
  /** Identifies it to the picker, as the slot of a peer does. */
  readonly slot: number
  /** Its URL without scheme, and without whatever it has for a password. */
  readonly name: string
  readonly hostname: string
  readonly port: number
  readonly isTls: boolean
  /** What it is believed to have. */
  readonly field: Bitfield
  readonly meter = new RateMeter()
  /** Of the first answer that was of use; NaN before. */
  connectedAt = Number.NaN
  hashFails = 0
  readonly #host: WebSeedHost
  readonly #plan: RangePlan
  readonly #fetches = new Map<Run, AbortController>()
  /** Asked of it as far as the picker knows, and not yet sent. */
  #queue: Run[] = []
  #trouble: Extract<WebSeedState, { reason: string }> | undefined
  #chunk = CHUNK_START
  #failures = 0
  #missesInRow = 0
  /** Counted by the picker among those that have the pieces. */
  #isJoined = false

  constructor(slot: number, url: string, plan: RangePlan, host: WebSeedHost) {
    const { hostname, port, protocol, host: site, pathname, search } = new URL(url)
    this.slot = slot
    this.name = site + pathname + search
    this.hostname = hostname.replace(/^\[|\]$/g, '')
    this.isTls = protocol === 'https:'
    this.port = port === '' ? (this.isTls ? 443 : 80) : Number(port)
    this.field = new Bitfield(host.geometry.pieceCount)
    this.field.fill()
    this.#plan = plan
    this.#host = host
  }

  get state(): WebSeedState {
    return this.#trouble ?? { kind: this.isWorking ? 'working' : 'idle' }
  }
  get isWorking(): boolean {
    return this.#fetches.size > 0
  }
  /** Its last answer was good. */
  get isAnswering(): boolean {
    return this.#isJoined
  }
  get isGone(): boolean {
    return this.#trouble?.kind === 'gone'
  }
  /** Blocks that it owes us. */
  get requestsOut(): number {
    let bytes = 0
    for (const run of [...this.#fetches.keys(), ...this.#queue]) bytes += run.end - run.done
    return Math.ceil(bytes / BLOCK_LENGTH)
  }

  // ---- asking

  /** Asks for what it may be asked for. */
  tick(now: number): void {
    if (this.#trouble?.kind === 'gone') return
    if (this.#trouble && now < this.#trouble.until) return
    this.#trouble = undefined
    // After a failure one request finds out whether it is over.
    const most = this.#failures > 0 ? 1 : LIMITS.webSeed.requests
    while (this.#fetches.size < most) {
      const run = this.#next(now)
      if (!run) return
      void this.#fetch(run)
    }
  }

  #next(now: number): Run | undefined {
    const { down, picker, geometry, requestMost } = this.#host
    const allowance = down.allowance(now)
    // What is asked for comes at once and whole, so it is paid for before; a little debt is paid back by waiting.
    if (allowance < Math.min(BLOCK_LENGTH, geometry.pieceLength)) return undefined
    if (this.#queue.length === 0) {
      this.#queue = pickRuns(picker, geometry, this, Math.min(this.#chunk, allowance, requestMost))
    }
    return this.#queue.shift()
  }

  async #fetch(run: Run): Promise<void> {
    const abort = new AbortController()
    const startedAt = this.#host.now()
    this.#fetches.set(run, abort)
    this.#host.down.spend(run.end - run.start)
    const failure = await this.#fetchParts(run, abort.signal)
    this.#fetches.delete(run)
    if (abort.signal.aborted) return
    if (failure) this.#failed(failure.verdict, failure.part, run)
    else this.#succeeded(run, this.#host.now() - startedAt)
    // Under a limit the next tick asks, for more at a time.
    if (!this.#host.down.isLimited) this.tick(this.#host.now())
  }

  /** @returns what stopped it, if anything did and nobody asked for that */
  async #fetchParts(run: Run, signal: AbortSignal): Promise<{ verdict: Verdict; part?: RangePart } | undefined> {
    const { geometry } = this.#host
    const length = run.end - run.start
    const piece = Math.floor(run.start / geometry.pieceLength)
    const parts = this.#plan.partsOf(piece, run.start - piece * geometry.pieceLength, length)
    let bytes: Uint8Array | undefined
    try {
      for (const [nth, part] of parts.entries()) {
        const verdict = await this.#ask(part, signal)
        if (signal.aborted) return undefined
        if (verdict.kind !== 'bytes') return { verdict, part }
        // Blocks may begin in one file and end in another, or in padding.
        if (verdict.bytes.length === length) bytes = verdict.bytes
        else (bytes ??= new Uint8Array(length)).set(verdict.bytes, part.at)
        this.#deliver(run, bytes, run.start + (parts[nth + 1]?.at ?? length))
      }
      return undefined
    } catch (thrown) {
      return { verdict: judgeFailure(thrown) }
    }
  }

  async #ask(part: RangePart, signal: AbortSignal): Promise<Verdict> {
    const { http, userAgent, allowLocal } = this.#host
    const fileLength = this.#host.fileLengths[part.file]!
    try {
      const response = await http.get(
        {
          url: part.url,
          headers: {
            Range: `bytes=${part.from}-${part.to}`,
            'Accept-Encoding': 'identity',
            'User-Agent': userAgent,
          },
          maxBytes: mostBytesOf(part, fileLength),
          maxRedirects: LIMITS.http.redirects,
          totalMs: LIMITS.http.totalMs,
          silentMs: LIMITS.http.silentMs,
          allow: webSeedAddressRule(allowLocal),
        },
        signal,
      )
      return judgeAnswer(response, part, fileLength, this.#host.wall())
    } catch (thrown) {
      return judgeFailure(thrown)
    }
  }

  /** Hands over the whole blocks before `upTo`. */
  #deliver(run: Run, bytes: Uint8Array, upTo: number): void {
    const { geometry } = this.#host
    const now = this.#host.now()
    while (run.done < upTo) {
      const piece = Math.floor(run.done / geometry.pieceLength)
      const begin = run.done - piece * geometry.pieceLength
      const size = geometry.blockSize(piece, begin / BLOCK_LENGTH)
      if (run.done + size > upTo) return
      const at = run.done - run.start
      run.done += size
      if (this.#host.deliver(this, piece, begin, bytes.subarray(at, at + size))) this.meter.add(size, now)
    }
  }

  // ---- what came of it

  #succeeded(run: Run, elapsedMs: number): void {
    this.#failures = 0
    this.#missesInRow = 0
    if (Number.isNaN(this.connectedAt)) this.connectedAt = this.#host.now()
    this.#join()
    const length = run.end - run.start
    // Small requests tell of the way, not of the rate.
    if (length < this.#chunk / 2) return
    const fitting = (length * CHUNK_MS) / Math.max(1, elapsedMs)
    this.#chunk = Math.max(chunkMinBytes, Math.min(fitting, this.#chunk * 2, chunkMaxBytes))
  }

  #failed(verdict: Verdict, part: RangePart | undefined, run: Run): void {
    this.#refund(run)
    this.#giveBack(run)
    switch (verdict.kind) {
      case 'bytes':
        return
      case 'useless':
        this.drop(verdict.reason)
        return
      case 'missing':
        this.#missing(verdict.reason, part)
        return
      case 'later':
        this.#backOff(verdict.reason, verdict.retryInMs)
    }
  }

  /** Another of several files may well be there. */
  #missing(reason: string, part: RangePart | undefined): void {
    const { spans } = this.#host
    const pieces = part && spans.fileCount > 1 ? spans.piecesOf(part.file) : undefined
    if (!pieces) {
      this.drop(reason)
      return
    }
    const wasJoined = this.#isJoined
    const before = this.field.count
    this.#leave()
    for (let piece = pieces.first; piece <= pieces.last; piece++) this.field.clear(piece)
    if (wasJoined) this.#join()
    // Two requests may have met the same gap.
    if (this.field.count < before) this.#missesInRow++
    if (this.field.isEmpty || this.#missesInRow >= LIMITS.webSeed.missingFiles) this.drop(reason)
  }

  #backOff(reason: string, retryInMs: number | undefined): void {
    // Of two requests that fail together the first decides.
    if (this.#trouble) return
    const { retryMinMs, retryMaxMs, retryAfterMaxMs } = LIMITS.webSeed
    const ownMs = Math.min(retryMinMs * 2 ** this.#failures++, retryMaxMs) * (0.75 + this.#host.random() / 2)
    // All who were turned away come back, but not at one instant.
    const askedMs = Math.min(retryInMs ?? 0, retryAfterMaxMs) * (1 + this.#host.random() / 10)
    const waitMs = Math.max(ownMs, askedMs)
    this.#trouble = { kind: 'backing-off', until: this.#host.now() + waitMs, reason }
    this.#chunk = Math.max(chunkMinBytes, this.#chunk / 4)
    for (const run of this.#queue) this.#giveBack(run)
    this.#queue = []
    this.#leave()
    this.#host.log('info', `${this.hostname} ${reason}: asked again in ${Math.round(waitMs / 1000)} s`)
  }

  /** What was paid for and did not come. */
  #refund(run: Run): void {
    this.#host.down.spend(run.done - run.end)
  }

  /** What did not come may be asked of anybody. */
  #giveBack(run: Run): void {
    const { geometry, picker } = this.#host
    while (run.done < run.end) {
      const piece = Math.floor(run.done / geometry.pieceLength)
      const block = (run.done - piece * geometry.pieceLength) / BLOCK_LENGTH
      picker.blockLost(this.slot, piece, block)
      run.done += geometry.blockSize(piece, block)
    }
  }

  #join(): void {
    if (this.#isJoined || this.#trouble) return
    this.#isJoined = true
    this.#host.picker.peerJoined(this.field)
  }

  #leave(): void {
    if (!this.#isJoined) return
    this.#isJoined = false
    this.#host.picker.peerLeft(this.field)
  }

  /** Not asked again while the torrent runs. Idempotent. */
  drop(reason: string): void {
    if (this.isGone) return
    this.close()
    this.#trouble = { kind: 'gone', reason }
    this.#host.log('warn', `${this.hostname} is not asked any more: it ${reason}`)
  }

  /** Ends its requests, and gives back what was asked of it. */
  close(): void {
    for (const [run, abort] of this.#fetches) {
      abort.abort()
      this.#refund(run)
    }
    this.#fetches.clear()
    this.#queue = []
    this.#leave()
    this.#host.picker.peerGone(this.slot)
  }
}
