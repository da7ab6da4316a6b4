import type { Brand } from './brand.ts'
import { EngineError } from './errors.ts'

/** 20 bytes: SHA-1 of the raw info dictionary, or the first 20 bytes of the v2 hash where the wire wants 20 (BEP 52). */
export type InfoHash = Brand<Uint8Array, 'InfoHash'>
/** 32 bytes: SHA-256 of the raw info dictionary (BEP 52). */
export type InfoHashV2 = Brand<Uint8Array, 'InfoHashV2'>
/** 20 bytes, `-FH0100-` and twelve random ones (BEP 20). */
export type PeerId = Brand<Uint8Array, 'PeerId'>

export function infoHash(bytes: Uint8Array): InfoHash {
  if (bytes.length !== 20)
    throw new EngineError('INVALID_INPUT', 'input', `an infohash has 20 bytes, not ${bytes.length}`)
  return bytes as InfoHash
}

export function infoHashV2(bytes: Uint8Array): InfoHashV2 {
  if (bytes.length !== 32)
    throw new EngineError('INVALID_INPUT', 'input', `a v2 infohash has 32 bytes, not ${bytes.length}`)
  return bytes as InfoHashV2
}

export function peerId(bytes: Uint8Array): PeerId {
  if (bytes.length !== 20)
    throw new EngineError('INVALID_INPUT', 'input', `a peer id has 20 bytes, not ${bytes.length}`)
  return bytes as PeerId
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/** Bytes of an even number of hex digits of either case, or `undefined` when it is anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(at * 2, at * 2 + 2), 16))
}

/** What two infohashes or ids have in common is everything or nothing. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}
