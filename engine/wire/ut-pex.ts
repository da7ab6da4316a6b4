import { addressClass, isLoopback } from '#engine/base/address-class.ts'
import { concat, readU16 } from '#engine/base/bytes.ts'
import { compactEndpoint, endpointKey, endpointOfBytes, type Endpoint } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { encode } from '#engine/bencode/encode.ts'
import { readDictPrefix, type BencodeDict } from '#engine/bencode/reader.ts'

/** Bits of a peer's flags (BEP 11). */
export const PEX_FLAGS = {
  prefersEncryption: 0x01,
  /** A seed, or a partial one that wants nothing more. */
  uploadOnly: 0x02,
  utp: 0x04,
  holepunch: 0x08,
  /** Whoever tells of it dialled it. */
  reachable: 0x10,
} as const

export interface PexPeer {
  /** Where it can be dialled. */
  readonly endpoint: Endpoint
  /** Of `PEX_FLAGS`; 0 when nothing is known. */
  readonly flags: number
}

export interface PexMessage {
  readonly added: readonly PexPeer[]
  readonly dropped: readonly Endpoint[]
}

/** What goes out: at most `LIMITS.pex` of each, without duplicates; at least one. */
export function encodePex({ added, dropped }: PexMessage): Uint8Array {
  const compact = (endpoints: readonly Endpoint[], family: 4 | 6) =>
    concat(endpoints.filter(one => one.family === family).map(compactEndpoint))
  const flags = (family: 4 | 6) =>
    Uint8Array.from(added.filter(one => one.endpoint.family === family).map(one => one.flags))
  const contacts = added.map(one => one.endpoint)
  // All six, also when empty: no reader has to tell absent from empty.
  return encode({
    added: compact(contacts, 4),
    'added.f': flags(4),
    added6: compact(contacts, 6),
    'added6.f': flags(6),
    dropped: compact(dropped, 4),
    dropped6: compact(dropped, 6),
  })
}

/**
 * What a peer says of others. Everything in it is a claim: of what is there, `LIMITS.pex` of each are used, a list whose
 * length does not divide counts as empty, and no address fills it with its ports.
 * @param allow whether an address may be used at all; `believableFrom` is made for it
 * @returns `undefined` when it is no such message. Never throws.
 */
export function parsePex(bytes: Uint8Array, allow: (address: string) => boolean): PexMessage | undefined {
  let dict: BencodeDict
  try {
    dict = readDictPrefix(bytes, { depth: LIMITS.bencode.answerDepth, tokens: 100 }).dict
  } catch {
    return undefined
  }
  const added = new Contacts(LIMITS.pex.added, allow)
  const dropped = new Contacts(LIMITS.pex.dropped, allow)
  added.take(dict.optionalBytes('added'), 4, dict.optionalBytes('added.f'))
  added.take(dict.optionalBytes('added6'), 6, dict.optionalBytes('added6.f'))
  dropped.take(dict.optionalBytes('dropped'), 4, undefined)
  dropped.take(dict.optionalBytes('dropped6'), 6, undefined)
  return { added: added.peers, dropped: dropped.peers.map(one => one.endpoint) }
}

/**
 * The addresses that a peer can know better than we do: from outside only those of the internet, from one of our networks
 * also theirs, and those of this computer only from itself.
 * @param from address of the peer
 */
export function believableFrom(from: string): (address: string) => boolean {
  const isNear = addressClass(from) === 'local'
  const isHere = isLoopback(from)
  return address => {
    const kind = addressClass(address)
    return kind === 'public' || (kind === 'local' && isNear && (isHere || !isLoopback(address)))
  }
}

class Contacts {
  readonly peers: PexPeer[] = []
  readonly #most: number
  readonly #allow: (address: string) => boolean
  readonly #keys = new Set<string>()
  readonly #perAddress = new Map<string, number>()

  constructor(most: number, allow: (address: string) => boolean) {
    this.#most = most
    this.#allow = allow
  }

  take(compact: Uint8Array | undefined, family: 4 | 6, flags: Uint8Array | undefined): void {
    const size = family === 4 ? 6 : 18
    if (!compact || compact.length % size !== 0) return
    // Ten times what is used may be looked at, no more: most of a flood costs nothing.
    const end = Math.min(compact.length, this.#most * 10 * size)
    for (let at = 0; at < end && this.peers.length < this.#most; at += size) {
      const port = readU16(compact, at + size - 2)
      const endpoint = endpointOfBytes(compact.subarray(at, at + size - 2), port)
      if (endpoint && this.#isNew(endpoint)) this.peers.push({ endpoint, flags: flags?.[at / size] ?? 0 })
    }
  }

  #isNew(endpoint: Endpoint): boolean {
    const { address } = endpoint
    const key = endpointKey(endpoint)
    if (this.#keys.has(key) || !this.#allow(address)) return false
    const count = this.#perAddress.get(address) ?? 0
    if (count >= LIMITS.peers.perAddress && !isLoopback(address)) return false
    this.#keys.add(key)
    this.#perAddress.set(address, count + 1)
    return true
  }
}
