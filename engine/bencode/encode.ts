import { concat, utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'

/** Bytes that are bencoded already and go out as they are: a raw info dictionary keeps its infohash. */
export class RawBencode {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** Texts become UTF-8. Keys are latin1, one char per byte, as `decode` gives them. Entries that are `undefined` are left out. */
export type Encodable =
  | number
  | bigint
  | string
  | Uint8Array
  | RawBencode
  | readonly Encodable[]
  | ReadonlyMap<string, Encodable>
  | { readonly [key: string]: Encodable | undefined }

/**
 * Canonical bencode (BEP 3): keys in byte order, whatever order they came in.
 * @throws EngineError INTERNAL for a number that is not a safe integer or a key with chars beyond latin1
 */
export function encode(value: Encodable): Uint8Array {
  const parts: Uint8Array[] = []
  write(value, parts)
  return concat(parts)
}

const LIST = utf8('l')
const DICT = utf8('d')
const END = utf8('e')

/** Recursion is as deep as our own values are. */
function write(value: Encodable, into: Uint8Array[]): void {
  if (typeof value === 'number' || typeof value === 'bigint') {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw bug(`${value} is not an integer`)
    into.push(utf8(`i${value}e`))
  } else if (typeof value === 'string') writeBytes(utf8(value), into)
  else if (value instanceof Uint8Array) writeBytes(value, into)
  else if (value instanceof RawBencode) into.push(value.bytes)
  else if (isList(value)) {
    into.push(LIST)
    for (const item of value) write(item, into)
    into.push(END)
  } else writeDict(value instanceof Map ? value : new Map(Object.entries(value)), into)
}

function writeDict(entries: ReadonlyMap<string, Encodable | undefined>, into: Uint8Array[]): void {
  into.push(DICT)
  // The default order compares UTF-16 units, which for latin1 are the bytes.
  for (const key of Array.from(entries.keys()).sort()) {
    const value = entries.get(key)
    if (value === undefined) continue
    writeBytes(keyBytes(key), into)
    write(value, into)
  }
  into.push(END)
}

function writeBytes(bytes: Uint8Array, into: Uint8Array[]): void {
  into.push(utf8(`${bytes.length}:`), bytes)
}

function keyBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length)
  for (let at = 0; at < key.length; at++) {
    const unit = key.charCodeAt(at)
    if (unit > 0xff) throw bug(`the key ${JSON.stringify(key)} is not latin1`)
    bytes[at] = unit
  }
  return bytes
}

/** `Array.isArray` does not narrow a readonly array. */
const isList = (value: object): value is readonly Encodable[] => Array.isArray(value)

const bug = (message: string) => new EngineError('INTERNAL', 'bug', `cannot bencode: ${message}`)
