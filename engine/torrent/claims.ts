import { toEngineError, type EngineError } from '#engine/base/errors.ts'
import type { Content } from './content.ts'

/** Verified bytes, and ms, after which they are synced and claimed. */
const CLAIM_BYTES = 64 * 1024 * 1024
const CLAIM_MS = 2_000

export interface ClaimsHost {
  /** Pieces that are written and synced: the journal may claim them. */
  onClaim(pieces: readonly number[]): void
  onError(error: EngineError): void
}

/** Written → synced → claimed, in that order: a crash can forget a piece, never invent one. */
export class Claims {
  readonly #content: Content
  readonly #host: ClaimsHost
  #claiming: Promise<void> | undefined
  #claimAt = 0

  constructor(content: Content, host: ClaimsHost) {
    this.#content = content
    this.#host = host
  }

  /** Verified and synced, one bit each. */
  get bits(): Uint8Array {
    const claimed = this.#content.picker.have.clone()
    for (const piece of this.#content.unclaimed) claimed.clear(piece)
    return claimed.bytes
  }

  pieceVerified(): void {
    const { unclaimed, geometry } = this.#content
    if (unclaimed.length * geometry.pieceLength >= CLAIM_BYTES) void this.claim()
  }

  tick(now: number): void {
    if (now < this.#claimAt) return
    this.#claimAt = now + CLAIM_MS
    void this.claim()
  }

  /** One at a time: whoever asks meanwhile waits for the one under way. Never rejects. */
  claim(): Promise<void> {
    this.#claiming ??= this.#claimOnce().finally(() => (this.#claiming = undefined))
    return this.#claiming
  }

  /** What was verified while a claim was under way included. */
  async claimAll(): Promise<void> {
    await this.#claiming
    await this.claim()
  }

  async #claimOnce(): Promise<void> {
    const { unclaimed, store } = this.#content
    if (unclaimed.length === 0) return
    // Only what was verified before the sync began is durable after it; the rest waits for the next one.
    const count = unclaimed.length
    try {
      await store.sync()
      this.#host.onClaim(this.#content.unclaimed.splice(0, count))
    } catch (thrown) {
      this.#host.onError(toEngineError(thrown))
    }
  }
}
