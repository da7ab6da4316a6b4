import { encode } from '#engine/bencode/encode.ts'
import { readDictPrefix } from '#engine/bencode/reader.ts'
import { LIMITS } from '#engine/base/limits.ts'

/** Bytes of every part of the info dictionary but the last (BEP 9). */
export const METADATA_PART = 16 * 1024
const PARTS_MAX = Math.ceil(LIMITS.metadataBytes / METADATA_PART)

const REQUEST = 0
const DATA = 1
const REJECT = 2

/** A message of ut_metadata (BEP 9). `payload` is lent like the bytes it was parsed from. */
export type MetadataMessage =
  | { readonly kind: 'request' | 'reject'; readonly part: number }
  /** `payload` is as long as that part of `totalSize` bytes must be. */
  | { readonly kind: 'data'; readonly part: number; readonly totalSize: number; readonly payload: Uint8Array }
  /** Not understood, or impossible: to be ignored, as BEP 9 asks. */
  | { readonly kind: 'unknown' }

/** Never throws. */
export function parseMetadataMessage(bytes: Uint8Array): MetadataMessage {
  try {
    const { dict, end } = readDictPrefix(bytes, { depth: LIMITS.bencode.answerDepth, tokens: 100 })
    const part = dict.optionalInt('piece') ?? -1
    if (part < 0 || part >= PARTS_MAX) return { kind: 'unknown' }
    const type = dict.optionalInt('msg_type')
    if (type === REQUEST) return { kind: 'request', part }
    if (type === REJECT) return { kind: 'reject', part }
    if (type !== DATA) return { kind: 'unknown' }
    const payload = bytes.subarray(end)
    // Some clients leave the size out. A last part is then as long as it is.
    const totalSize = dict.optionalInt('total_size') ?? part * METADATA_PART + payload.length
    const isWhole = totalSize > 0 && totalSize <= LIMITS.metadataBytes && payload.length === partSize(totalSize, part)
    return isWhole ? { kind: 'data', part, totalSize, payload } : { kind: 'unknown' }
  } catch {
    return { kind: 'unknown' }
  }
}

export const encodeMetadataRequest = (part: number): Uint8Array => encode({ msg_type: REQUEST, piece: part })

export const encodeMetadataReject = (part: number): Uint8Array => encode({ msg_type: REJECT, piece: part })

/** The dictionary that goes before the bytes of a part. @param totalSize bytes of the info dictionary */
export const encodeMetadataData = (part: number, totalSize: number): Uint8Array =>
  encode({ msg_type: DATA, piece: part, total_size: totalSize })

const partSize = (totalSize: number, part: number): number => Math.min(METADATA_PART, totalSize - part * METADATA_PART)
