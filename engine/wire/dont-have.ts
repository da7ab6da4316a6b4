import { readU32, writeU32 } from '#engine/base/bytes.ts'

/** Payload of `lt_donthave` (BEP 54): a piece that the sender told us of and does not have. */
export function encodeDontHave(piece: number): Uint8Array {
  const bytes = new Uint8Array(4)
  writeU32(bytes, 0, piece)
  return bytes
}

/** Any u32, or `undefined` when the payload is not one. */
export const parseDontHave = (payload: Uint8Array): number | undefined =>
  payload.length === 4 ? readU32(payload, 0) : undefined
