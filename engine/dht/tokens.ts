import { concat } from '#engine/base/bytes.ts'
import { addressBytes, type Endpoint } from '#engine/base/endpoint.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes } from '#engine/base/ids.ts'
import type { Random } from '#engine/io/random.ts'

const ROTATE_MS = 5 * 60_000
const SECRET_BYTES = 20
const TOKEN_BYTES = 8

/**
 * Proof that whoever announces can hear us at his address (BEP 5): without it anybody could announce anybody.
 * Nothing is stored per asker; a token is good for its address and infohash, for five to ten minutes.
 */
export class Tokens {
  readonly #hashes: Hashes
  readonly #random: Random
  #secret: Uint8Array
  #previous: Uint8Array
  #rotateAt: number

  constructor(hashes: Hashes, random: Random, now: number) {
    this.#hashes = hashes
    this.#random = random
    this.#secret = random.bytes(SECRET_BYTES)
    this.#previous = random.bytes(SECRET_BYTES)
    this.#rotateAt = now + ROTATE_MS
  }

  /** 8 bytes. */
  issue(to: Endpoint, infoHash: Uint8Array, now: number): Uint8Array {
    this.#rotate(now)
    return this.#token(this.#secret, to, infoHash)
  }

  isValid(token: Uint8Array, from: Endpoint, infoHash: Uint8Array, now: number): boolean {
    this.#rotate(now)
    return [this.#secret, this.#previous].some(secret => sameBytes(token, this.#token(secret, from, infoHash)))
  }

  #rotate(now: number): void {
    if (now < this.#rotateAt) return
    // On a grid: a rotation that comes late must not make tokens live longer.
    const periods = Math.floor((now - this.#rotateAt) / ROTATE_MS) + 1
    this.#previous = periods > 1 ? this.#random.bytes(SECRET_BYTES) : this.#secret
    this.#secret = this.#random.bytes(SECRET_BYTES)
    this.#rotateAt += periods * ROTATE_MS
  }

  #token(secret: Uint8Array, endpoint: Endpoint, infoHash: Uint8Array): Uint8Array {
    return this.#hashes.sha1(concat([secret, addressBytes(endpoint), infoHash])).slice(0, TOKEN_BYTES)
  }
}
