import { writeU16, writeU32 } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { MESSAGE } from './message.ts'
import type { HashRange } from './message.ts'

const bare = (id: number) => Uint8Array.of(0, 0, 0, 1, id)

// Shared by all peers: never write into them.
export const KEEP_ALIVE: Uint8Array = new Uint8Array(4)
export const CHOKE: Uint8Array = bare(MESSAGE.CHOKE)
export const UNCHOKE: Uint8Array = bare(MESSAGE.UNCHOKE)
export const INTERESTED: Uint8Array = bare(MESSAGE.INTERESTED)
export const NOT_INTERESTED: Uint8Array = bare(MESSAGE.NOT_INTERESTED)
export const HAVE_ALL: Uint8Array = bare(MESSAGE.HAVE_ALL)
export const HAVE_NONE: Uint8Array = bare(MESSAGE.HAVE_NONE)

export const encodeHave = (piece: number): Uint8Array => oneNumber(MESSAGE.HAVE, piece)
export const encodeSuggest = (piece: number): Uint8Array => oneNumber(MESSAGE.SUGGEST, piece)
export const encodeAllowedFast = (piece: number): Uint8Array => oneNumber(MESSAGE.ALLOWED_FAST, piece)

/** @param bytes one bit per piece, high bit first; copied */
export function encodeBitfield(bytes: Uint8Array): Uint8Array {
  const message = start(MESSAGE.BITFIELD, bytes.length)
  message.set(bytes, 5)
  return message
}

/** Blocks by number, as the picker lists them. */
interface Blocks {
  readonly length: number
  piece(i: number): number
  block(i: number): number
}
interface BlockSizes {
  blockSize(piece: number, block: number): number
}

const REQUEST_SIZE = 17

/** All the requests as one array, so that they leave in one write. */
export function encodeRequests(blocks: Blocks, sizes: BlockSizes): Uint8Array {
  const messages = new Uint8Array(blocks.length * REQUEST_SIZE)
  for (let i = 0; i < blocks.length; i++) {
    const piece = blocks.piece(i)
    const block = blocks.block(i)
    writeBlock(
      messages,
      i * REQUEST_SIZE,
      MESSAGE.REQUEST,
      piece,
      block * LIMITS.wire.blockBytes,
      sizes.blockSize(piece, block),
    )
  }
  return messages
}

export const encodeCancel = (index: number, begin: number, length: number): Uint8Array =>
  writeBlock(new Uint8Array(REQUEST_SIZE), 0, MESSAGE.CANCEL, index, begin, length)

export const encodeReject = (index: number, begin: number, length: number): Uint8Array =>
  writeBlock(new Uint8Array(REQUEST_SIZE), 0, MESSAGE.REJECT, index, begin, length)

/** Length, id, index and begin: what goes before a payload. */
export const PIECE_HEADER_LENGTH = 13

/** @param into 13 bytes, the caller's: a batch of headers can share one array */
export function writePieceHeader(into: Uint8Array, index: number, begin: number, length: number): void {
  writeU32(into, 0, 9 + length)
  into[4] = MESSAGE.PIECE
  writeU32(into, 5, index)
  writeU32(into, 9, begin)
}

/** The 13 bytes that go before a payload of `length` bytes. */
export function pieceHeader(index: number, begin: number, length: number): Uint8Array {
  const header = new Uint8Array(PIECE_HEADER_LENGTH)
  writePieceHeader(header, index, begin, length)
  return header
}

export function encodePort(port: number): Uint8Array {
  const message = start(MESSAGE.PORT, 2)
  writeU16(message, 5, port)
  return message
}

/** @param id the number that the *receiver* gave the extension; 0 is the extension handshake (BEP 10) */
export function encodeExtended(id: number, payload: Uint8Array): Uint8Array {
  const message = start(MESSAGE.EXTENDED, 1 + payload.length)
  message[5] = id
  message.set(payload, 6)
  return message
}

/** "These hashes you will not get from me": the request's own words back (BEP 52). */
export function encodeHashReject(range: HashRange): Uint8Array {
  const message = start(MESSAGE.HASH_REJECT, 48)
  message.set(range.piecesRoot, 5)
  writeU32(message, 37, range.baseLayer)
  writeU32(message, 41, range.index)
  writeU32(message, 45, range.length)
  writeU32(message, 49, range.proofLayers)
  return message
}

function start(id: number, bodyLength: number): Uint8Array {
  const message = new Uint8Array(5 + bodyLength)
  writeU32(message, 0, 1 + bodyLength)
  message[4] = id
  return message
}

function oneNumber(id: number, value: number): Uint8Array {
  const message = start(id, 4)
  writeU32(message, 5, value)
  return message
}

function writeBlock(
  into: Uint8Array,
  at: number,
  id: number,
  index: number,
  begin: number,
  length: number,
): Uint8Array {
  writeU32(into, at, 13)
  into[at + 4] = id
  writeU32(into, at + 5, index)
  writeU32(into, at + 9, begin)
  writeU32(into, at + 13, length)
  return into
}
