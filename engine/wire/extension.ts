import { encode } from '#engine/bencode/encode.ts'
import { BencodeDict, readDictPrefix } from '#engine/bencode/reader.ts'
import { utf8 } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { cleanClientName } from './client-name.ts'

/** The extensions that we know, by our name and the wire's. */
const EXTENSIONS = {
  /** BEP 9 */
  utMetadata: 'ut_metadata',
  /** BEP 11 */
  utPex: 'ut_pex',
  /** BEP 54 */
  dontHave: 'lt_donthave',
  /** BEP 55 */
  utHolepunch: 'ut_holepunch',
  /** BEP 21, the message some clients send besides the key */
  uploadOnly: 'upload_only',
} as const

/** Message number per extension, 1 to 255. */
export type ExtensionIds = { readonly [name in keyof typeof EXTENSIONS]?: number }

/** The extended handshake (BEP 10). Everything is a claim; what was absent or senseless is undefined. */
export interface ExtendedHandshake {
  /** Numbers that its sender wants to be addressed with. */
  readonly ids: ExtensionIds
  /** Extensions that it turned off (number 0), for a second handshake on the same connection. */
  readonly off: readonly (keyof ExtensionIds)[]
  /** For people: at most 64 characters, none of them invisible; '' when absent. */
  readonly client: string
  /** Where it listens for TCP. */
  readonly port: number | undefined
  /** Requests that it queues before it drops some; 1 to our own cap. */
  readonly reqq: number | undefined
  /** Our address as it sees it: 4 or 16 bytes, a copy. */
  readonly yourIp: Uint8Array | undefined
  /** 4 bytes, a copy. */
  readonly ipv4: Uint8Array | undefined
  /** 16 bytes, a copy. */
  readonly ipv6: Uint8Array | undefined
  /** Bytes of the info dictionary, within our limit (BEP 9). */
  readonly metadataSize: number | undefined
  /** It wants nothing more (BEP 21). */
  readonly uploadOnly: boolean | undefined
  /** Seconds since it completed. */
  readonly completeAgo: number | undefined
}

const BENCODE_LIMITS = { depth: LIMITS.bencode.answerDepth, tokens: 2_000 }

/** What can be made of the payload; an empty handshake when it is not a dictionary at all. Never throws. */
export function parseExtendedHandshake(payload: Uint8Array): ExtendedHandshake {
  const dict = dictOf(payload)
  const ids: { -readonly [name in keyof ExtensionIds]: ExtensionIds[name] } = {}
  const off: (keyof ExtensionIds)[] = []
  const m = dict?.optionalDict('m')
  for (const name of Object.keys(EXTENSIONS) as (keyof ExtensionIds)[]) {
    const id = m?.optionalInt(EXTENSIONS[name])
    if (id === 0) off.push(name)
    else if (id !== undefined && id > 0 && id <= 255) ids[name] = id
  }
  const client = dict?.optionalBytes('v')
  const reqq = within(dict?.optionalInt('reqq'), 1, Infinity)
  const uploadOnly = dict?.optionalInt('upload_only')
  return {
    ids,
    off,
    client: client ? cleanClientName(client) : '',
    port: within(dict?.optionalInt('p'), 1, 65_535),
    reqq: reqq && Math.min(reqq, LIMITS.wire.requestsToPeer),
    yourIp: addressOf(dict, 'yourip', 4) ?? addressOf(dict, 'yourip', 16),
    ipv4: addressOf(dict, 'ipv4', 4),
    ipv6: addressOf(dict, 'ipv6', 16),
    metadataSize: within(dict?.optionalInt('metadata_size'), 1, LIMITS.metadataBytes),
    uploadOnly: uploadOnly === undefined ? undefined : uploadOnly !== 0,
    completeAgo: within(dict?.optionalInt('complete_ago'), 0, Infinity),
  }
}

/** The payload of extended message 0; what is left out is not said. */
export function encodeExtendedHandshake(handshake: {
  readonly ids: ExtensionIds
  readonly client?: string
  readonly port?: number
  readonly reqq?: number
  /** The peer's address, 4 or 16 bytes. */
  readonly yourIp?: Uint8Array
  readonly metadataSize?: number
  readonly uploadOnly?: boolean
}): Uint8Array {
  const { ids, client, uploadOnly } = handshake
  const m = new Map<string, number>()
  for (const name of Object.keys(EXTENSIONS) as (keyof ExtensionIds)[]) {
    const id = ids[name]
    if (id !== undefined) m.set(EXTENSIONS[name], id)
  }
  return encode({
    m,
    p: handshake.port,
    v: client === undefined ? undefined : utf8(client),
    reqq: handshake.reqq,
    yourip: handshake.yourIp,
    metadata_size: handshake.metadataSize,
    upload_only: uploadOnly === undefined ? undefined : Number(uploadOnly),
  })
}

function dictOf(payload: Uint8Array): BencodeDict | undefined {
  try {
    return readDictPrefix(payload, BENCODE_LIMITS).dict
  } catch {
    // Another client's odd handshake costs it its extensions, not the connection.
    return undefined
  }
}

const within = (value: number | undefined, least: number, most: number): number | undefined =>
  value !== undefined && value >= least && value <= most ? value : undefined

function addressOf(dict: BencodeDict | undefined, key: string, length: number): Uint8Array | undefined {
  const bytes = dict?.optionalBytes(key)
  // The payload is lent, and addresses are kept.
  return bytes?.length === length ? new Uint8Array(bytes) : undefined
}
