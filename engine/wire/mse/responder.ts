import { concat, readU16, readU32, writeU32 } from '#engine/base/bytes.ts'
import { assertNever } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import type { InfoHash } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { DH_LENGTH, isPublicKey, type DiffieHellman } from '#engine/io/crypto.ts'
import type { Random } from '#engine/io/random.ts'
import { bitOf, bitsOf, countedPad, randomPad, type MseAllowed, type MseCipher, type MseDone } from './cipher.ts'
import { invalid, MseInput } from './input.ts'
import { ciphersOf, syncHash } from './keys.ts'
import type { Rc4 } from './rc4.ts'

export interface MseResponderOptions {
  /** Which of our torrents is meant; `SkeyIndex.find` does it. Both arguments are lent. */
  readonly infoHashOf: (req2xor: Uint8Array, secret: Uint8Array) => InfoHash | undefined
  readonly dh: DiffieHellman
  readonly hashes: Hashes
  readonly random: Random
  readonly allow: MseAllowed
  /** What to choose when both sides allow both; rc4 when absent. */
  readonly prefer?: MseCipher
}

/** An agreement, and the torrent whose infohash made it possible. `rest` begins with the initial payload. */
export interface MseAccepted extends MseDone {
  readonly infoHash: InfoHash
}

interface Streams {
  readonly infoHash: InfoHash
  readonly a: Rc4
  readonly b: Rc4
}

type State =
  | { readonly kind: 'key' }
  | { readonly kind: 'sync'; readonly secret: Uint8Array; readonly mark: Uint8Array }
  | { readonly kind: 'torrent'; readonly secret: Uint8Array }
  | ({ readonly kind: 'provide' } & Streams)
  | ({ readonly kind: 'pad'; readonly cipher: MseCipher; readonly length: number } & Streams)
  | ({ readonly kind: 'payload'; readonly cipher: MseCipher; readonly length: number } & Streams)
  | { readonly kind: 'done' }

type Step = { send?: Uint8Array; done?: MseAccepted }

/**
 * The answering side of Message Stream Encryption, for a connection that does not look plain. Owns no socket and no
 * timer: feed it what comes, in any split, and send what it gives, until it is done.
 */
export class MseResponder {
  readonly #options: MseResponderOptions
  readonly #input = new MseInput()
  #state: State = { kind: 'key' }

  constructor(options: MseResponderOptions) {
    this.#options = options
  }

  /**
   * @param bytes lent
   * @returns what is to be sent now, and the agreement when there is one: feed no more after that
   * @throws EngineError HANDSHAKE_INVALID (peer), also when it asks for a torrent that we do not have
   */
  push(bytes: Uint8Array): { send?: Uint8Array; done?: MseAccepted } {
    this.#input.push(bytes)
    const step: Step = {}
    while (this.#advance(step));
    if (!step.done) this.#input.assertRoom()
    return step
  }

  /** @returns whether more may be possible with what is here */
  #advance(step: Step): boolean {
    const state = this.#state
    switch (state.kind) {
      case 'key':
        return this.#takeKey(step)
      case 'sync':
        if (!this.#input.skipPast(state.mark)) return false
        this.#state = { kind: 'torrent', secret: state.secret }
        return true
      case 'torrent':
        return this.#takeTorrent(state.secret)
      case 'provide':
        return this.#takeProvide(state)
      case 'pad': {
        const bytes = this.#input.take(state.length + 2)
        if (!bytes) return false
        state.a.apply(bytes)
        const length = readU16(bytes, state.length)
        if (length > this.#input.room) throw invalid(`${length} bytes of first payload announced`)
        this.#state = { ...state, kind: 'payload', length }
        return true
      }
      case 'payload':
        return this.#takePayload(state, step)
      case 'done':
        return false
      default:
        return assertNever(state)
    }
  }

  #takeKey(step: Step): boolean {
    const theirs = this.#input.take(DH_LENGTH)
    if (!theirs) return false
    if (!isPublicKey(theirs)) throw invalid('a public key that makes the secret known to everybody')
    const { dh, random, hashes } = this.#options
    const keys = dh.keys()
    const secret = keys.secret(theirs)
    step.send = concat([keys.publicKey, randomPad(random)])
    this.#state = { kind: 'sync', secret, mark: syncHash(secret, hashes) }
    return true
  }

  #takeTorrent(secret: Uint8Array): boolean {
    const hidden = this.#input.take(20)
    if (!hidden) return false
    const infoHash = this.#options.infoHashOf(hidden, secret)
    if (!infoHash) throw invalid('asks for a torrent that is not here')
    this.#state = { kind: 'provide', infoHash, ...ciphersOf(infoHash, secret, this.#options.hashes) }
    return true
  }

  #takeProvide(state: Streams): boolean {
    const bytes = this.#input.take(14)
    if (!bytes) return false
    state.a.apply(bytes)
    if (bytes.subarray(0, 8).some(byte => byte !== 0)) throw invalid('encrypted with another key')
    const cipher = this.#choose(readU32(bytes, 8))
    const length = readU16(bytes, 12)
    if (length > LIMITS.mse.pad) throw invalid(`${length} bytes of padding announced`)
    this.#state = { kind: 'pad', infoHash: state.infoHash, a: state.a, b: state.b, cipher, length }
    return true
  }

  #takePayload(state: Streams & { cipher: MseCipher; length: number }, step: Step): boolean {
    const payload = this.#input.take(state.length)
    if (!payload) return false
    const { a, b, cipher, infoHash } = state
    const isPlain = cipher === 'plain'
    // The first payload is encrypted whatever was chosen; only what is behind it follows the choice.
    a.apply(payload)
    const behind = this.#input.rest()
    if (!isPlain) a.apply(behind)
    const [decrypt, encrypt] = isPlain ? [null, null] : [a, b]
    const select = new Uint8Array(12)
    writeU32(select, 8, bitOf(cipher))
    const answer = concat([select, countedPad(this.#options.random)])
    b.apply(answer)
    step.send = step.send ? concat([step.send, answer]) : answer
    step.done = { cipher, decrypt, encrypt, rest: concat([payload, behind]), infoHash }
    this.#state = { kind: 'done' }
    return false
  }

  #choose(provided: number): MseCipher {
    const { allow, prefer = 'rc4' } = this.#options
    const common = provided & bitsOf(allow)
    const other = prefer === 'rc4' ? 'plain' : 'rc4'
    for (const cipher of [prefer, other] as const) if ((common & bitOf(cipher)) !== 0) return cipher
    throw invalid(`offers encryption ${provided}, none of which we allow`)
  }
}
