/** Who is in the list: added by a user, restored from disk, made whole by metadata, removed. */
import type { AddTorrent } from '#engine/api/commands.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { Settings } from '#engine/api/settings.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Io } from '#engine/io/io.ts'
import { torrentFileOf } from '#engine/metainfo/encode.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import { DIRTY, type TorrentSpec } from '#engine/torrent/types.ts'
import type { DirtyBoard } from './dirty.ts'
import type { Recorder } from './recorder.ts'
import type { Registry } from './registry.ts'
import type { SessionMeter } from './session-meter.ts'
import { parsedFile, refusalOf, type Parsed } from './source.ts'
import { mergedTiers, specOf, storedOf, trackersOf } from './spec.ts'
import type { StoredTorrent } from './state/records.ts'
import type { StateStore } from './state/state-store.ts'
import type { TorrentFiles } from './state/torrent-files.ts'
import type { TorrentLike } from './torrent-like.ts'

const STOP_MS = 2000

export interface RosterParts {
  readonly io: Io
  readonly torrents: Registry
  readonly store: StateStore
  readonly files: TorrentFiles
  readonly recorder: Recorder
  readonly meter: SessionMeter
  readonly dirty: DirtyBoard
  readonly settings: () => Settings
  readonly make: (spec: TorrentSpec) => TorrentLike
  readonly tell: (text: string) => void
}

export class Roster {
  readonly #parts: RosterParts
  readonly #adding = new Map<TorrentId, Promise<void>>()
  readonly #leaving = new Set<TorrentId>()
  /** .torrent files of magnets on their way to the disk. */
  readonly #saving = new Map<TorrentId, Promise<void>>()

  constructor(parts: RosterParts) {
    this.#parts = parts
  }

  isLeaving(id: TorrentId): boolean {
    return this.#leaving.has(id)
  }

  /** On disk when settled. @throws EngineError UNSUPPORTED, INVALID_INPUT, DISK_* */
  async add(parsed: Parsed, input: AddTorrent): Promise<{ id: TorrentId; duplicate: boolean }> {
    const { id } = parsed
    const refusal = refusalOf(parsed)
    if (refusal) throw new EngineError('UNSUPPORTED', 'input', refusal)
    while (this.#adding.has(id)) await this.#adding.get(id)
    const twin = this.#parts.torrents.get(id)
    if (twin) {
      if (this.isLeaving(id)) {
        throw new EngineError('DUPLICATE', 'input', 'This torrent is being removed. Add it again in a moment.')
      }
      const isPrivate = twin.metainfo?.private || (parsed.kind === 'file' && parsed.metainfo.private)
      if (!isPrivate) await this.setTiers(twin, mergedTiers(twin.trackers, trackersOf(parsed)), false)
      return { id, duplicate: true }
    }
    const fresh = storedOf(parsed, input, this.#parts.settings(), this.#parts.io.clock.wall())
    // One whose .torrent file was lost goes on where it was.
    const lost = this.#parts.store.torrents.get(id)
    const stored = lost ? { ...lost, magnet: fresh.magnet, intent: fresh.intent } : fresh
    const adding = this.#save(parsed, stored)
    this.#adding.set(
      id,
      adding.catch(() => {}),
    )
    try {
      await adding
      this.#enlist(stored, parsed.kind === 'file' ? parsed.metainfo : null)
    } finally {
      this.#adding.delete(id)
    }
    return { id, duplicate: false }
  }

  /** The file first: a journal that names a torrent must find it. */
  async #save(parsed: Parsed, stored: StoredTorrent): Promise<void> {
    if (parsed.kind === 'file') await this.#parts.files.write(parsed.id, parsed.bytes)
    await this.#parts.store.append([{ kind: 'torrent', torrent: stored }])
  }

  async setTiers(torrent: TorrentLike, tiers: readonly (readonly string[])[], byUser: boolean): Promise<void> {
    if (tiers === torrent.trackers) return
    const changes = { trackers: tiers, ...(byUser && { trackersByUser: true }) }
    await this.#parts.store.append([{ kind: 'change', id: torrent.id, changes }])
    torrent.setTrackers(tiers, byUser)
  }

  /** The .torrent file. @throws EngineError DISK_* */
  async torrentFile(id: TorrentId): Promise<Uint8Array> {
    await this.#saving.get(id)
    return this.#parts.files.read(id)
  }

  /** @returns sentences about data that stayed although it was to be deleted */
  async remove(torrents: readonly TorrentLike[], data: 'keep' | 'delete'): Promise<readonly string[]> {
    for (const { id } of torrents) this.#leaving.add(id)
    try {
      const problems = await Promise.all(torrents.map(torrent => this.#removeOne(torrent, data)))
      return problems.flat()
    } finally {
      for (const { id } of torrents) this.#leaving.delete(id)
    }
  }

  async #removeOne(torrent: TorrentLike, data: 'keep' | 'delete'): Promise<readonly string[]> {
    const { store, meter, torrents, recorder, dirty, files } = this.#parts
    const { id } = torrent
    torrent.setMayRun(false)
    await torrent.stop(STOP_MS)
    // First it is gone from the list, then its data: a crash in between leaves files, never a list that lies.
    await store.append([{ kind: 'removed', id }])
    meter.leave(torrent)
    torrents.remove(id)
    recorder.forget(id)
    this.#saving.delete(id)
    dirty.remove(id)
    const problems = data === 'delete' ? await torrent.deleteData() : []
    await files.remove(id)
    return problems
  }

  /** One bad file never hides the others; what is remembered of it stays until the user decides. */
  async restore(stored: StoredTorrent): Promise<void> {
    const { io, files, tell } = this.#parts
    try {
      const parsed = stored.magnet === null ? parsedFile(await files.read(stored.id), io) : undefined
      if (parsed && parsed.id !== stored.id) {
        throw new EngineError('STATE_CORRUPT', 'state', 'its saved .torrent file belongs to another torrent')
      }
      this.#enlist(stored, parsed?.kind === 'file' ? parsed.metainfo : null)
    } catch (thrown) {
      const why = toEngineError(thrown).message
      tell(`A torrent (${stored.id}) could not be loaded: ${why}. Add it again to continue it.`)
    }
  }

  #enlist(stored: StoredTorrent, metainfo: Metainfo | null): void {
    const { make, torrents, meter, dirty } = this.#parts
    const spec = specOf(stored, metainfo)
    const torrent = make(spec)
    const identity = spec.metainfo ?? spec.magnet
    torrents.add(torrent, identity ? [identity.infoHashV1, identity.infoHashV2] : [])
    meter.enter(torrent)
    dirty.mark(torrent.id, DIRTY.ROW | DIRTY.STATS)
  }

  /** A magnet became whole: its .torrent is on disk before anything is claimed for it. */
  onMetadata(id: TorrentId, metainfo: Metainfo): void {
    const { torrents, files, store, recorder, tell } = this.#parts
    const torrent = torrents.get(id)
    if (torrent) torrents.know(torrent, [metainfo.infoHashV1, metainfo.infoHashV2])
    const saving = (async () => {
      await files.write(id, torrentFileOf(metainfo))
      await store.append([{ kind: 'change', id, changes: { magnet: null } }])
    })()
    recorder.hold(id, saving)
    this.#saving.set(id, saving)
    saving.then(
      () => this.#saving.delete(id),
      (thrown: unknown) => tell(`${metainfo.name} could not be saved: ${toEngineError(thrown).message}`),
    )
  }
}
