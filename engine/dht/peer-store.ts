import { addressBytes, type Endpoint } from '#engine/base/endpoint.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Random } from '#engine/io/random.ts'
import { hostOf } from './address-groups.ts'
import type { Family } from './krpc.ts'
import { ScrapeFilter } from './scrape-filter.ts'

interface StoredPeer {
  readonly endpoint: Endpoint
  readonly isSeed: boolean
  readonly expiresAt: number
}

/** By host: BEP 33 counts an address once per infohash. In order of announce, oldest first. */
type Swarm = Map<string, StoredPeer>

/** Peers that others announced to us. Bounded in every direction: what is oldest makes room. */
export class PeerStore {
  /** By family and infohash, in hex; in order of the last announce. */
  readonly #swarms = new Map<string, Swarm>()
  #count = 0

  /** Peers in all. */
  get count(): number {
    return this.#count
  }

  add(infoHash: Uint8Array, endpoint: Endpoint, isSeed: boolean, now: number): void {
    const key = keyOf(infoHash, endpoint.family)
    const swarm: Swarm = this.#swarms.get(key) ?? new Map<string, StoredPeer>()
    // Put back at the end: the order says who is oldest.
    this.#swarms.delete(key)
    this.#swarms.set(key, swarm)
    this.#remove(swarm, hostOf(endpoint))
    const [oldest] = swarm.keys()
    if (oldest !== undefined && swarm.size >= LIMITS.dht.peersPerHash) this.#remove(swarm, oldest)
    swarm.set(hostOf(endpoint), { endpoint, isSeed, expiresAt: now + LIMITS.dht.peerMs })
    this.#count++
    this.#makeRoom()
  }

  /** At most `most` peers of this family, another choice every time. */
  sample(
    infoHash: Uint8Array,
    family: Family,
    most: number,
    noSeeds: boolean,
    now: number,
    random: Random,
  ): Endpoint[] {
    const peers = this.#alive(keyOf(infoHash, family), now).filter(peer => !(noSeeds && peer.isSeed))
    // As much of a shuffle as is handed out.
    for (let at = 0; at < Math.min(most, peers.length - 1); at++) {
      const other = at + Math.floor(random.next() * (peers.length - at))
      ;[peers[at], peers[other]] = [peers[other]!, peers[at]!]
    }
    return peers.slice(0, most).map(peer => peer.endpoint)
  }

  /** Filters of what is stored (BEP 33), or `undefined` when nothing is. */
  filters(
    infoHash: Uint8Array,
    family: Family,
    now: number,
    hashes: Hashes,
  ): { seeds: Uint8Array; leeches: Uint8Array } | undefined {
    const peers = this.#alive(keyOf(infoHash, family), now)
    if (peers.length === 0) return undefined
    const seeds = new ScrapeFilter()
    const leeches = new ScrapeFilter()
    for (const { endpoint, isSeed } of peers) (isSeed ? seeds : leeches).insert(addressBytes(endpoint), hashes)
    return { seeds: seeds.bytes, leeches: leeches.bytes }
  }

  /** Forgets who has not announced for half an hour. */
  expire(now: number): void {
    for (const key of [...this.#swarms.keys()]) this.#alive(key, now)
  }

  #alive(key: string, now: number): StoredPeer[] {
    const swarm = this.#swarms.get(key)
    if (!swarm) return []
    for (const [host, { expiresAt }] of swarm) {
      if (expiresAt > now) break // the rest announced later
      this.#remove(swarm, host)
    }
    if (swarm.size === 0) this.#swarms.delete(key)
    return [...swarm.values()]
  }

  #remove(swarm: Swarm, host: string): void {
    if (swarm.delete(host)) this.#count--
  }

  #makeRoom(): void {
    while (this.#swarms.size > LIMITS.dht.hashes || this.#count > LIMITS.dht.peers) {
      const [oldest] = this.#swarms
      if (!oldest) return
      this.#swarms.delete(oldest[0])
      this.#count -= oldest[1].size
    }
  }
}

/** BEP 32: what one family announced is not told to the other. */
const keyOf = (infoHash: Uint8Array, family: Family) => `${family} ${toHex(infoHash)}`
