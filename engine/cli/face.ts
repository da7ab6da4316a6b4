import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EngineClient } from '#engine/api/client.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import { memoryTransportPair } from '#engine/api/memory-transport.ts'
import type { Notice, SessionStats, StatsRow, TorrentRow } from '#engine/api/model.ts'
import type { FileEntry, FileStats } from '#engine/api/model.ts'
import type { DetailPart } from '#engine/api/frame.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import type { Settings } from '#engine/api/settings.ts'
import { createEngine, nodeIo, type Engine } from '#engine/host/engine.ts'

export interface FaceOptions {
  /** Kept between runs; a temporary one, deleted at the end, when absent. */
  readonly stateDir: string | undefined
  readonly downloadFolder: string
  /** 0 is any free port. */
  readonly port: number
  readonly useTrackers: boolean
  readonly dhtNodes?: readonly string[]
  readonly settings?: Partial<Settings>
}

/** An engine in this process, and a client on it like any other: what it tells is kept here as it arrives. */
export class Face {
  readonly client: EngineClient
  readonly rows = new Map<TorrentId, TorrentRow>()
  readonly stats = new Map<TorrentId, StatsRow>()
  readonly fileStats = new Map<number, FileStats>()
  fileList: readonly FileEntry[] = []
  session: SessionStats | undefined
  readonly #engine: Engine
  readonly #io: { close(): Promise<void> }
  readonly #temporary: string | undefined
  readonly #waiting = new Set<() => void>()
  readonly #noticeListeners: ((notice: Notice) => void)[] = []
  #ending: Promise<void> | undefined

  private constructor(engine: Engine, io: { close(): Promise<void> }, temporary: string | undefined) {
    this.#engine = engine
    this.#io = io
    this.#temporary = temporary
    const [up, down] = memoryTransportPair<Upward, Downward>()
    engine.attach(down)
    this.client = new EngineClient(up)
    this.client.onFrame(frame => {
      for (const row of frame.rows) this.rows.set(row.id, row)
      for (const row of frame.stats) this.stats.set(row[0], row)
      for (const id of frame.removed) this.rows.delete(id)
      if (frame.session) this.session = frame.session
      if (frame.detail?.fileList) this.fileList = frame.detail.fileList
      for (const file of frame.detail?.fileStats ?? []) this.fileStats.set(file[0], file)
      for (const notice of frame.notices) for (const listener of this.#noticeListeners) listener(notice)
      for (const check of this.#waiting) check()
    })
    this.client.watch({ listHz: 4, detail: null })
  }

  static async open(options: FaceOptions): Promise<Face> {
    const temporary = options.stateDir === undefined ? await mkdtemp(join(tmpdir(), 'freshet-')) : undefined
    const io = nodeIo({ cacheMiB: options.settings?.cacheMiB ?? 64 })
    try {
      const engine = await createEngine({
        io,
        dataDir: options.stateDir ?? temporary!,
        downloadFolder: options.downloadFolder,
        overrides: {
          listenPort: options.port,
          useTrackers: options.useTrackers,
          dhtNodes: options.dhtNodes ?? [],
          // A command that ends leaves the router as it was.
          settings: { maxActiveDownloads: 0, portMapping: false, ...options.settings },
        },
      })
      return new Face(engine, io, temporary)
    } catch (error) {
      await io.close()
      if (temporary) await rm(temporary, { recursive: true, force: true })
      throw error
    }
  }

  onNotice(listener: (notice: Notice) => void): void {
    this.#noticeListeners.push(listener)
  }

  /** Settles when `predicate` holds; looked at after every frame. */
  until(predicate: () => boolean): Promise<void> {
    if (predicate()) return Promise.resolve()
    return new Promise(done => {
      const check = (): void => {
        if (!predicate()) return
        this.#waiting.delete(check)
        done()
      }
      this.#waiting.add(check)
    })
  }

  watchDetail(id: TorrentId, parts: readonly DetailPart[]): void {
    this.client.watch({ listHz: 4, detail: { id, parts } })
  }

  close(): Promise<void> {
    this.#ending ??= (async () => {
      this.client.close()
      await this.#engine.shutdown({ deadlineMs: 5000 })
      await this.#io.close()
      if (this.#temporary) await rm(this.#temporary, { recursive: true, force: true })
    })()
    return this.#ending
  }
}

/** Where a download remembers how far it got when no `--state` is given: one folder per torrent and target. */
export function defaultStateDir(id: TorrentId, target: string): string {
  const base =
    process.platform === 'win32'
      ? (process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Application Support')
        : (process.env['XDG_STATE_HOME'] ?? join(homedir(), '.local', 'state'))
  const key = createHash('sha256')
    .update(`${id}\0${resolve(target)}`)
    .digest('hex')
    .slice(0, 24)
  return join(base, 'freshet', 'cli', key)
}
