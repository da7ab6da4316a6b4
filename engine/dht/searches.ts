import type { Endpoint } from '#engine/base/endpoint.ts'
import { sameBytes } from '#engine/base/ids.ts'
import type { Family, Query, Reply } from './krpc.ts'
import type { Candidate, Finding, Lookup } from './lookup.ts'
import { credible } from './address-groups.ts'
import type { Contact, NodeId } from './node-id.ts'
import { K } from './routing-table.ts'
import type { Waiter } from './transactions.ts'

export type SearchQuery = Extract<Query, { method: 'find_node' | 'get_peers' }>

export interface SearchEvents {
  onReply(reply: Reply, from: Endpoint): void
  /** @param findings the nodes nearest to the target that would take an announce, at most 8 */
  onEnd(findings: readonly Finding[], now: number): void
}

export interface SearchesHost {
  readonly family: Family
  id(): NodeId
  /** Whether one more question may be under way. */
  canAsk(): boolean
  /** The waiter hears what came of it. */
  ask(candidate: Candidate, query: Query, waiter: Waiter, now: number): void
  now(): number
  /** Nodes of the other family. */
  onStrangers(contacts: readonly Contact[]): void
}

/** One search under way. Disposed, it asks nobody any more and no event comes. */
export interface Search extends Disposable {
  readonly lookup: Lookup
}

interface Running extends Search, SearchEvents {
  readonly query: SearchQuery
}

/** Brings lookups and the network together. */
export class Searches {
  readonly #host: SearchesHost
  readonly #running = new Set<Running>()

  constructor(host: SearchesHost) {
    this.#host = host
  }

  get count(): number {
    return this.#running.size
  }

  start(lookup: Lookup, query: SearchQuery, events: SearchEvents): Search {
    const search: Running = {
      lookup,
      query,
      ...events,
      [Symbol.dispose]: () => void this.#running.delete(search),
    }
    this.#running.add(search)
    return search
  }

  /** Asks whoever is next in each search, and ends those that are done. */
  pump(now: number): void {
    for (const search of this.#running) this.#pump(search, now)
  }

  clear(): void {
    this.#running.clear()
  }

  #pump(search: Running, now: number): void {
    const { lookup, query } = search
    while (this.#host.canAsk()) {
      const to = lookup.next()
      if (!to) break
      this.#host.ask(to, query, this.#waiter(search, to), now)
    }
    if (!lookup.isDone) return
    this.#running.delete(search)
    search.onEnd(lookup.findings(K), now)
  }

  #waiter(search: Running, to: Candidate): Waiter {
    const whileRunning = (act: () => void) => {
      if (!this.#running.has(search)) return
      act()
      this.#pump(search, this.#host.now())
    }
    return {
      onReply: reply => whileRunning(() => this.#receive(search, to, reply)),
      onSlow: () => whileRunning(() => search.lookup.slow(to)),
      onLost: () => whileRunning(() => search.lookup.failed(to)),
    }
  }

  #receive(search: Running, to: Candidate, reply: Reply): void {
    if (!search.lookup.answered(to, reply.id, reply.token)) return
    const nodes = credible(reply.nodes, to.endpoint, contact => contact.endpoint)
    const { family } = this.#host
    const own = this.#host.id()
    search.lookup.offer(nodes.filter(({ id, endpoint }) => endpoint.family === family && !sameBytes(id, own)))
    this.#host.onStrangers(nodes.filter(({ endpoint }) => endpoint.family !== family))
    search.onReply(reply, to.endpoint)
  }
}
