import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'

export interface BencodeLimits {
  /** Lists and dictionaries inside each other. */
  readonly depth?: number
  /** Values and keys in all. */
  readonly tokens?: number
  /** Refuse dictionaries whose keys are not in byte order (BEP 3 wants them sorted, many writers do not care). */
  readonly sorted?: boolean
}

/**
 * A bencoded value as flat arrays over the original bytes: token 0 is the value, a container is followed by what it holds.
 * Token `i` is the bytes [starts[i], ends[i]); the token after it, all that it holds included, is nexts[i].
 */
export interface Tokens {
  readonly bytes: Uint8Array
  readonly count: number
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly nexts: Uint32Array
}

const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const MINUS = 0x2d
const LETTER_D = 0x64
const LETTER_E = 0x65
const LETTER_I = 0x69
const LETTER_L = 0x6c

/** What an integer may have: 2^64 has twenty, and nothing in BitTorrent needs more. */
const INTEGER_DIGITS = 20

/** What a container waits for. */
const ITEM = 0
const KEY = 1
const VALUE = 2

const NONE = 0xffff_ffff

/**
 * Checks one bencoded value at `from` and says where its parts are (BEP 3). Nothing is copied and nothing recurses.
 * Strict about numbers (no leading zeros, no -0) and string lengths; a key that comes twice in a dictionary is refused.
 * Bytes after the value are the caller's business: it ends at `ends[0]`.
 *
 * @throws EngineError BENCODE_SYNTAX or BENCODE_LIMIT, blame `input`, with the byte offset
 */
export function scan(bytes: Uint8Array, limits: BencodeLimits = {}, from = 0): Tokens {
  return new Scanner(bytes, limits, from).run()
}

class Scanner {
  readonly #bytes: Uint8Array
  readonly #maxTokens: number
  readonly #maxDepth: number
  readonly #sorted: boolean
  #at: number
  #starts: Uint32Array
  #ends: Uint32Array
  #nexts: Uint32Array
  #count = 0
  // One entry per open container.
  readonly #opened: Uint32Array
  readonly #waitsFor: Uint8Array
  readonly #lastKey: Uint32Array
  readonly #unsorted: Uint8Array
  #depth = 0

  constructor(bytes: Uint8Array, limits: BencodeLimits, from: number) {
    this.#bytes = bytes
    this.#at = from
    this.#maxTokens = limits.tokens ?? LIMITS.bencode.tokens
    this.#maxDepth = limits.depth ?? LIMITS.bencode.depth
    this.#sorted = limits.sorted ?? false
    const room = Math.min(64, Math.max(1, this.#maxTokens))
    this.#starts = new Uint32Array(room)
    this.#ends = new Uint32Array(room)
    this.#nexts = new Uint32Array(room)
    this.#opened = new Uint32Array(this.#maxDepth)
    this.#waitsFor = new Uint8Array(this.#maxDepth)
    this.#lastKey = new Uint32Array(this.#maxDepth)
    this.#unsorted = new Uint8Array(this.#maxDepth)
  }

  run(): Tokens {
    const bytes = this.#bytes
    do {
      const byte = bytes[this.#at]
      const waitsFor = this.#depth === 0 ? ITEM : this.#waitsFor[this.#depth - 1]!
      if (byte === undefined) throw this.#syntax('the data ends here, but the value does not')
      if (byte === LETTER_E && this.#depth > 0) {
        if (waitsFor === VALUE) throw this.#syntax('a key has no value')
        this.#close()
        continue
      }
      if (byte >= ZERO && byte <= NINE) this.#string()
      else if (waitsFor === KEY) throw this.#syntax('a key is not a string')
      else if (byte === LETTER_I) this.#integer()
      else if (byte === LETTER_L) this.#open(ITEM)
      else if (byte === LETTER_D) this.#open(KEY)
      else throw this.#syntax('no value begins like this')
    } while (this.#depth > 0)
    return { bytes, count: this.#count, starts: this.#starts, ends: this.#ends, nexts: this.#nexts }
  }

  #string(): void {
    const bytes = this.#bytes
    const start = this.#at
    let length = 0
    let at = start
    let byte = bytes[at]
    for (; byte !== undefined && byte >= ZERO && byte <= NINE; byte = bytes[++at]) {
      length = length * 10 + (byte - ZERO)
      // Checked per digit: a length is a stranger's claim, and a claim of 100,000 digits is not worth reading.
      if (length > bytes.length) throw this.#syntax(`a string is longer than the ${bytes.length} bytes that are there`)
    }
    if (byte !== COLON) throw this.#syntax('a string has no colon after its length')
    if (bytes[start] === ZERO && at > start + 1) throw this.#syntax('a length has leading zeros')
    const end = at + 1 + length
    if (end > bytes.length) throw this.#syntax(`a string of ${length} bytes reaches beyond the end`)
    const token = this.#leaf(start, end)
    if (this.#depth === 0) return
    const level = this.#depth - 1
    if (this.#waitsFor[level] === KEY) this.#key(level, token)
    else if (this.#waitsFor[level] === VALUE) this.#waitsFor[level] = KEY
  }

  #key(level: number, token: number): void {
    const last = this.#lastKey[level]!
    if (last !== NONE) {
      const order = compareStrings(this.#bytes, this.#starts, this.#ends, last, token)
      if (order === 0) throw this.#syntax('a key comes twice in one dictionary', this.#starts[token])
      if (order > 0) {
        if (this.#sorted) throw this.#syntax('the keys are not in order', this.#starts[token])
        this.#unsorted[level] = 1
      }
    }
    this.#lastKey[level] = token
    this.#waitsFor[level] = VALUE
  }

  #integer(): void {
    const bytes = this.#bytes
    const start = this.#at
    const first = bytes[start + 1] === MINUS ? start + 2 : start + 1
    let at = first
    let byte = bytes[at]
    while (byte !== undefined && byte >= ZERO && byte <= NINE) {
      if (at - first === INTEGER_DIGITS) throw this.#syntax(`an integer has more than ${INTEGER_DIGITS} digits`)
      byte = bytes[++at]
    }
    if (at === first || byte !== LETTER_E) throw this.#syntax('an integer is not written in digits')
    if (bytes[first] === ZERO && (at > first + 1 || first > start + 1)) {
      throw this.#syntax('an integer has leading zeros or is -0')
    }
    this.#leaf(start, at + 1)
    if (this.#depth > 0 && this.#waitsFor[this.#depth - 1] === VALUE) this.#waitsFor[this.#depth - 1] = KEY
  }

  #open(waitsFor: typeof ITEM | typeof KEY): void {
    if (this.#depth === this.#maxDepth) throw this.#limit(`more than ${this.#maxDepth} lists inside each other`)
    const token = this.#leaf(this.#at, this.#at + 1)
    this.#opened[this.#depth] = token
    this.#waitsFor[this.#depth] = waitsFor
    this.#lastKey[this.#depth] = NONE
    this.#unsorted[this.#depth] = 0
    this.#depth++
  }

  #close(): void {
    const level = --this.#depth
    const token = this.#opened[level]!
    this.#at++
    this.#ends[token] = this.#at
    this.#nexts[token] = this.#count
    if (this.#unsorted[level] === 1) this.#refuseDuplicates(token)
    if (level > 0 && this.#waitsFor[level - 1] === VALUE) this.#waitsFor[level - 1] = KEY
  }

  /** Neighbours are compared as they come; out of order, equal keys may lie apart. */
  #refuseDuplicates(dict: number): void {
    const seen = new Set<string>()
    for (let key = dict + 1; key < this.#nexts[dict]!; key = this.#nexts[key + 1]!) {
      let text = ''
      for (let at = this.#starts[key]!; at < this.#ends[key]!; at++) text += String.fromCharCode(this.#bytes[at]!)
      if (seen.has(text)) throw this.#syntax('a key comes twice in one dictionary', this.#starts[key])
      seen.add(text)
    }
  }

  #leaf(start: number, end: number): number {
    const token = this.#count
    if (token === this.#maxTokens) throw this.#limit(`more than ${this.#maxTokens} values`)
    if (token === this.#starts.length) this.#grow()
    this.#starts[token] = start
    this.#ends[token] = end
    this.#nexts[token] = token + 1
    this.#count = token + 1
    this.#at = end
    return token
  }

  #grow(): void {
    const room = Math.min(this.#count * 2, this.#maxTokens)
    const grown = (from: Uint32Array): Uint32Array => {
      const to = new Uint32Array(room)
      to.set(from)
      return to
    }
    this.#starts = grown(this.#starts)
    this.#ends = grown(this.#ends)
    this.#nexts = grown(this.#nexts)
  }

  #syntax(what: string, offset = this.#at): EngineError {
    return new EngineError('BENCODE_SYNTAX', 'input', `not valid bencode at byte ${offset}: ${what}`, { offset })
  }

  #limit(what: string): EngineError {
    const offset = this.#at
    return new EngineError('BENCODE_LIMIT', 'input', `too much bencode at byte ${offset}: ${what}`, { offset })
  }
}

/** Where the content of string token `token` begins: after the colon. */
export function contentStart(bytes: Uint8Array, starts: Uint32Array, token: number): number {
  let at = starts[token]!
  while (bytes[at] !== COLON) at++
  return at + 1
}

function compareStrings(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, a: number, b: number): number {
  let atA = contentStart(bytes, starts, a)
  let atB = contentStart(bytes, starts, b)
  const endA = ends[a]!
  const endB = ends[b]!
  for (; atA < endA && atB < endB; atA++, atB++) {
    const order = bytes[atA]! - bytes[atB]!
    if (order !== 0) return order
  }
  return endA - atA - (endB - atB)
}
