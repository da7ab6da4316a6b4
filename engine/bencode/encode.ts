import { utf8 } from '#engine/base/bytes.ts'
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
  const writer = new Writer()
  writer.value(value)
  return writer.bytes()
}

const LIST = 0x6c
const DICT = 0x64
const INTEGER = 0x69
const COLON = 0x3a
const END = 0x65
const FIRST_BYTES = 1024

/** One growing array: a torrent of many files has millions of parts, each of which would cost more than it says. */
class Writer {
  #room = new Uint8Array(FIRST_BYTES)
  #length = 0

  bytes(): Uint8Array {
    // A copy, so that nobody holds what was only reserve.
    return this.#room.slice(0, this.#length)
  }

  /** Recursion is as deep as our own values are. */
  value(value: Encodable): void {
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (typeof value === 'number' && !Number.isSafeInteger(value)) throw bug(`${value} is not an integer`)
      this.#byte(INTEGER)
      this.#latin1(String(value))
      this.#byte(END)
    } else if (typeof value === 'string') this.#text(value)
    else if (value instanceof Uint8Array) {
      this.#prefix(value.length)
      this.#raw(value)
    } else if (value instanceof RawBencode) this.#raw(value.bytes)
    else if (isList(value)) {
      this.#byte(LIST)
      for (const item of value) this.value(item)
      this.#byte(END)
    } else this.#dict(value instanceof Map ? value : new Map(Object.entries(value)))
  }

  #dict(entries: ReadonlyMap<string, Encodable | undefined>): void {
    this.#byte(DICT)
    // The default order compares UTF-16 units, which for latin1 are the bytes.
    for (const key of Array.from(entries.keys()).sort()) {
      const value = entries.get(key)
      if (value === undefined) continue
      if (!isLatin1(key)) throw bug(`the key ${JSON.stringify(key)} is not latin1`)
      this.#prefix(key.length)
      this.#latin1(key)
      this.value(value)
    }
    this.#byte(END)
  }

  #text(text: string): void {
    if (isAscii(text)) {
      this.#prefix(text.length)
      this.#latin1(text)
      return
    }
    const bytes = utf8(text)
    this.#prefix(bytes.length)
    this.#raw(bytes)
  }

  #prefix(length: number): void {
    this.#latin1(String(length))
    this.#byte(COLON)
  }

  #byte(byte: number): void {
    this.#reserve(1)
    this.#room[this.#length++] = byte
  }

  #latin1(text: string): void {
    this.#reserve(text.length)
    for (let at = 0; at < text.length; at++) this.#room[this.#length++] = text.charCodeAt(at)
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#room.set(bytes, this.#length)
    this.#length += bytes.length
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#room.length) return
    const larger = new Uint8Array(Math.max(this.#room.length * 2, this.#length + count))
    larger.set(this.#room.subarray(0, this.#length))
    this.#room = larger
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0xff) return false
  return true
}

/** `Array.isArray` does not narrow a readonly array. */
const isList = (value: object): value is readonly Encodable[] => Array.isArray(value)

const bug = (message: string) => new EngineError('INTERNAL', 'bug', `cannot bencode: ${message}`)
