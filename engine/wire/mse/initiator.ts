import { concat, readU16, readU32, writeU16, writeU32 } from '#engine/base/bytes.ts'
import { assertNever } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { DH_LENGTH, isPublicKey, type DhKeys, type DiffieHellman } from '#engine/io/crypto.ts'
import type { Random } from '#engine/io/random.ts'
import {
  bitsOf,
  cipherOf,
  countedPad,
  looksPlain,
  randomPad,
  type MseAllowed,
  type MseCipher,
  type MseDone,
} from './cipher.ts'
import { invalid, MseInput } from './input.ts'
import { ciphersOf, hiddenTorrentHash, syncHash } from './keys.ts'
import type { Rc4 } from './rc4.ts'

export interface MseInitiatorOptions {
  /** Infohash, 20 bytes: both sides know it and an onlooker does not. */
  readonly skey: Uint8Array
  readonly dh: DiffieHellman
  readonly hashes: Hashes
  readonly random: Random
  readonly allow: MseAllowed
  /** Sent encrypted with the first chance: the handshake of BEP 3. Up to 65,535 bytes, and others may read no more than 800. */
  readonly initialPayload: Uint8Array
}

type State =
  | { readonly kind: 'key' }
  | { readonly kind: 'sync'; readonly a: Rc4; readonly b: Rc4; readonly mark: Uint8Array }
  | { readonly kind: 'select'; readonly a: Rc4; readonly b: Rc4 }
  | { readonly kind: 'pad'; readonly a: Rc4; readonly b: Rc4; readonly cipher: MseCipher; readonly length: number }
  | { readonly kind: 'done' }

/**
 * The dialling side of Message Stream Encryption. Owns no socket and no timer: send what `start` gives, feed it what
 * comes, in any split, and send what `push` gives, until it is done.
 */
export class MseInitiator {
  readonly #options: MseInitiatorOptions
  readonly #keys: DhKeys
  readonly #input = new MseInput()
  #state: State = { kind: 'key' }

  constructor(options: MseInitiatorOptions) {
    this.#options = options
    this.#keys = options.dh.keys()
  }

  /** The first bytes of the connection. */
  start(): Uint8Array {
    return concat([this.#keys.publicKey, randomPad(this.#options.random)])
  }

  /**
   * @param bytes lent
   * @returns what is to be sent now, and the agreement when there is one: feed no more after that
   * @throws EngineError HANDSHAKE_INVALID (peer)
   */
  push(bytes: Uint8Array): { send?: Uint8Array; done?: MseDone } {
    this.#input.push(bytes)
    const step: { send?: Uint8Array; done?: MseDone } = {}
    while (this.#advance(step));
    if (!step.done) this.#input.assertRoom()
    return step
  }

  /** @returns whether more may be possible with what is here */
  #advance(step: { send?: Uint8Array; done?: MseDone }): boolean {
    const state = this.#state
    switch (state.kind) {
      case 'key':
        return this.#takeKey(step)
      case 'sync':
        if (!this.#input.skipPast(state.mark)) return false
        this.#state = { kind: 'select', a: state.a, b: state.b }
        return true
      case 'select': {
        const bytes = this.#input.take(6)
        if (!bytes) return false
        state.b.apply(bytes)
        this.#state = { kind: 'pad', a: state.a, b: state.b, ...this.#selection(bytes) }
        return true
      }
      case 'pad': {
        const pad = this.#input.take(state.length)
        if (!pad) return false
        state.b.apply(pad)
        const rest = this.#input.rest()
        const isPlain = state.cipher === 'plain'
        if (!isPlain) state.b.apply(rest)
        const [decrypt, encrypt] = isPlain ? [null, null] : [state.b, state.a]
        step.done = { cipher: state.cipher, decrypt, encrypt, rest }
        this.#state = { kind: 'done' }
        return false
      }
      case 'done':
        return false
      default:
        return assertNever(state)
    }
  }

  #takeKey(step: { send?: Uint8Array }): boolean {
    if (looksPlain(this.#input.ahead)) throw invalid('answered without encryption')
    const theirs = this.#input.take(DH_LENGTH)
    if (!theirs) return false
    if (!isPublicKey(theirs)) throw invalid('a public key that makes the secret known to everybody')
    const { skey, hashes, allow, random, initialPayload } = this.#options
    const secret = this.#keys.secret(theirs)
    const { a, b } = ciphersOf(skey, secret, hashes)
    const provide = new Uint8Array(12)
    writeU32(provide, 8, bitsOf(allow))
    const payloadLength = new Uint8Array(2)
    writeU16(payloadLength, 0, initialPayload.length)
    const encrypted = concat([provide, countedPad(random), payloadLength, initialPayload])
    a.apply(encrypted)
    step.send = concat([syncHash(secret, hashes), hiddenTorrentHash(skey, secret, hashes), encrypted])
    // The verification constant is eight zeros: encrypted, it is the first eight bytes of their stream.
    const mark = new Uint8Array(8)
    b.apply(mark)
    this.#state = { kind: 'sync', a, b, mark }
    return true
  }

  /** @param bytes crypto_select and the length of the padding */
  #selection(bytes: Uint8Array): { cipher: MseCipher; length: number } {
    const selected = readU32(bytes, 0)
    const cipher = cipherOf(selected)
    if (!cipher || !this.#options.allow[cipher]) throw invalid(`chose encryption ${selected}, which we did not offer`)
    const length = readU16(bytes, 4)
    if (length > LIMITS.mse.pad) throw invalid(`${length} bytes of padding announced`)
    return { cipher, length }
  }
}
