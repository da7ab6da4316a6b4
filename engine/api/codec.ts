/**
 * Messages as bytes, for transports that carry nothing else. Binary parts cross as they are, not as base64:
 * u32 length of the head | head, JSON | the binary parts, one after the other.
 * The head is `[message, parts]`: the message with `null` where bytes belong, and `[path, length]` of each part.
 */
import { ApiError } from './failures.ts'

/** A message is never longer, in bytes; a .torrent may have 64 MiB and travels with a few words around it. */
export const MAX_MESSAGE_BYTES = 65 * 1024 * 1024
const MAX_DEPTH = 32
const MAX_PARTS = 10_000

type Path = readonly (string | number)[]
type Tree = Record<string, unknown> | unknown[]

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const refuse = (why: string): never => {
  throw new ApiError({ code: 'INVALID_INPUT', message: `A message could not be read: ${why}.` })
}

/**
 * Bytes of a value made of plain objects, arrays, `Uint8Array`s and what JSON knows. Absent and `undefined` are the same.
 * @throws ApiError INVALID_INPUT for a value that is deeper or longer than the other side would accept
 */
export function encodeMessage(message: unknown): Uint8Array {
  const parts: { path: Path; bytes: Uint8Array }[] = []
  const tree = withoutBytes(message, [], parts)
  const head = encoder.encode(JSON.stringify([tree, parts.map(part => [part.path, part.bytes.length])]))
  const length = parts.reduce((sum, part) => sum + part.bytes.length, 4 + head.length)
  if (length > MAX_MESSAGE_BYTES) refuse(`${length} bytes are more than may be sent at once`)
  const whole = new Uint8Array(length)
  new DataView(whole.buffer).setUint32(0, head.length)
  whole.set(head, 4)
  let at = 4 + head.length
  for (const { bytes } of parts) {
    whole.set(bytes, at)
    at += bytes.length
  }
  return whole
}

/** Copies only what leads to bytes: frames are large and rarely hold any. */
function withoutBytes(value: unknown, path: (string | number)[], parts: { path: Path; bytes: Uint8Array }[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) {
    parts.push({ path: path.slice(), bytes: value }) // the path is shared by the whole walk
    return null
  }
  if (path.length >= MAX_DEPTH) refuse('it is nested too deep')
  const before = parts.length
  let copy: Tree | undefined
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const item: unknown = value[at]
      if (typeof item !== 'object' || item === null) continue
      path.push(at)
      const plain = withoutBytes(item, path, parts)
      path.pop()
      if (plain !== item) ((copy ??= value.slice()) as unknown[])[at] = plain
    }
  } else {
    for (const [key, item] of Object.entries(value)) {
      if (typeof item !== 'object' || item === null) continue
      path.push(key)
      const plain = withoutBytes(item, path, parts)
      path.pop()
      if (plain !== item) ((copy ??= { ...value }) as Record<string, unknown>)[key] = plain
    }
  }
  return parts.length === before ? value : copy
}

/**
 * The value that was encoded. Its `Uint8Array`s are views on `bytes`.
 * @throws ApiError INVALID_INPUT for anything that `encodeMessage` does not make
 */
export function decodeMessage(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_MESSAGE_BYTES) refuse(`${bytes.length} bytes are more than is accepted`)
  if (bytes.length < 4) refuse('it is cut short')
  const headLength = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  if (headLength > bytes.length - 4) refuse('it is cut short')
  const head = bytes.subarray(4, 4 + headLength)
  checkDepth(head)
  const parsed = parse(head)
  if (!Array.isArray(parsed) || parsed.length !== 2 || !Array.isArray(parsed[1])) return refuse('its head is damaged')
  const [message, parts] = parsed as [unknown, unknown[]]
  if (parts.length > MAX_PARTS) refuse('it has too many parts')
  const holder: Tree = [message]
  let at = 4 + headLength
  for (const part of parts) {
    const { path, length } = partOf(part)
    if (length > bytes.length - at) refuse('a part is cut short')
    place(holder, path, bytes.subarray(at, at + length))
    at += length
  }
  if (at !== bytes.length) refuse('it has bytes that belong to nothing')
  return holder[0]
}

/** Before parsing: the parser would happily build a million levels. */
function checkDepth(json: Uint8Array): void {
  let depth = 0
  let inText = false
  for (let at = 0; at < json.length; at++) {
    const char = json[at]!
    if (inText) {
      if (char === 0x5c) at++
      else if (char === 0x22) inText = false
    } else if (char === 0x22) inText = true
    else if (char === 0x5b || char === 0x7b) {
      // Two levels of our own: the head and its list of parts, or a path inside it.
      if (++depth > MAX_DEPTH + 3) refuse('it is nested too deep')
    } else if (char === 0x5d || char === 0x7d) depth--
  }
}

function parse(json: Uint8Array): unknown {
  try {
    const text = decoder.decode(json)
    // `__proto__` is an ordinary key to the parser and a trap for everybody who copies the object afterwards.
    // An escaped spelling of it has a backslash, so only such texts need the slow way.
    if (!text.includes('__proto__') && !text.includes('\\u')) return JSON.parse(text)
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? refuse('it has a forbidden key') : value))
  } catch (thrown) {
    if (thrown instanceof ApiError) throw thrown
    return refuse('it is not JSON')
  }
}

function partOf(part: unknown): { path: Path; length: number } {
  if (!Array.isArray(part) || part.length !== 2) return refuse('a part is damaged')
  const [path, length] = part as [unknown, unknown]
  if (!Array.isArray(path) || path.length > MAX_DEPTH) return refuse('a part is damaged')
  if (!path.every(step => typeof step === 'string' || typeof step === 'number')) return refuse('a part is damaged')
  if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) return refuse('a part is damaged')
  return { path, length }
}

/** Only where a `null` of the message's own waits for it: a path can neither add nor reach what is inherited. */
function place(holder: unknown[], path: Path, bytes: Uint8Array): void {
  let within: Tree = holder
  let step: string | number = 0
  for (const next of path) {
    const inner: unknown = Object.hasOwn(within, step) ? (within as Record<string | number, unknown>)[step] : undefined
    if (typeof inner !== 'object' || inner === null || inner instanceof Uint8Array) return refuse('a part has no place')
    within = inner as Tree
    step = next
  }
  const slot = within as Record<string | number, unknown>
  if (!Object.hasOwn(slot, step) || slot[step] !== null) refuse('a part has no place')
  slot[step] = bytes
}
