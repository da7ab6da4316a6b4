import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'

export const invalid = (message: string): EngineError => new EngineError('HANDSHAKE_INVALID', 'peer', message)

/** What has arrived and has not been understood yet: at most `LIMITS.mse.bytes` in all before a decision. */
export class MseInput {
  readonly #bytes = new Uint8Array(LIMITS.mse.bytes)
  #held = 0
  #at = 0
  /** What a push brought beyond the limit: fine if it comes behind the decision. Lent. */
  #beyond: Uint8Array = new Uint8Array(0)

  /** @param bytes lent until the next push */
  push(bytes: Uint8Array): void {
    const count = Math.min(this.#bytes.length - this.#held, bytes.length)
    this.#bytes.set(bytes.subarray(0, count), this.#held)
    this.#held += count
    this.#beyond = bytes.subarray(count)
  }

  /** Bytes that are here and not taken: a view. */
  get ahead(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#held)
  }

  /** Bytes that can still be taken before the limit. */
  get room(): number {
    return this.#bytes.length - this.#at
  }

  /** The next `count` bytes, a view on memory of our own; `undefined` until they are all here. */
  take(count: number): Uint8Array | undefined {
    if (this.#at + count > this.#held) return undefined
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  /** Skips to behind `mark`, which begins after at most `LIMITS.mse.pad` bytes; false while it may still come. */
  skipPast(mark: Uint8Array): boolean {
    const { ahead } = this
    const last = Math.min(LIMITS.mse.pad, ahead.length - mark.length)
    for (let at = 0; at <= last; at++) {
      if (!startsWith(ahead, at, mark)) continue
      this.#at += at + mark.length
      return true
    }
    if (last >= LIMITS.mse.pad) throw invalid('no end of the padding: another key, or not encrypted')
    return false
  }

  /** @throws EngineError HANDSHAKE_INVALID when there is no room for what is still missing */
  assertRoom(): void {
    if (this.#beyond.length > 0) throw invalid('too many bytes before the encryption was agreed on')
  }

  /** Everything that was not taken. Yours. */
  rest(): Uint8Array {
    return concat([this.ahead, this.#beyond])
  }
}

function startsWith(bytes: Uint8Array, from: number, mark: Uint8Array): boolean {
  for (let at = 0; at < mark.length; at++) if (bytes[from + at] !== mark[at]) return false
  return true
}
