import type { TorrentId } from '#engine/api/ids.ts'
import type { SessionStats } from '#engine/api/model.ts'
import type { Settings } from '#engine/api/settings.ts'
import type { Io } from '#engine/io/io.ts'
import type { Budget } from './budget.ts'
import type { Listener } from './listen.ts'
import type { Registry } from './registry.ts'
import type { TorrentLike } from './torrent-like.ts'

const SPACE_MS = 10_000
const [DOWN, UP, DOWNLOADED, UPLOADED] = [3, 4, 11, 12] as const

/** Sums over all torrents; bytes are counted from the start of the session. */
export class SessionMeter {
  readonly #io: Io
  readonly #torrents: Registry
  readonly #listener: Listener
  readonly #peers: Budget
  readonly #settings: () => Settings
  /** What torrents had moved before this session. */
  readonly #before = new Map<TorrentId, readonly [down: number, up: number]>()
  #gone: [down: number, up: number] = [0, 0]
  #freeSpace: number | null = null
  #spaceAt = 0

  constructor(io: Io, torrents: Registry, listener: Listener, peers: Budget, settings: () => Settings) {
    this.#io = io
    this.#torrents = torrents
    this.#listener = listener
    this.#peers = peers
    this.#settings = settings
  }

  enter(torrent: TorrentLike): void {
    const { downloaded, uploaded } = torrent.toResume()
    this.#before.set(torrent.id, [downloaded, uploaded])
  }

  leave(torrent: TorrentLike): void {
    const { downloaded, uploaded } = torrent.toResume()
    const [down, up] = this.#before.get(torrent.id) ?? [downloaded, uploaded]
    this.#gone = [this.#gone[0] + downloaded - down, this.#gone[1] + uploaded - up]
    this.#before.delete(torrent.id)
  }

  tick(now: number): void {
    if (now - this.#spaceAt < SPACE_MS) return
    this.#spaceAt = now
    void this.measureSpace()
  }

  async measureSpace(): Promise<void> {
    try {
      this.#freeSpace = (await this.#io.files.space(this.#settings().downloadFolder)).free
    } catch {
      this.#freeSpace = null // a drive that is away
    }
  }

  stats(now: number): Omit<SessionStats, 'dhtNodes' | 'portMapping'> {
    let [down, up] = [0, 0]
    let [downloaded, uploaded] = this.#gone
    for (const torrent of this.#torrents) {
      const row = torrent.stats(now)
      const [before = row[DOWNLOADED], beforeUp = row[UPLOADED]] = this.#before.get(torrent.id) ?? []
      down += row[DOWN]
      up += row[UP]
      downloaded += row[DOWNLOADED] - before
      uploaded += row[UPLOADED] - beforeUp
    }
    return {
      down,
      up,
      downloaded,
      uploaded,
      peers: this.#peers.taken,
      listenPort: this.#listener.port,
      listenProblem: this.#listener.problem,
      incoming: this.#listener.incoming,
      freeSpace: this.#freeSpace,
      downloadFolder: this.#settings().downloadFolder,
    }
  }
}
