import type { Endpoint } from '#engine/base/endpoint.ts'
import { endpointKey } from '#engine/base/endpoint.ts'
import { sameBytes } from '#engine/base/ids.ts'
import type { Random } from '#engine/io/random.ts'
import { hostOf, NODES_PER_SUBNET, subnetOf } from './address-groups.ts'
import { byDistance, type Contact, ID_BITS, idAtDistance, isIdOfAddress, type NodeId, sharedBits } from './node-id.ts'

/** Nodes of a bucket, of an answer, and of those that we announce to (BEP 5). */
export const K = 8
/** BEP 5: good for so long after it was heard of; a bucket unchanged for so long is looked into. */
const FRESH_MS = 15 * 60_000
const BAD_AFTER = 2
const PING_AGAIN_MS = 10_000

interface Node extends Contact {
  /** Whether the id fits the address (BEP 42). */
  readonly isProven: boolean
  /** Answered, or asked us after it had once answered. */
  heardAt: number
  pingedAt: number
  /** In a row. */
  failures: number
}

interface Bucket {
  live: Node[]
  /** Replacements, the latest heard of first. They have answered, too. */
  spare: Node[]
  changedAt: number
}

/**
 * Nodes that answered us, of one family: at most eight for each count of leading bits shared with our id (BEP 5), so that we
 * know our own corner well and the rest of the world a little. One node per computer, two per network in a bucket:
 * whoever has many ids still has few addresses.
 */
export class RoutingTable {
  readonly own: NodeId
  readonly #buckets: Bucket[]
  /** Live nodes. */
  readonly #byHost = new Map<string, Node>()

  constructor(own: NodeId, now: number) {
    this.own = own
    this.#buckets = Array.from({ length: ID_BITS }, () => ({ live: [], spare: [], changedAt: now }))
  }

  /** Nodes that are not known to be dead. */
  get count(): number {
    let count = 0
    for (const node of this.#byHost.values()) if (!isBad(node)) count++
    return count
  }

  /** It answered a query of ours. @returns whether the table changed */
  heard(contact: Contact, now: number): boolean {
    if (sameBytes(contact.id, this.own)) return false
    const host = hostOf(contact.endpoint)
    const held = this.#byHost.get(host)
    if (held && isSame(held, contact)) {
      held.heardAt = now
      held.failures = 0
      return false
    }
    // Another program on that computer: the first stays while it answers. The same with a new id has started again.
    if (held) {
      if (held.failures === 0 && !isAt(held, contact.endpoint)) return false
      this.#remove(held)
    }
    const { id, endpoint } = contact
    const isProven = isIdOfAddress(id, endpoint.address)
    return this.#insert({ id, endpoint, isProven, heardAt: now, pingedAt: now, failures: 0 }, now)
  }

  /** A query of its own keeps a node that answered before. */
  queried(contact: Contact, now: number): void {
    const held = this.#byHost.get(hostOf(contact.endpoint))
    if (held && isSame(held, contact) && held.failures === 0) held.heardAt = now
  }

  /** It did not answer. @returns whether the table changed */
  failed(endpoint: Endpoint, now: number): boolean {
    const held = this.#byHost.get(hostOf(endpoint))
    if (!held || !isAt(held, endpoint)) return false
    held.failures++
    if (held.failures !== BAD_AFTER) return false
    this.#replace(held, now)
    return true
  }

  /** Whether asking this stranger is worth a packet. */
  hasRoomFor({ id, endpoint }: Contact): boolean {
    if (sameBytes(id, this.own) || this.#byHost.has(hostOf(endpoint))) return false
    const { live } = this.#bucketOf(id)
    const isFull = live.length >= K && !live.some(isBad)
    if (isFull && (live.every(node => node.isProven) || !isIdOfAddress(id, endpoint.address))) return false
    return this.#fits({ id, endpoint }, live)
  }

  /** The nearest to `target` that are not known to be dead; `isGood`: heard of within a quarter of an hour. */
  closest(target: Uint8Array, most: number, options: { isGood: boolean; now: number }): Contact[] {
    const nodes: Node[] = []
    for (const node of this.#byHost.values()) {
      if (options.isGood ? isGood(node, options.now) : !isBad(node)) nodes.push(node)
    }
    return nodes.sort((a, b) => byDistance(target, a.id, b.id)).slice(0, most)
  }

  /** All, the good ones first: what is worth remembering, and what is left to try after a long silence. */
  all(): Contact[] {
    return [...this.#byHost.values()].sort((a, b) => a.failures - b.failures || b.heardAt - a.heardAt)
  }

  /** A node that should be pinged, if any; it counts as pinged by that. */
  nextToPing(now: number): Contact | undefined {
    let oldest: Node | undefined
    for (const node of this.#byHost.values()) {
      if (isBad(node) || isGood(node, now) || now - node.pingedAt < PING_AGAIN_MS) continue
      if (!oldest || node.heardAt < oldest.heardAt) oldest = node
    }
    if (oldest) oldest.pingedAt = now
    return oldest
  }

  /** An id to look up, in a bucket that has not changed for long; it counts as changed by that. */
  nextToRefresh(now: number, random: Random): NodeId | undefined {
    const deepest = this.#buckets.findLastIndex(bucket => bucket.live.length > 0)
    for (let bits = 0; bits <= deepest; bits++) {
      const bucket = this.#buckets[bits]!
      if (now - bucket.changedAt < FRESH_MS) continue
      bucket.changedAt = now
      return idAtDistance(this.own, bits, random)
    }
    return undefined
  }

  #insert(node: Node, now: number): boolean {
    const bucket = this.#bucketOf(node.id)
    bucket.spare = bucket.spare.filter(other => !isRival(other, node))
    const twin = bucket.live.find(other => sameBytes(other.id, node.id))
    if (twin) {
      // Somebody else has this id already; an id is taken over only from the dead.
      if (!isBad(twin)) return false
      this.#remove(twin)
    }
    if (!this.#fits(node, bucket.live)) return false
    if (bucket.live.length >= K) {
      const loser = bucket.live.find(isBad) ?? (node.isProven ? bucket.live.find(other => !other.isProven) : undefined)
      if (!loser) {
        bucket.spare = [node, ...bucket.spare].slice(0, K)
        return false
      }
      this.#remove(loser)
      if (!isBad(loser)) bucket.spare = [loser, ...bucket.spare].slice(0, K)
    }
    bucket.live.push(node)
    bucket.changedAt = now
    this.#byHost.set(hostOf(node.endpoint), node)
    return true
  }

  /** A dead node keeps its place until there is another for it: when our own line was down, all of them look dead. */
  #replace(dead: Node, now: number): void {
    const bucket = this.#bucketOf(dead.id)
    const others = bucket.live.filter(node => node !== dead)
    const heir = bucket.spare.find(node => !this.#byHost.has(hostOf(node.endpoint)) && this.#fits(node, others))
    if (!heir) return
    this.#remove(dead)
    this.#insert(heir, now)
  }

  #remove(node: Node): void {
    const bucket = this.#bucketOf(node.id)
    bucket.live = bucket.live.filter(other => other !== node)
    this.#byHost.delete(hostOf(node.endpoint))
  }

  #fits({ endpoint }: Contact, live: readonly Node[]): boolean {
    const subnet = subnetOf(endpoint)
    if (subnet === undefined) return true
    return live.filter(node => !isBad(node) && subnetOf(node.endpoint) === subnet).length < NODES_PER_SUBNET
  }

  #bucketOf(id: NodeId): Bucket {
    return this.#buckets[Math.min(sharedBits(this.own, id), ID_BITS - 1)]!
  }
}

const isBad = (node: Node) => node.failures >= BAD_AFTER
const isGood = (node: Node, now: number) => node.failures === 0 && now - node.heardAt < FRESH_MS
const isAt = (node: Node, endpoint: Endpoint) => endpointKey(node.endpoint) === endpointKey(endpoint)
const isSame = (node: Node, { id, endpoint }: Contact) => isAt(node, endpoint) && sameBytes(node.id, id)
const isRival = (a: Contact, b: Contact) => sameBytes(a.id, b.id) || hostOf(a.endpoint) === hostOf(b.endpoint)
