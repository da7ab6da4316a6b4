import type { Endpoint } from '#engine/base/endpoint.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Random } from '#engine/io/random.ts'
import { credible } from './address-groups.ts'
import { type Answer, encodeError, encodeReply, ERROR, type Family, type Packet, type Query } from './krpc.ts'
import type { Contact, NodeId } from './node-id.ts'
import type { PeerStore } from './peer-store.ts'
import { K } from './routing-table.ts'
import type { Tokens } from './tokens.ts'

export interface AnswersHost {
  readonly hashes: Hashes
  readonly random: Random
  readonly tokens: Tokens
  readonly peers: PeerStore
  /** Good nodes of a family, the nearest to `target` first; none where we do not take part. */
  nodesNear(family: Family, target: Uint8Array, most: number): readonly Contact[]
}

export type Asked = Extract<Packet, { kind: 'query' | 'bad-query' }>

/** Room that `6:valuesle` takes, and each peer in it by family. */
const VALUES_BYTES = 10
const VALUE_BYTES = { 4: 8, 6: 21 } as const

/**
 * The answer to a query (BEP 5, 32, 33), or `undefined` for none. Stores what is announced with a good token.
 * It is never longer than BEP 32 allows, nor than ten times the query: an address can be forged, and whoever
 * really has it should not be worth flooding through us.
 */
export function answerTo(
  asked: Asked,
  from: Endpoint,
  size: number,
  id: NodeId,
  host: AnswersHost,
  now: number,
): Uint8Array | undefined {
  const most = Math.min(LIMITS.dht.sentBytes, size * LIMITS.dht.answerFactor)
  for (const bytes of answers(asked, from, most, id, host, now)) if (bytes.length <= most) return bytes
  return undefined
}

/** The best first, then shorter ones. */
function* answers(
  asked: Asked,
  from: Endpoint,
  most: number,
  id: NodeId,
  host: AnswersHost,
  now: number,
): Generator<Uint8Array> {
  const { transaction } = asked
  if (asked.kind === 'bad-query') return yield encodeError(transaction, from, asked.code, asked.problem)
  // Our own packet, come back.
  if (sameBytes(asked.id, id)) return
  const reply = (answer: Answer) => encodeReply(transaction, from, answer)
  const { query } = asked
  switch (query.method) {
    case 'ping':
      return yield reply({ id })
    case 'find_node':
      return yield reply({ id, ...nodesFor(query.want, query.target, from, host) })
    case 'announce_peer':
      return yield store(query, from, host, now)
        ? reply({ id })
        : encodeError(transaction, from, ERROR.protocol, 'bad token')
    case 'get_peers': {
      const { infoHash, noSeeds, isScrape } = query
      const filters = isScrape ? host.peers.filters(infoHash, from.family, now, host.hashes) : undefined
      const bare = {
        id,
        token: host.tokens.issue(from, infoHash, now),
        // BEP 33: beside filters there is no room for what BEP 32 adds.
        ...nodesFor(filters ? [] : query.want, infoHash, from, host),
      }
      for (const answer of filters ? [{ ...bare, ...filters }, bare] : [bare]) {
        const room = most - reply(answer).length - VALUES_BYTES
        const count = Math.min(LIMITS.dht.values, Math.max(0, Math.floor(room / VALUE_BYTES[from.family])))
        const values = host.peers.sample(infoHash, from.family, count, noSeeds, now, host.random)
        yield reply(values.length > 0 ? { ...answer, values } : answer)
      }
    }
  }
}

function nodesFor(want: readonly Family[], target: Uint8Array, from: Endpoint, host: AnswersHost): Partial<Answer> {
  const families = want.length > 0 ? want : [from.family]
  const near = (family: Family) =>
    families.includes(family)
      ? credible(host.nodesNear(family, target, K), from, contact => contact.endpoint)
      : undefined
  return { nodes: near(4), nodes6: near(6) }
}

/** @returns whether the token was good */
function store(
  query: Extract<Query, { method: 'announce_peer' }>,
  from: Endpoint,
  { tokens, peers }: AnswersHost,
  now: number,
): boolean {
  if (!tokens.isValid(query.token, from, query.infoHash, now)) return false
  const port = query.isPortImplied ? from.port : query.port
  peers.add(query.infoHash, { address: from.address, port, family: from.family }, query.isSeed, now)
  return true
}
