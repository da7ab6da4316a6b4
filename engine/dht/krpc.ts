/** KRPC, the packets of the DHT: bencoded dictionaries in UDP (BEP 5, with 32, 33, 42 and 43). */
import { concat, lossyText, readU16, utf8 } from '#engine/base/bytes.ts'
import { compactEndpoint, type Endpoint, endpointOfBytes } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { encode, type Encodable } from '#engine/bencode/encode.ts'
import { type BencodeDict, readDict } from '#engine/bencode/reader.ts'
import { type Contact, ID_BYTES, nodeId, type NodeId } from './node-id.ts'

export type Family = 4 | 6

export type Query =
  | { readonly method: 'ping' }
  | { readonly method: 'find_node'; readonly target: Uint8Array; readonly want: readonly Family[] }
  | {
      readonly method: 'get_peers'
      readonly infoHash: Uint8Array
      readonly want: readonly Family[]
      /** Only peers that still download (BEP 33). */
      readonly noSeeds: boolean
      /** Filters of all stored peers as well (BEP 33). */
      readonly isScrape: boolean
    }
  | {
      readonly method: 'announce_peer'
      readonly infoHash: Uint8Array
      /** 1 to 65535; anything when it is implied. */
      readonly port: number
      /** The port that the packet comes from is meant, whatever `port` says. */
      readonly isPortImplied: boolean
      readonly token: Uint8Array
      readonly isSeed: boolean
    }

export interface Reply {
  readonly id: NodeId
  /** Nodes of both families, at most 16 each. */
  readonly nodes: readonly Contact[]
  /** Peers, at most 100, of either family. */
  readonly values: readonly Endpoint[]
  readonly token: Uint8Array | undefined
  /** Filters of 256 bytes (BEP 33). */
  readonly seeds: Uint8Array | undefined
  readonly leeches: Uint8Array | undefined
  /** Our own address as the node sees it (BEP 42). */
  readonly yourAddress: string | undefined
}

export const ERROR = { protocol: 203, method: 204 } as const

export type Packet = { readonly transaction: Uint8Array } & (
  | { readonly kind: 'query'; readonly id: NodeId; readonly isReadOnly: boolean; readonly query: Query }
  /** A query that deserves an error and nothing else. */
  | { readonly kind: 'bad-query'; readonly code: number; readonly problem: string }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'error'; readonly code: number; readonly text: string }
)

/** `undefined`: to be dropped without an answer. Never throws. The result owns its bytes. */
export function parsePacket(lent: Uint8Array): Packet | undefined {
  if (lent.length > LIMITS.dht.packetBytes || lent[0] !== LETTER_D) return undefined
  let dict: BencodeDict
  try {
    // A copy: ids and tokens outlive the packet.
    dict = readDict(lent.slice(), { depth: LIMITS.bencode.answerDepth })
  } catch {
    return undefined // not bencode, and nobody to tell
  }
  const transaction = dict.optionalBytes('t')
  if (!transaction || transaction.length > LIMITS.dht.transactionBytes) return undefined
  switch (dict.optionalText('y')) {
    case 'q':
      return { transaction, ...parseQuery(dict) }
    case 'r': {
      const reply = parseReply(dict)
      return reply && { transaction, kind: 'reply', reply }
    }
    case 'e': {
      const error = parseError(dict)
      return error && { transaction, kind: 'error', ...error }
    }
    default:
      return undefined
  }
}

const LETTER_D = 0x64

const badQuery = (code: number, problem: string) => ({ kind: 'bad-query', code, problem }) as const

function parseQuery(dict: BencodeDict) {
  const method = dict.optionalText('q')
  const args = dict.optionalDict('a')
  if (method === undefined || !args) return badQuery(ERROR.protocol, 'no method or no arguments')
  const id = nodeId(args.optionalBytes('id') ?? NOTHING)
  if (!id) return badQuery(ERROR.protocol, 'id needs 20 bytes')
  const query = parseArguments(method, args)
  if ('problem' in query) return query
  return { kind: 'query', id, isReadOnly: dict.optionalInt('ro') === 1, query } as const
}

const NOTHING = new Uint8Array(0)

function parseArguments(method: string, args: BencodeDict): Query | ReturnType<typeof badQuery> {
  if (method === 'ping') return { method }
  if (method === 'get_peers' || method === 'announce_peer') {
    const infoHash = key(args, 'info_hash')
    if (!infoHash) return badQuery(ERROR.protocol, 'info_hash needs 20 bytes')
    if (method === 'announce_peer') return parseAnnounce(infoHash, args)
    const noSeeds = args.optionalInt('noseed') === 1
    return { method, infoHash, want: parseWant(args), noSeeds, isScrape: args.optionalInt('scrape') === 1 }
  }
  // Methods to come ask for what is near a target as well, and nodes are the one answer that helps any of them.
  const target = key(args, 'target') ?? (method === 'find_node' ? undefined : key(args, 'info_hash'))
  if (target) return { method: 'find_node', target, want: parseWant(args) }
  return method === 'find_node'
    ? badQuery(ERROR.protocol, 'target needs 20 bytes')
    : badQuery(ERROR.method, 'unknown method')
}

function parseAnnounce(infoHash: Uint8Array, args: BencodeDict): Query | ReturnType<typeof badQuery> {
  const token = args.optionalBytes('token')
  if (!token || token.length > LIMITS.dht.tokenBytes) return badQuery(ERROR.protocol, 'no token')
  const isPortImplied = (args.optionalInt('implied_port') ?? 0) !== 0
  const port = args.optionalInt('port') ?? 0
  if (!isPortImplied && (port < 1 || port > 65535)) return badQuery(ERROR.protocol, 'no such port')
  const isSeed = args.optionalInt('seed') === 1
  return { method: 'announce_peer', infoHash, port, isPortImplied, token, isSeed }
}

function key(args: BencodeDict, name: string): Uint8Array | undefined {
  const bytes = args.optionalBytes(name)
  return bytes?.length === ID_BYTES ? bytes : undefined
}

function parseWant(args: BencodeDict): Family[] {
  const words = args.optionalList('want')?.strings().map(lossyText) ?? []
  return ([4, 6] as const).filter(family => words.includes(`n${family}`))
}

function parseReply(dict: BencodeDict): Reply | undefined {
  const values = dict.optionalDict('r')
  const id = values && nodeId(values.optionalBytes('id') ?? NOTHING)
  if (!id) return undefined
  const token = values.optionalBytes('token')
  return {
    id,
    nodes: [
      ...parseContacts(values.optionalBytes('nodes') ?? NOTHING, 4, LIMITS.dht.nodes),
      ...parseContacts(values.optionalBytes('nodes6') ?? NOTHING, 6, LIMITS.dht.nodes),
    ],
    values: parseValues(values),
    token: token && token.length <= LIMITS.dht.tokenBytes ? token : undefined,
    seeds: parseFilter(values, 'BFsd'),
    leeches: parseFilter(values, 'BFpe'),
    yourAddress: parseAddress(dict.optionalBytes('ip')),
  }
}

function parseValues(values: BencodeDict): Endpoint[] {
  const found: Endpoint[] = []
  for (const bytes of values.optionalList('values')?.strings() ?? []) {
    if (found.length === LIMITS.dht.values) break
    if (bytes.length !== 6 && bytes.length !== 18) continue
    const endpoint = endpointOfBytes(bytes.subarray(0, -2), readU16(bytes, bytes.length - 2))
    if (endpoint) found.push(endpoint)
  }
  return found
}

function parseFilter(values: BencodeDict, name: string): Uint8Array | undefined {
  const bytes = values.optionalBytes(name)
  return bytes?.length === FILTER_BYTES ? bytes : undefined
}
const FILTER_BYTES = 256

/** With or without a port behind it. */
function parseAddress(bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length === 4 || bytes?.length === 6) return bytes.subarray(0, 4).join('.')
  if (bytes?.length === 16 || bytes?.length === 18) return endpointOfBytes(bytes.subarray(0, 16), 1)?.address
  return undefined
}

function parseError(dict: BencodeDict): { code: number; text: string } | undefined {
  const list = dict.optionalList('e')
  if (!list) return undefined
  const [token = -1] = list.tokens()
  const code = list.document.safeInt(token)
  const [text] = list.strings()
  return code === undefined ? undefined : { code, text: lossyText(text ?? NOTHING) }
}

/** Contacts of a compact list: 26 bytes each for IPv4, 38 for IPv6. None when the length does not divide. */
export function parseContacts(bytes: Uint8Array, family: Family, most: number): Contact[] {
  const size = family === 4 ? 26 : 38
  if (bytes.length % size !== 0) return []
  const found: Contact[] = []
  for (let at = 0; at < bytes.length && found.length < most; at += size) {
    const id = nodeId(bytes.subarray(at, at + ID_BYTES))!
    const endpoint = endpointOfBytes(bytes.subarray(at + ID_BYTES, at + size - 2), readU16(bytes, at + size - 2))
    // An IPv4 address in IPv6 clothes has no place in the IPv6 DHT.
    if (endpoint?.family === family) found.push({ id, endpoint })
  }
  return found
}

export const encodeContacts = (contacts: readonly Contact[]): Uint8Array =>
  concat(contacts.flatMap(({ id, endpoint }) => [id, compactEndpoint(endpoint)]))

/** "FH", then the version (BEP 20's letters). */
const VERSION = Uint8Array.of(0x46, 0x48, 1, 0)

export function encodeQuery(transaction: Uint8Array, id: NodeId, query: Query, isReadOnly: boolean): Uint8Array {
  const a = { id, ...argumentsOf(query) }
  return encode({ t: transaction, y: 'q', q: query.method, a, ro: isReadOnly ? 1 : undefined, v: VERSION })
}

function argumentsOf(query: Query): Record<string, Encodable | undefined> {
  switch (query.method) {
    case 'ping':
      return {}
    case 'find_node':
      return { target: query.target, want: encodeWant(query.want) }
    case 'get_peers':
      return {
        info_hash: query.infoHash,
        want: encodeWant(query.want),
        noseed: query.noSeeds ? 1 : undefined,
        scrape: query.isScrape ? 1 : undefined,
      }
    case 'announce_peer':
      return {
        info_hash: query.infoHash,
        token: query.token,
        port: query.port,
        implied_port: query.isPortImplied ? 1 : undefined,
        seed: query.isSeed ? 1 : undefined,
      }
  }
}

const encodeWant = (want: readonly Family[]) => (want.length === 0 ? undefined : want.map(family => `n${family}`))

/** What an answer says; fields that are absent are left out. */
export interface Answer {
  readonly id: NodeId
  readonly nodes?: readonly Contact[] | undefined
  readonly nodes6?: readonly Contact[] | undefined
  readonly token?: Uint8Array | undefined
  readonly values?: readonly Endpoint[] | undefined
  readonly seeds?: Uint8Array | undefined
  readonly leeches?: Uint8Array | undefined
}

/** @param to whom it goes: told in `ip` (BEP 42) */
export function encodeReply(transaction: Uint8Array, to: Endpoint, answer: Answer): Uint8Array {
  const { id, nodes, nodes6, token, values, seeds, leeches } = answer
  const r = {
    id,
    nodes: nodes && encodeContacts(nodes),
    nodes6: nodes6 && encodeContacts(nodes6),
    token,
    values: values && values.map(compactEndpoint),
    BFsd: seeds,
    BFpe: leeches,
  }
  return encode({ t: transaction, y: 'r', r, ip: compactEndpoint(to), v: VERSION })
}

export const encodeError = (transaction: Uint8Array, to: Endpoint, code: number, text: string): Uint8Array =>
  encode({ t: transaction, y: 'e', e: [code, utf8(text)], ip: compactEndpoint(to), v: VERSION })
