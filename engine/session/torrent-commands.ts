import type { TorrentId } from '#engine/api/ids.ts'
import type { FilePriority } from '#engine/api/model.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Intent } from '#engine/torrent/types.ts'
import { moved } from './queue.ts'
import type { Registry } from './registry.ts'
import type { Roster } from './roster.ts'
import type { StateStore } from './state/state-store.ts'
import type { TorrentLike } from './torrent-like.ts'

export interface TorrentCommandsParts {
  readonly torrents: Registry
  readonly store: StateStore
  readonly roster: Roster
  /** @throws EngineError NOT_FOUND, SHUTTING_DOWN: before anything is done to any of them */
  readonly these: (ids: readonly TorrentId[]) => TorrentLike[]
  /** Who may run is decided anew, soon. */
  readonly reconsider: () => void
}

/**
 * What users ask of torrents in the list; what must outlive the session is in the journal when a command settles.
 * Each throws EngineError NOT_FOUND, SHUTTING_DOWN, and DISK_* when it cannot be written down.
 */
export class TorrentCommands {
  readonly #parts: TorrentCommandsParts

  constructor(parts: TorrentCommandsParts) {
    this.#parts = parts
  }

  async setIntent(ids: readonly TorrentId[], intent: Intent): Promise<void> {
    const torrents = this.#parts.these(ids)
    await this.#parts.store.append(torrents.map(({ id }) => ({ kind: 'change', id, changes: { intent } })))
    for (const torrent of torrents) torrent.setIntent(intent)
    this.#parts.reconsider()
  }

  recheck(ids: readonly TorrentId[]): void {
    for (const torrent of this.#parts.these(ids)) torrent.recheck()
    this.#parts.reconsider()
  }

  cancelCheck(ids: readonly TorrentId[]): void {
    for (const torrent of this.#parts.these(ids)) torrent.cancelCheck()
  }

  announce(ids: readonly TorrentId[]): void {
    for (const torrent of this.#parts.these(ids)) torrent.announceNow()
  }

  async moveInQueue(ids: readonly TorrentId[], to: 'top' | 'up' | 'down' | 'bottom'): Promise<void> {
    const chosen = new Set(this.#parts.these(ids).map(torrent => torrent.id))
    // Complete torrents have no place in the queue; they must not count as steps.
    const waiting = [...this.#parts.torrents].filter(torrent => !torrent.isComplete).map(torrent => torrent.id)
    const order = moved(waiting, chosen, to)
    const complete = this.#parts.torrents.ids().filter(id => !order.includes(id))
    await this.#parts.store.append([{ kind: 'queue', order: [...order, ...complete] }])
    this.#parts.torrents.reorder([...order, ...complete])
    this.#parts.reconsider()
  }

  async setLimits(ids: readonly TorrentId[], down: number | undefined, up: number | undefined): Promise<void> {
    const torrents = this.#parts.these(ids)
    const changes = { ...(down !== undefined && { limitDown: down }), ...(up !== undefined && { limitUp: up }) }
    await this.#parts.store.append(torrents.map(({ id }) => ({ kind: 'change', id, changes })))
    for (const torrent of torrents) torrent.setLimits(down, up)
  }

  async setSequential(ids: readonly TorrentId[], sequential: boolean): Promise<void> {
    const torrents = this.#parts.these(ids)
    await this.#parts.store.append(torrents.map(({ id }) => ({ kind: 'change', id, changes: { sequential } })))
    for (const torrent of torrents) torrent.setSequential(sequential)
  }

  async setFilePriorities(id: TorrentId, files: readonly number[], priority: FilePriority): Promise<void> {
    const torrent = this.#parts.these([id])[0]!
    const count = torrent.metainfo?.files.count ?? 0
    if (files.some(file => file >= count)) {
      throw new EngineError('INVALID_INPUT', 'input', `There is no such file: the torrent has ${count}.`)
    }
    await torrent.setFilePriorities(files, priority)
    await this.#parts.store.append([{ kind: 'resume', id, resume: torrent.toResume() }])
    this.#parts.reconsider()
  }

  /** The user's own list: what it names may be a local address. */
  setTrackers(id: TorrentId, tiers: readonly (readonly string[])[]): Promise<void> {
    return this.#parts.roster.setTiers(this.#parts.these([id])[0]!, tiers, true)
  }

  addPeers(id: TorrentId, peers: readonly Endpoint[]): number {
    return this.#parts.these([id])[0]!.addPeers(peers, 'manual')
  }

  /** @throws EngineError NOT_FOUND, NO_METADATA */
  async exportTorrent(id: TorrentId): Promise<{ name: string; bytes: Uint8Array }> {
    const { metainfo } = this.#parts.torrents.require(id)
    if (!metainfo) {
      throw new EngineError(
        'NO_METADATA',
        'input',
        'The torrent is not known yet: wait until its file list has arrived.',
      )
    }
    return { name: `${metainfo.name}.torrent`, bytes: await this.#parts.roster.torrentFile(id) }
  }
}
