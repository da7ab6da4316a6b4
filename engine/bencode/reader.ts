import { lossyText } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { BencodeDocument } from './document.ts'
import { type BencodeLimits, scan } from './scan.ts'

/**
 * A dictionary read by key, lazily. Keys are ASCII and compared as bytes, so `__proto__` is a key like any other.
 * `optional…` answers `undefined` when the key is absent or its value is of another kind: a stranger's odd extra is no reason
 * to refuse the rest. The plain reads throw BENCODE_SYNTAX. All bytes are views of the input.
 */
export class BencodeDict {
  readonly document: BencodeDocument
  readonly token: number

  /** @param token of a dictionary */
  constructor(document: BencodeDocument, token: number) {
    this.document = document
    this.token = token
  }

  has(key: string): boolean {
    return this.document.find(this.token, key) >= 0
  }

  bytes(key: string): Uint8Array {
    return this.optionalBytes(key) ?? this.#missing(key, 'a string')
  }

  optionalBytes(key: string): Uint8Array | undefined {
    const token = this.#find(key, 'bytes')
    return token < 0 ? undefined : this.document.bytes(token)
  }

  /** Text for people: what is not UTF-8 becomes U+FFFD. */
  text(key: string): string {
    return this.optionalText(key) ?? this.#missing(key, 'a text')
  }

  optionalText(key: string): string | undefined {
    const bytes = this.optionalBytes(key)
    return bytes && lossyText(bytes)
  }

  int(key: string): number {
    return this.optionalInt(key) ?? this.#missing(key, 'an integer below 2^53')
  }

  /** `undefined` also for an integer that a number cannot hold. */
  optionalInt(key: string): number | undefined {
    return this.document.safeInt(this.document.find(this.token, key))
  }

  list(key: string): BencodeList {
    return this.optionalList(key) ?? this.#missing(key, 'a list')
  }

  optionalList(key: string): BencodeList | undefined {
    const token = this.#find(key, 'list')
    return token < 0 ? undefined : new BencodeList(this.document, token)
  }

  dict(key: string): BencodeDict {
    return this.optionalDict(key) ?? this.#missing(key, 'a dictionary')
  }

  optionalDict(key: string): BencodeDict | undefined {
    const token = this.#find(key, 'dict')
    return token < 0 ? undefined : new BencodeDict(this.document, token)
  }

  /** The value's own bytes, exactly as written: an infohash is taken of these. */
  span(key: string): Uint8Array | undefined {
    const token = this.document.find(this.token, key)
    return token < 0 ? undefined : this.document.raw(token)
  }

  *entries(): Generator<{ readonly key: Uint8Array; readonly token: number }> {
    const { document, token } = this
    for (let at = document.first(token); at < document.end(token); at = document.next(at + 1)) {
      yield { key: document.bytes(at), token: at + 1 }
    }
  }

  #find(key: string, kind: 'bytes' | 'list' | 'dict'): number {
    const token = this.document.find(this.token, key)
    return token >= 0 && this.document.kind(token) === kind ? token : -1
  }

  #missing(key: string, wanted: string): never {
    const offset = this.document.offset(this.token)
    throw new EngineError(
      'BENCODE_SYNTAX',
      'input',
      `the dictionary at byte ${offset} has no ${key} that is ${wanted}`,
      {
        offset,
      },
    )
  }
}

/** A list read item by item; `undefined` for an item that is absent or of another kind. */
class BencodeList {
  readonly document: BencodeDocument
  readonly token: number

  /** @param token of a list */
  constructor(document: BencodeDocument, token: number) {
    this.document = document
    this.token = token
  }

  get length(): number {
    return this.document.size(this.token)
  }

  *tokens(): Generator<number> {
    const { document, token } = this
    for (let at = document.first(token); at < document.end(token); at = document.next(at)) yield at
  }

  /** The strings among the items, views. */
  strings(): Uint8Array[] {
    return Array.from(this.tokens())
      .filter(token => this.document.kind(token) === 'bytes')
      .map(token => this.document.bytes(token))
  }

  /** The lists among the items. */
  lists(): BencodeList[] {
    return Array.from(this.tokens())
      .filter(token => this.document.kind(token) === 'list')
      .map(token => new BencodeList(this.document, token))
  }

  /** The dictionaries among the items. */
  dicts(): BencodeDict[] {
    return Array.from(this.tokens())
      .filter(token => this.document.kind(token) === 'dict')
      .map(token => new BencodeDict(this.document, token))
  }
}

/**
 * The dictionary at the beginning of `bytes` and where it ends.
 * @throws EngineError BENCODE_SYNTAX when it is not a dictionary or not bencode, BENCODE_LIMIT
 */
export function readDictPrefix(bytes: Uint8Array, limits?: BencodeLimits): { dict: BencodeDict; end: number } {
  const tokens = scan(bytes, limits)
  const document = new BencodeDocument(tokens)
  if (document.kind(0) !== 'dict') {
    throw new EngineError('BENCODE_SYNTAX', 'input', 'not a bencoded dictionary at byte 0', { offset: 0 })
  }
  return { dict: new BencodeDict(document, 0), end: tokens.ends[0]! }
}

/** The dictionary that `bytes` are, all of them. @throws EngineError BENCODE_SYNTAX, BENCODE_LIMIT */
export function readDict(bytes: Uint8Array, limits?: BencodeLimits): BencodeDict {
  const { dict, end } = readDictPrefix(bytes, limits)
  if (end === bytes.length) return dict
  const message = `not valid bencode at byte ${end}: ${bytes.length - end} bytes too many`
  throw new EngineError('BENCODE_SYNTAX', 'input', message, { offset: end })
}
