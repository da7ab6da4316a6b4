import { contentStart, type Tokens } from './scan.ts'

type BencodeKind = 'int' | 'bytes' | 'list' | 'dict'

/**
 * Reads values by token index, without objects in between: what 100,000 files need.
 * Indices come from `find`, `first` and `next`; nothing checks them a second time.
 */
export class BencodeDocument {
  readonly #tokens: Tokens

  constructor(tokens: Tokens) {
    this.#tokens = tokens
  }

  kind(token: number): BencodeKind {
    switch (this.#tokens.bytes[this.#tokens.starts[token]!]) {
      case 0x64:
        return 'dict'
      case 0x69:
        return 'int'
      case 0x6c:
        return 'list'
      default:
        return 'bytes'
    }
  }

  /** First token inside a container; the same as `end` when it is empty. */
  first(container: number): number {
    return container + 1
  }

  /** Token after the last one inside a container. */
  end(container: number): number {
    return this.#tokens.nexts[container]!
  }

  /** Token after this value and all that it holds. */
  next(token: number): number {
    return this.#tokens.nexts[token]!
  }

  /** Items of a list; pairs of a dictionary. */
  size(container: number): number {
    let count = 0
    for (let at = this.first(container); at < this.end(container); at = this.next(at)) count++
    return this.kind(container) === 'dict' ? count / 2 : count
  }

  /** Token of the value under an ASCII key, or -1. */
  find(dict: number, key: string): number {
    const end = this.end(dict)
    for (let at = this.first(dict); at < end; at = this.next(at + 1)) {
      if (this.#isKey(at, key)) return at + 1
    }
    return -1
  }

  /** Content of a string token, a view. */
  bytes(token: number): Uint8Array {
    const { bytes, starts, ends } = this.#tokens
    return bytes.subarray(contentStart(bytes, starts, token), ends[token])
  }

  /** The value as it was written, a view. */
  raw(token: number): Uint8Array {
    return this.#tokens.bytes.subarray(this.#tokens.starts[token], this.#tokens.ends[token])
  }

  /** Byte offset of a value. */
  offset(token: number): number {
    return this.#tokens.starts[token]!
  }

  int(token: number): number | bigint {
    const { bytes, starts, ends } = this.#tokens
    const isNegative = bytes[starts[token]! + 1] === 0x2d
    const from = starts[token]! + (isNegative ? 2 : 1)
    const to = ends[token]! - 1
    let value = 0
    for (let at = from; at < to; at++) value = value * 10 + (bytes[at]! - 0x30)
    if (isNegative) value = -value
    if (Number.isSafeInteger(value)) return value
    let digits = ''
    for (let at = from; at < to; at++) digits += String.fromCharCode(bytes[at]!)
    return isNegative ? -BigInt(digits) : BigInt(digits)
  }

  /** The integer where it is exact as a number, or `undefined`; also for a token of another kind, and for -1. */
  safeInt(token: number): number | undefined {
    if (token < 0 || this.kind(token) !== 'int') return undefined
    const value = this.int(token)
    return typeof value === 'number' ? value : undefined
  }

  #isKey(token: number, key: string): boolean {
    const { bytes, starts, ends } = this.#tokens
    const end = ends[token]!
    let at = end - key.length
    if (at !== contentStart(bytes, starts, token)) return false
    for (let index = 0; at < end; at++, index++) if (bytes[at] !== key.charCodeAt(index)) return false
    return true
  }
}
