import { readU16, readU32 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'

/** Ids of peer messages: BEP 3, 5 (port), 6 (suggest to allowed-fast), 10 (extended), 52 (hashes). */
export const MESSAGE = {
  CHOKE: 0,
  UNCHOKE: 1,
  INTERESTED: 2,
  NOT_INTERESTED: 3,
  HAVE: 4,
  BITFIELD: 5,
  REQUEST: 6,
  PIECE: 7,
  CANCEL: 8,
  PORT: 9,
  SUGGEST: 13,
  HAVE_ALL: 14,
  HAVE_NONE: 15,
  REJECT: 16,
  ALLOWED_FAST: 17,
  EXTENDED: 20,
  HASH_REQUEST: 21,
  HASHES: 22,
  HASH_REJECT: 23,
} as const

/** A block as peers name it, all three any u32 until checked against the torrent. */
export interface BlockRequest {
  piece: number
  begin: number
  length: number
}

/** Hashes of a file's tree (BEP 52): `length` of them from `index` in `baseLayer`, with uncles up to `proofLayers`. */
export interface HashRange {
  /** 32 bytes, lent. */
  readonly piecesRoot: Uint8Array
  readonly baseLayer: number
  readonly index: number
  readonly length: number
  readonly proofLayers: number
}

/** Any message but a block, which the decoder places itself. Bytes inside are lent, like the body they were parsed from. */
export type WireMessage =
  | { readonly kind: 'choke' | 'unchoke' | 'interested' | 'not-interested' | 'have-all' | 'have-none' }
  | { readonly kind: 'have' | 'suggest' | 'allowed-fast'; readonly piece: number }
  | { readonly kind: 'bitfield'; readonly bytes: Uint8Array }
  | ({ readonly kind: 'request' | 'cancel' | 'reject' } & Readonly<BlockRequest>)
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'extended'; readonly id: number; readonly payload: Uint8Array }
  | ({ readonly kind: 'hash-request' | 'hash-reject' } & HashRange)
  | ({ readonly kind: 'hashes'; readonly hashes: Uint8Array } & HashRange)
  | { readonly kind: 'unknown'; readonly id: number }

/**
 * @param body what follows the id
 * @throws EngineError WIRE_MESSAGE_TOO_SHORT or WIRE_PROTOCOL (peer) when the body has another length than the message
 */
export function parseMessage(id: number, body: Uint8Array): WireMessage {
  switch (id) {
    case MESSAGE.CHOKE:
      return bare('choke', body)
    case MESSAGE.UNCHOKE:
      return bare('unchoke', body)
    case MESSAGE.INTERESTED:
      return bare('interested', body)
    case MESSAGE.NOT_INTERESTED:
      return bare('not-interested', body)
    case MESSAGE.HAVE_ALL:
      return bare('have-all', body)
    case MESSAGE.HAVE_NONE:
      return bare('have-none', body)
    case MESSAGE.HAVE:
      return { kind: 'have', piece: readPiece(body) }
    case MESSAGE.SUGGEST:
      return { kind: 'suggest', piece: readPiece(body) }
    case MESSAGE.ALLOWED_FAST:
      return { kind: 'allowed-fast', piece: readPiece(body) }
    case MESSAGE.BITFIELD:
      return { kind: 'bitfield', bytes: body }
    case MESSAGE.REQUEST:
      return block('request', body)
    case MESSAGE.CANCEL:
      return block('cancel', body)
    case MESSAGE.REJECT:
      return block('reject', body)
    case MESSAGE.PORT:
      checkLength(body, 2)
      return { kind: 'port', port: readU16(body, 0) }
    case MESSAGE.EXTENDED:
      if (body.length === 0) checkLength(body, 1)
      return { kind: 'extended', id: body[0]!, payload: body.subarray(1) }
    case MESSAGE.HASH_REQUEST:
      checkLength(body, HASH_RANGE)
      return { kind: 'hash-request', ...hashRange(body) }
    case MESSAGE.HASH_REJECT:
      checkLength(body, HASH_RANGE)
      return { kind: 'hash-reject', ...hashRange(body) }
    case MESSAGE.HASHES:
      checkLength(body, HASH_RANGE + Math.max(0, Math.floor((body.length - HASH_RANGE) / 32)) * 32)
      return { kind: 'hashes', ...hashRange(body), hashes: body.subarray(HASH_RANGE) }
    default:
      return { kind: 'unknown', id }
  }
}

/** The piece of a `have`, without making an object. @throws as `parseMessage` */
export function readPiece(body: Uint8Array): number {
  checkLength(body, 4)
  return readU32(body, 0)
}

/** A `request`, `cancel` or `reject` into an object of the caller's. @throws as `parseMessage` */
export function readRequest(body: Uint8Array, into: BlockRequest): void {
  checkLength(body, 12)
  into.piece = readU32(body, 0)
  into.begin = readU32(body, 4)
  into.length = readU32(body, 8)
}

const HASH_RANGE = 48

function checkLength(body: Uint8Array, length: number): void {
  if (body.length === length) return
  throw new EngineError(
    body.length < length ? 'WIRE_MESSAGE_TOO_SHORT' : 'WIRE_PROTOCOL',
    'peer',
    `a message with ${body.length} bytes where ${length} belong`,
  )
}

type BareKind = 'choke' | 'unchoke' | 'interested' | 'not-interested' | 'have-all' | 'have-none'

function bare(kind: BareKind, body: Uint8Array): WireMessage {
  checkLength(body, 0)
  return { kind }
}

function block(kind: 'request' | 'cancel' | 'reject', body: Uint8Array): WireMessage {
  const request = { piece: 0, begin: 0, length: 0 }
  readRequest(body, request)
  return { kind, ...request }
}

const hashRange = (body: Uint8Array): HashRange => ({
  piecesRoot: body.subarray(0, 32),
  baseLayer: readU32(body, 32),
  index: readU32(body, 36),
  length: readU32(body, 40),
  proofLayers: readU32(body, 44),
})
