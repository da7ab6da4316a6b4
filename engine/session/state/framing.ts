/**
 * Records on disk: two bytes of mark, u8 version, u8 type, u32 length of the payload, u32 CRC-32 of version to payload.
 * The mark lets a reader find the next record behind damage.
 */
import { concat, readU32, writeU32 } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { crc32 } from './crc32.ts'

const MARK_0 = 0xf7
const MARK_1 = 0x4a
const HEADER = 12

export interface RawRecord {
  readonly version: number
  readonly type: number
  /** A view on the bytes that were read. */
  readonly payload: Uint8Array
}

export interface Reading {
  readonly records: readonly RawRecord[]
  /** Damaged stretches with good records behind them. */
  readonly damaged: readonly Uint8Array[]
  /** Where the last good record ends: what follows is a tail that was never finished. */
  readonly end: number
  /** Whether that tail is more than a record that was being written when the power went. */
  readonly tailIsOdd: boolean
}

export function frameRecord(record: RawRecord): Uint8Array {
  const head = new Uint8Array(HEADER)
  head[0] = MARK_0
  head[1] = MARK_1
  head[2] = record.version
  head[3] = record.type
  writeU32(head, 4, record.payload.length)
  writeU32(head, 8, crc32(record.payload, crc32(head.subarray(2, 8))))
  return concat([head, record.payload])
}

/** Every good record, however damaged the rest is. */
export function readRecords(bytes: Uint8Array): Reading {
  const records: RawRecord[] = []
  const damaged: Uint8Array[] = []
  let end = 0
  let at = 0
  while (at < bytes.length) {
    const record = recordAt(bytes, at)
    if (record) {
      if (at > end) damaged.push(bytes.subarray(end, at))
      records.push(record)
      at = end = at + HEADER + record.payload.length
    } else {
      at = nextMark(bytes, at + 1)
    }
  }
  return { records, damaged, end, tailIsOdd: end < bytes.length && !looksTorn(bytes, end) }
}

function recordAt(bytes: Uint8Array, at: number): RawRecord | undefined {
  if (bytes.length - at < HEADER || bytes[at] !== MARK_0 || bytes[at + 1] !== MARK_1) return undefined
  const length = readU32(bytes, at + 4)
  if (length > LIMITS.state.recordBytes || length > bytes.length - at - HEADER) return undefined
  const payload = bytes.subarray(at + HEADER, at + HEADER + length)
  if (crc32(payload, crc32(bytes.subarray(at + 2, at + 8))) !== readU32(bytes, at + 8)) return undefined
  return { version: bytes[at + 2]!, type: bytes[at + 3]!, payload }
}

function nextMark(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(MARK_0, from); at >= 0; at = bytes.indexOf(MARK_0, at + 1)) {
    if (bytes[at + 1] === MARK_1) return at
  }
  return bytes.length
}

/** An append that was cut short leaves a beginning of a record, and zeros where the file had grown before its bytes came. */
function looksTorn(bytes: Uint8Array, at: number): boolean {
  let last = bytes.length
  while (last > at && bytes[last - 1] === 0) last--
  if (last === at) return true
  if (bytes[at] !== MARK_0) return false
  if (last - at < HEADER) return true
  return bytes[at + 1] === MARK_1 && readU32(bytes, at + 4) > last - at - HEADER
}
