import { addressClass } from '#engine/base/address-class.ts'
import { type Endpoint, endpoint } from '#engine/base/endpoint.ts'
import { sameBytes } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Random } from '#engine/io/random.ts'
import { hostOf, isUsable, subnetOf } from './address-groups.ts'
import { AddressVotes } from './address-votes.ts'
import type { Asked } from './answers.ts'
import { encodeQuery, type Family, parsePacket, type Query, type Reply } from './krpc.ts'
import { type Candidate, type Finding, Lookup } from './lookup.ts'
import { type Contact, isIdOfAddress, nodeIdFor, type NodeId, randomNodeId } from './node-id.ts'
import { K, RoutingTable } from './routing-table.ts'
import { type Search, Searches, type SearchEvents, type SearchQuery } from './searches.ts'
import type { FamilyState } from './state.ts'
import { Strangers } from './strangers.ts'
import { Transactions, type Waiter } from './transactions.ts'

export interface FamilyHost {
  readonly clock: Clock
  readonly random: Random
  isReadOnly(): boolean
  readonly allowLocal: boolean
  /** Where we take part. */
  readonly families: readonly Family[]
  send(bytes: Uint8Array, to: Endpoint): void
  /** What to send back, if anything. */
  answer(asked: Asked, from: Endpoint, size: number, own: NodeId): Uint8Array | undefined
  /** For bytes to somebody who has not proven his address. @returns whether they may be sent */
  pay(bytes: number): boolean
  /** Addresses of the nodes that everybody knows, for when nobody else answers. Never rejects. */
  doors(family: Family): Promise<readonly Endpoint[]>
  /** Nodes of the other family. */
  onStrangers(contacts: readonly Contact[]): void
  onChange(): void
}

/** The saved nodes have this long before the public ones are asked as well. */
const PATIENCE_MS = 5_000
/** Between attempts while few are known, doubled each time: a line that comes back is used within a minute. */
const RETRY_MS = 2_000
const RETRY_MAX_MS = 30_000
/** What a stranger costs who has only asked so far. */
const PING_BYTES = 72
const UPKEEP_MS = 1_000
/** A new id throws half of what we know away. */
const NEW_ID_GAP_MS = 10 * 60_000

const IGNORE: Waiter = { onReply() {}, onSlow() {}, onLost() {} }

/** Our part in the DHT of one address family (BEP 32 keeps the two apart): the nodes we know and the questions under way. */
export class DhtFamily {
  readonly family: Family
  readonly #host: FamilyHost
  readonly #transactions: Transactions
  readonly #searches: Searches
  readonly #strangers = new Strangers()
  readonly #votes = new AddressVotes()
  readonly #saved: readonly Contact[]
  #table: RoutingTable
  #ownSearch: Search | undefined
  #refresh: Search | undefined
  #ownSearchAt: number
  #doorsAt: number
  #doorsAsked = 0
  #ownSearches = 0
  #upkeepAt = 0
  #newIdAt = -Infinity

  constructor(family: Family, saved: FamilyState, host: FamilyHost) {
    const now = host.clock.now()
    this.family = family
    this.#host = host
    this.#transactions = new Transactions(host.random)
    this.#searches = new Searches({
      family,
      id: () => this.id,
      canAsk: () => !this.#transactions.isFull,
      ask: (candidate, query, waiter, at) => this.#ask(candidate, query, waiter, at),
      now: () => host.clock.now(),
      onStrangers: contacts => host.onStrangers(contacts),
    })
    this.#table = new RoutingTable(saved.id ?? randomNodeId(host.random), now)
    this.#saved = saved.nodes.filter(node => isUsable(node.endpoint.address, host.allowLocal))
    this.#ownSearchAt = now
    this.#doorsAt = this.#saved.length > 0 ? now + PATIENCE_MS : now
  }

  get id(): NodeId {
    return this.#table.own
  }
  get count(): number {
    return this.#table.count
  }
  get searches(): number {
    return this.#searches.count
  }
  /** Whether searches find anything yet. */
  get isReady(): boolean {
    return this.#table.count >= K || (this.#table.count > 0 && !this.#ownSearch)
  }
  get state(): FamilyState {
    const nodes = this.#table.all()
    return { id: this.id, nodes: (nodes.length > 0 ? nodes : this.#saved).slice(0, LIMITS.dht.savedNodes) }
  }

  goodNodes(target: Uint8Array, most: number): Contact[] {
    return this.#table.closest(target, most, { isGood: true, now: this.#host.clock.now() })
  }

  /** `bytes` is lent. */
  receive(bytes: Uint8Array, from: Endpoint, now: number): void {
    if (!isUsable(from.address, this.#host.allowLocal)) return
    const packet = parsePacket(bytes)
    if (!packet) return
    if (packet.kind === 'query' || packet.kind === 'bad-query') {
      const answer = this.#host.answer(packet, from, bytes.length, this.id)
      if (!answer) return
      this.#host.send(answer, from)
      if (packet.kind === 'query' && !packet.isReadOnly) this.#meet({ id: packet.id, endpoint: from }, now)
      return
    }
    const pending = this.#transactions.take(packet.transaction, from, now)
    if (!pending) return
    const isGood = packet.kind === 'reply' && this.#accept(packet.reply, pending.id, from, now)
    if (isGood) pending.waiter.onReply(packet.reply)
    else pending.waiter.onLost()
  }

  tick(now: number): void {
    for (const { to, waiter } of this.#transactions.tick(now)) {
      if (this.#table.failed(to, now)) this.#host.onChange()
      waiter.onLost()
    }
    this.#greetStrangers(now)
    if (now >= this.#upkeepAt) {
      this.#upkeepAt = now + UPKEEP_MS
      this.#upkeep(now)
    }
    this.#searches.pump(now)
  }

  /** A node that somebody told of: asked when there is time. Too many at once are forgotten. */
  addNode(node: Candidate): void {
    const { family, address } = node.endpoint
    if (family === this.family && isUsable(address, this.#host.allowLocal)) this.#strangers.add(node)
  }

  /** Asks ever nearer nodes, from the nearest known ones on. */
  search(query: SearchQuery, events: SearchEvents): Search {
    const target = query.method === 'find_node' ? query.target : query.infoHash
    return this.#searches.start(new Lookup(target, this.#nearest(target)), query, events)
  }

  /** Tells nodes that gave a token where we are (BEP 5). */
  announce(findings: readonly Finding[], announcement: Announcement): void {
    const now = this.#host.clock.now()
    for (const finding of findings) {
      if (finding.token) {
        this.#ask(finding, { ...announcement, method: 'announce_peer', token: finding.token }, IGNORE, now)
      }
    }
  }

  /** Somebody says that `address` is ours. @param from an address, or any name that tells voters apart */
  noteAddress(address: string, from: string, now: number): void {
    const own = endpoint(address, 1)
    if (own?.family !== this.family || addressClass(address) !== 'public') return
    const voter = endpoint(from, 1)
    const winner = this.#votes.vote(own.address, voter ? (subnetOf(voter) ?? hostOf(voter)) : from)
    if (winner === undefined || isIdOfAddress(this.id, winner) || now - this.#newIdAt < NEW_ID_GAP_MS) return
    this.#newIdAt = now
    const known = this.#table.all()
    this.#table = new RoutingTable(nodeIdFor(winner, this.#host.random), now)
    for (const contact of known) this.#table.heard(contact, now)
    // Another corner is ours: get to know the neighbours.
    this.#searchOwn(known, [], now)
    this.#host.onChange()
  }

  /** Asks nobody any more; what is known stays. */
  close(): void {
    this.#searches.clear()
  }

  #ask(to: Candidate, query: Query, waiter: Waiter, now: number): void {
    const transaction = this.#transactions.open(to.endpoint, to.id, waiter, now)
    this.#host.send(encodeQuery(transaction, this.id, query, this.#host.isReadOnly()), to.endpoint)
  }

  #nearest(target: Uint8Array): readonly Contact[] {
    const near = this.#table.closest(target, 2 * K, { isGood: false, now: this.#host.clock.now() })
    return near.length > 0 ? near : this.#table.all()
  }

  /** @returns whether the answer counts */
  #accept(reply: Reply, expected: NodeId | undefined, from: Endpoint, now: number): boolean {
    if (sameBytes(reply.id, this.id)) return false
    if (this.#table.heard({ id: reply.id, endpoint: from }, now)) this.#host.onChange()
    if (reply.yourAddress !== undefined) this.noteAddress(reply.yourAddress, from.address, now)
    return !expected || sameBytes(reply.id, expected)
  }

  /** Somebody asked us. He enters the table once he has answered, too: his address may be forged. */
  #meet(contact: Contact, now: number): void {
    this.#table.queried(contact, now)
    if (this.#strangers.hasRoom && this.#table.hasRoomFor(contact) && this.#host.pay(PING_BYTES)) this.addNode(contact)
  }

  #greetStrangers(now: number): void {
    if (this.#table.count === 0 && !this.#strangers.isEmpty) {
      // Nobody known at all: they are where a search may begin.
      return this.#searchOwn([], this.#strangers.takeAll(), now)
    }
    for (let next = this.#strangers.next(now); next; next = this.#strangers.next(now)) {
      const { id, endpoint: at } = next
      if (!id || this.#table.hasRoomFor({ id, endpoint: at })) this.#ask(next, { method: 'ping' }, IGNORE, now)
    }
  }

  #upkeep(now: number): void {
    const { count } = this.#table
    if (count >= K) this.#doorsAsked = this.#ownSearches = 0
    if (count === 0 && now >= this.#doorsAt) this.#askDoors(now)
    if (count < K && !this.#ownSearch && now >= this.#ownSearchAt) {
      this.#searchOwn(count > 0 ? this.#nearest(this.id) : [...this.#table.all(), ...this.#saved], [], now)
    }
    const questionable = this.#table.nextToPing(now)
    if (questionable) this.#ask(questionable, { method: 'ping' }, IGNORE, now)
    const target = this.#refresh ? undefined : this.#table.nextToRefresh(now, this.#host.random)
    if (!target) return
    const events = { onReply: () => {}, onEnd: () => void (this.#refresh = undefined) }
    this.#refresh = this.search({ method: 'find_node', target, want: [] }, events)
  }

  #askDoors(now: number): void {
    this.#doorsAt = now + retryMs(this.#doorsAsked++)
    void this.#host.doors(this.family).then(doors => {
      if (this.#table.count === 0) this.#searchOwn([], doors, this.#host.clock.now())
    })
  }

  /** Looks for ourselves: those who are near are those we should know. Joins such a search that is under way. */
  #searchOwn(start: readonly Contact[], doors: readonly Endpoint[], now: number): void {
    if (start.length + doors.length === 0) return
    if (this.#ownSearch && sameBytes(this.#ownSearch.lookup.target, this.id)) {
      this.#ownSearch.lookup.offer(start, doors)
      return
    }
    this.#ownSearch?.[Symbol.dispose]()
    this.#ownSearchAt = now + retryMs(this.#ownSearches++)
    // BEP 32: while few are known, each family helps the other.
    const want = this.#host.families.length > 1 ? this.#host.families : []
    const events = { onReply: () => {}, onEnd: () => void (this.#ownSearch = undefined) }
    const lookup = new Lookup(this.id, start, doors)
    this.#ownSearch = this.#searches.start(lookup, { method: 'find_node', target: this.id, want }, events)
  }
}

const retryMs = (attempts: number) => Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** attempts)

/** What we tell of ourselves; the token is each node's own. */
export type Announcement = Omit<Extract<Query, { method: 'announce_peer' }>, 'token' | 'method'>
