import { concat, utf8 } from '#engine/base/bytes.ts'
import { peerId, type PeerId } from '#engine/base/ids.ts'
import type { Random } from '#engine/io/random.ts'

/** `-FH0100-` and twelve random bytes (BEP 20): new for every session. */
export const makePeerId = (random: Random): PeerId => peerId(concat([utf8('-FH0100-'), random.bytes(12)]))
