import { LIMITS } from '#engine/base/limits.ts'
import { encode } from '#engine/bencode/encode.ts'
import { type BencodeDict, readDict } from '#engine/bencode/reader.ts'
import { encodeContacts, type Family, parseContacts } from './krpc.ts'
import { type Contact, nodeId, type NodeId } from './node-id.ts'

/** What one family remembers. The ids differ because each belongs to an address (BEP 42). */
export interface FamilyState {
  readonly id: NodeId | undefined
  readonly nodes: readonly Contact[]
}

export type DhtState = Readonly<Record<Family, FamilyState>>

const VERSION = 1
const MOST_BYTES = 64 * 1024
const NOTHING: FamilyState = { id: undefined, nodes: [] }

/** Bencoded; some 10 kB. */
export const encodeDhtState = (state: DhtState): Uint8Array =>
  encode({
    version: VERSION,
    id4: state[4].id,
    id6: state[6].id,
    nodes4: encodeContacts(state[4].nodes.slice(0, LIMITS.dht.savedNodes)),
    nodes6: encodeContacts(state[6].nodes.slice(0, LIMITS.dht.savedNodes)),
  })

/** What of it makes sense; a file that is damaged is an empty one. Never throws. */
export function parseDhtState(bytes: Uint8Array): DhtState {
  const empty = { 4: NOTHING, 6: NOTHING }
  if (bytes.length > MOST_BYTES) return empty
  try {
    const dict = readDict(bytes, { depth: LIMITS.bencode.answerDepth })
    return dict.optionalInt('version') === VERSION ? { 4: familyOf(dict, 4), 6: familyOf(dict, 6) } : empty
  } catch {
    return empty
  }
}

function familyOf(dict: BencodeDict, family: Family): FamilyState {
  const nodes = dict.optionalBytes(`nodes${family}`)
  return {
    id: nodeId(dict.optionalBytes(`id${family}`) ?? new Uint8Array(0)),
    nodes: nodes ? parseContacts(nodes, family, LIMITS.dht.savedNodes) : [],
  }
}
