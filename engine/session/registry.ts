import type { TorrentId } from '#engine/api/ids.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { fromHex, infoHash, toHex, type InfoHash } from '#engine/base/ids.ts'
import { SkeyIndex } from '#engine/wire/mse/keys.ts'
import type { TorrentLike } from './torrent-like.ts'

/** The torrents in queue order, and by the infohash that a handshake brings. */
export class Registry {
  #byId = new Map<TorrentId, TorrentLike>()
  readonly #byInfoHash = new Map<string, TorrentLike>()
  readonly #hidden: SkeyIndex

  constructor(hashes: Hashes) {
    this.#hidden = new SkeyIndex(hashes)
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: TorrentId): TorrentLike | undefined {
    return this.#byId.get(id)
  }

  /** @throws EngineError NOT_FOUND */
  require(id: TorrentId): TorrentLike {
    const torrent = this.#byId.get(id)
    if (!torrent) throw new EngineError('NOT_FOUND', 'input', 'This torrent is not in the list any more.')
    return torrent
  }

  byInfoHash(infoHash: string): TorrentLike | undefined {
    return this.#byInfoHash.get(infoHash)
  }

  /** The torrent that an encrypted call asks for without naming it (`SkeyIndex.find`). */
  findHidden(req2xor: Uint8Array, secret: Uint8Array): InfoHash | undefined {
    return this.#hidden.find(req2xor, secret)
  }

  /** @param infoHashes the hashes that peers may ask for it by */
  add(torrent: TorrentLike, infoHashes: readonly (Uint8Array | null)[]): void {
    this.#byId.set(torrent.id, torrent)
    this.know(torrent, infoHashes)
  }

  know(torrent: TorrentLike, infoHashes: readonly (Uint8Array | null)[]): void {
    // In a handshake a v2 hash is cut to 20 bytes (BEP 52).
    for (const hash of infoHashes) {
      if (!hash) continue
      const short = infoHash(hash.slice(0, 20))
      this.#byInfoHash.set(toHex(short), torrent)
      this.#hidden.add(short)
    }
  }

  remove(id: TorrentId): void {
    const torrent = this.#byId.get(id)
    this.#byId.delete(id)
    for (const [hash, one] of this.#byInfoHash) {
      if (one !== torrent) continue
      this.#byInfoHash.delete(hash)
      const bytes = fromHex(hash)
      if (bytes) this.#hidden.delete(infoHash(bytes))
    }
  }

  ids(): TorrentId[] {
    return [...this.#byId.keys()]
  }

  reorder(order: readonly TorrentId[]): void {
    this.#byId = new Map(order.flatMap(id => (this.#byId.has(id) ? [[id, this.#byId.get(id)!] as const] : [])))
  }

  [Symbol.iterator](): Iterator<TorrentLike> {
    return this.#byId.values()
  }
}
