import type { Endpoint } from '#engine/base/endpoint.ts'
import { endpointKey } from '#engine/base/endpoint.ts'
import { hostOf, NODES_PER_SUBNET, subnetOf } from './address-groups.ts'
import { byDistance, type Contact, isIdOfAddress, type NodeId } from './node-id.ts'
import { K } from './routing-table.ts'

/** Asked at once. */
const ALPHA = 4
const MOST_ASKED = 120
const MOST_KNOWN = 200

/** A node to ask; `id` is unknown where only an address was given. */
export interface Candidate {
  readonly id: NodeId | undefined
  readonly endpoint: Endpoint
}

/** A node that answered and would take an announce. */
export interface Finding extends Contact {
  readonly token: Uint8Array
}

type Progress = 'fresh' | 'asked' | 'slow' | 'answered' | 'failed'

interface Entry extends Contact {
  /** Whether the id fits the address (BEP 42). */
  readonly isProven: boolean
  progress: Progress
  token: Uint8Array | undefined
}

/**
 * Finds the nodes nearest to a target by asking ever nearer ones (BEP 5). Owns no socket: says whom to ask, and is told
 * what came of it. One node per computer and two per network take part, and only nodes whose id fits their address count
 * as found (BEP 42): an attacker with a thousand ids beside the target and one network gets two questions.
 */
export class Lookup {
  readonly target: Uint8Array
  /** Known by address only; asked first. */
  readonly #doors: Endpoint[] = []
  readonly #doorsAsked = new Map<string, 'asked' | 'slow'>()
  /** By distance. */
  readonly #entries: Entry[] = []
  readonly #hosts = new Set<string>()
  readonly #subnets = new Map<string, number>()
  #asked = 0
  #waiting = 0
  #slow = 0

  constructor(target: Uint8Array, start: readonly Contact[], doors: readonly Endpoint[] = []) {
    this.target = target
    this.offer(start, doors)
  }

  /** Nodes that somebody told of. @param doors known by address only */
  offer(contacts: readonly Contact[], doors: readonly Endpoint[] = []): void {
    for (const door of doors) {
      const key = endpointKey(door)
      // One that is being asked already answers for both.
      if (this.#doorsAsked.has(key) || this.#doors.some(other => endpointKey(other) === key)) continue
      this.#doors.push(door)
    }
    for (const contact of contacts) this.#admit(contact, 'fresh')
  }

  /** Whom to ask next; `undefined` while enough are being asked, or when nobody is left. Counts as asked. */
  next(): Candidate | undefined {
    if (this.#waiting >= ALPHA || this.#asked >= MOST_ASKED) return undefined
    const door = this.#doors.shift()
    if (door) {
      this.#doorsAsked.set(endpointKey(door), 'asked')
      this.#countAsked()
      return { id: undefined, endpoint: door }
    }
    const entry = this.#nextEntry()
    if (!entry) return undefined
    entry.progress = 'asked'
    this.#countAsked()
    return entry
  }

  /** @returns whether the answer was waited for */
  answered(from: Candidate, id: NodeId, token: Uint8Array | undefined): boolean {
    if (from.id === undefined) {
      if (!this.#endDoor(from.endpoint)) return false
      this.#admit({ id, endpoint: from.endpoint }, 'answered', token)
      return true
    }
    const entry = this.#find(from)
    if (!entry || !this.#end(entry.progress)) return false
    entry.progress = 'answered'
    entry.token = token
    return true
  }

  /** It takes long: somebody else may be asked meanwhile, its answer still counts. */
  slow(from: Candidate): void {
    const key = endpointKey(from.endpoint)
    const entry = from.id && this.#find(from)
    if ((from.id ? entry?.progress : this.#doorsAsked.get(key)) !== 'asked') return
    if (entry) entry.progress = 'slow'
    else this.#doorsAsked.set(key, 'slow')
    this.#waiting--
    this.#slow++
  }

  failed(from: Candidate): void {
    if (from.id === undefined) return void this.#endDoor(from.endpoint)
    const entry = this.#find(from)
    if (entry && this.#end(entry.progress)) entry.progress = 'failed'
  }

  /** Nobody is left to ask and the answers are in; those of slow nodes are waited for only while too few have come. */
  get isDone(): boolean {
    if (this.#waiting > 0) return false
    if (this.#asked < MOST_ASKED && (this.#doors.length > 0 || this.#nextEntry())) return false
    return this.#slow === 0 || this.#entries.filter(isFound).length >= K
  }

  /** The nearest that gave a token; those whose id fits their address before all others. */
  findings(most: number): Finding[] {
    return this.#entries
      .flatMap(({ id, endpoint, token, isProven }) => (token ? { id, endpoint, token, isProven } : []))
      .sort((a, b) => Number(b.isProven) - Number(a.isProven))
      .slice(0, most)
  }

  #nextEntry(): Entry | undefined {
    let found = 0
    for (const entry of this.#entries) {
      if (found >= K) return undefined
      if (entry.progress === 'fresh') return entry
      if (isFound(entry)) found++
    }
    return undefined
  }

  #admit(contact: Contact, progress: Progress, token?: Uint8Array): void {
    const { id, endpoint } = contact
    const host = hostOf(endpoint)
    const subnet = subnetOf(endpoint)
    if (this.#hosts.has(host)) return
    const neighbours = subnet === undefined ? 0 : (this.#subnets.get(subnet) ?? 0)
    if (neighbours >= NODES_PER_SUBNET) return
    const isProven = isIdOfAddress(id, endpoint.address)
    const at = this.#entries.findIndex(other => byDistance(this.target, id, other.id) < 0)
    const entry: Entry = { id, endpoint, isProven, progress, token }
    this.#entries.splice(at < 0 ? this.#entries.length : at, 0, entry)
    this.#hosts.add(host)
    if (subnet !== undefined) this.#subnets.set(subnet, neighbours + 1)
    if (this.#entries.length > MOST_KNOWN) this.#dropFarthest()
  }

  #dropFarthest(): void {
    const at = this.#entries.findLastIndex(entry => entry.progress === 'fresh')
    if (at < 0) return
    const [dropped] = this.#entries.splice(at, 1)
    if (!dropped) return
    this.#hosts.delete(hostOf(dropped.endpoint))
    const subnet = subnetOf(dropped.endpoint)
    if (subnet !== undefined) this.#subnets.set(subnet, (this.#subnets.get(subnet) ?? 1) - 1)
  }

  #find({ endpoint }: Candidate): Entry | undefined {
    const key = endpointKey(endpoint)
    return this.#entries.find(entry => endpointKey(entry.endpoint) === key)
  }

  #endDoor(endpoint: Endpoint): boolean {
    const key = endpointKey(endpoint)
    const progress = this.#doorsAsked.get(key)
    this.#doorsAsked.delete(key)
    return progress !== undefined && this.#end(progress)
  }

  /** @returns whether it was under way */
  #end(progress: Progress): boolean {
    if (progress === 'asked') this.#waiting--
    else if (progress === 'slow') this.#slow--
    else return false
    return true
  }

  #countAsked(): void {
    this.#asked++
    this.#waiting++
  }
}

const isFound = (entry: Entry) => entry.progress === 'answered' && entry.isProven
