import { latin1, writeU16 } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Random } from '#engine/io/random.ts'
import type { Rc4 } from './rc4.ts'

/** What may be agreed on for the bytes after the handshake. Off is not to begin at all; neither is nobody's wish. */
export interface MseAllowed {
  readonly plain: boolean
  readonly rc4: boolean
}

export type MseCipher = 'plain' | 'rc4'

/** An agreement: from here on bytes pass through `decrypt` and `encrypt`, or are plain where these are null. */
export interface MseDone {
  readonly cipher: MseCipher
  readonly decrypt: Rc4 | null
  readonly encrypt: Rc4 | null
  /** What arrived behind the handshake, decrypted already. Yours. */
  readonly rest: Uint8Array
}

const PLAIN = 1
const RC4 = 2

/** crypto_provide. */
export const bitsOf = (allowed: MseAllowed): number => (allowed.plain ? PLAIN : 0) | (allowed.rc4 ? RC4 : 0)

export const bitOf = (cipher: MseCipher): number => (cipher === 'plain' ? PLAIN : RC4)

/** What one bit of crypto_select says. */
export function cipherOf(bit: number): MseCipher | undefined {
  if (bit === PLAIN) return 'plain'
  return bit === RC4 ? 'rc4' : undefined
}

const PROTOCOL = '\x13BitTorrent protocol'

/**
 * Whether a connection begins with a plain handshake (BEP 3); `undefined` while it cannot be told.
 * A public key looks like that once in 2^160 times.
 */
export function looksPlain(bytes: Uint8Array): boolean | undefined {
  const start = latin1(bytes.subarray(0, PROTOCOL.length))
  if (!PROTOCOL.startsWith(start)) return false
  return start.length === PROTOCOL.length ? true : undefined
}

const padLength = (random: Random): number => Math.floor(random.next() * (LIMITS.mse.pad + 1))

/** 0 to 512 bytes that look like the rest of a key. */
export const randomPad = (random: Random): Uint8Array => random.bytes(padLength(random))

/** The length, and as many zeros: encrypted, they hide how long the rest is. */
export function countedPad(random: Random): Uint8Array {
  const length = padLength(random)
  const bytes = new Uint8Array(2 + length)
  writeU16(bytes, 0, length)
  return bytes
}
