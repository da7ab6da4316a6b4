import { latin1 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { BencodeDocument } from './document.ts'
import { type BencodeLimits, scan } from './scan.ts'

/** Number where it is exact, bigint beyond 2^53. Keys of a Map are latin1: one char per byte. Bytes are views of the input. */
export type BencodeValue = number | bigint | Uint8Array | BencodeValue[] | Map<string, BencodeValue>

/**
 * All of a bencoded value.
 * @throws EngineError BENCODE_SYNTAX or BENCODE_LIMIT, also for bytes after the value
 */
export function decode(bytes: Uint8Array, limits?: BencodeLimits): BencodeValue {
  const { value, end } = decodePrefix(bytes, limits)
  if (end === bytes.length) return value
  const message = `not valid bencode at byte ${end}: ${bytes.length - end} bytes too many`
  throw new EngineError('BENCODE_SYNTAX', 'input', message, { offset: end })
}

/** The value at the beginning of `bytes`, and where it ends: ut_metadata (BEP 9) puts a payload behind it. */
export function decodePrefix(bytes: Uint8Array, limits?: BencodeLimits): { value: BencodeValue; end: number } {
  const tokens = scan(bytes, limits)
  return { value: valueOf(new BencodeDocument(tokens)), end: tokens.ends[0]! }
}

/** No recursion: the input decides how deep it is. */
function valueOf(document: BencodeDocument): BencodeValue {
  const open: { readonly end: number; readonly into: BencodeValue[] | Map<string, BencodeValue> }[] = []
  const top = shallow(document, 0)
  if (typeof top === 'object' && !(top instanceof Uint8Array)) open.push({ end: document.end(0), into: top })
  for (let at = 1; at < document.end(0); at++) {
    while (open[open.length - 1]!.end <= at) open.pop()
    const { into } = open[open.length - 1]!
    const key = into instanceof Map ? latin1(document.bytes(at++)) : undefined
    const value = shallow(document, at)
    if (into instanceof Map) into.set(key!, value)
    else into.push(value)
    if (typeof value === 'object' && !(value instanceof Uint8Array)) open.push({ end: document.end(at), into: value })
  }
  return top
}

function shallow(document: BencodeDocument, token: number): BencodeValue {
  const kind = document.kind(token)
  if (kind === 'int') return document.int(token)
  if (kind === 'bytes') return document.bytes(token)
  return kind === 'list' ? [] : new Map()
}
