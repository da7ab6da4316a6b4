import type { TorrentId } from '#engine/api/ids.ts'
import type { Notice } from '#engine/api/model.ts'

/** What the bits mean: whoever publishes needs no other word of a torrent's inside. */
export { DIRTY } from '#engine/torrent/types.ts'

/** Notices nobody has read yet; a list that grows while no window is open must end somewhere. */
const MAX_NOTICES = 100

/** Everything that changed since the last look, as bits: ten changes of one torrent cost one row. */
export interface Changes {
  /** `DIRTY` bits by torrent. */
  readonly torrents: ReadonlyMap<TorrentId, number>
  readonly removed: readonly TorrentId[]
  readonly notices: readonly Notice[]
  readonly settings: boolean
}

/** Where torrents and the session say what changed, and the publisher looks. Marking is cheap and idempotent. */
export class DirtyBoard {
  #torrents = new Map<TorrentId, number>()
  #removed: TorrentId[] = []
  #notices: Notice[] = []
  #settings = false
  #count = 0

  /** Grows with every mark: a glance tells whether anything happened. */
  get count(): number {
    return this.#count
  }

  mark(id: TorrentId, bits: number): void {
    this.#torrents.set(id, (this.#torrents.get(id) ?? 0) | bits)
    this.#count++
  }

  remove(id: TorrentId): void {
    this.#torrents.delete(id)
    this.#removed.push(id)
    this.#count++
  }

  notice(notice: Notice): void {
    if (this.#notices.length < MAX_NOTICES) this.#notices.push(notice)
    this.#count++
  }

  markSettings(): void {
    this.#settings = true
    this.#count++
  }

  /** What changed since the last call. */
  take(): Changes {
    const changes = {
      torrents: this.#torrents,
      removed: this.#removed,
      notices: this.#notices,
      settings: this.#settings,
    }
    this.#torrents = new Map()
    this.#removed = []
    this.#notices = []
    this.#settings = false
    return changes
  }
}
