/** Many torrents, one computer: the registry, who may run, one tick for all, and what is remembered. */
import type { AddTorrent, TorrentPreview, TorrentSource } from '#engine/api/commands.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import type { FinderRow, SessionStats } from '#engine/api/model.ts'
import type { Settings } from '#engine/api/settings.ts'
import { EngineError } from '#engine/base/errors.ts'
import { Scope } from '#engine/base/scope.ts'
import type { Io } from '#engine/io/io.ts'
import { Torrent } from '#engine/torrent/torrent.ts'
import { DIRTY } from '#engine/torrent/types.ts'
import { DirtyBoard } from './dirty.ts'
import { Discovery } from './discovery.ts'
import { makePeerId } from './identity.ts'
import { Listener } from './listen.ts'
import { previewOf } from './preview.ts'
import { Reach } from './reach.ts'
import { Recorder } from './recorder.ts'
import { Registry } from './registry.ts'
import { Roster } from './roster.ts'
import { Scheduler } from './scheduler.ts'
import type { SessionOptions } from './session-options.ts'
import { defaultSettings, EFFECTS, SettingsStore } from './settings.ts'
import { shutDown } from './shutdown.ts'
import { readSource } from './source.ts'
import { StateStore } from './state/state-store.ts'
import { TorrentFiles } from './state/torrent-files.ts'
import { SessionMeter } from './session-meter.ts'
import { TorrentCommands } from './torrent-commands.ts'
import { SharedHost } from './torrent-host.ts'
import type { TorrentLike } from './torrent-like.ts'

/**
 * Opens the state and everything in it; torrents that may run start at once.
 * @throws EngineError STATE_LOCKED, PORT_IN_USE (a fixed port only), DISK_*
 */
export async function createSession(options: SessionOptions): Promise<Session> {
  const { io, dataDir, overrides = {} } = options
  const { files } = io
  const opening = new Scope()
  try {
    await files.makeFolder(dataDir)
    opening.use(await files.lock(`${dataDir}/lock`))
    const defaults = defaultSettings(options.downloadFolder)
    const { settings, problem } = await SettingsStore.load(
      files,
      `${dataDir}/settings.json`,
      defaults,
      overrides.settings,
    )
    const { store, problems } = await StateStore.open(files, `${dataDir}/state`)
    const session = new Session(options, settings, store, opening.move())
    await session.start([...(problem ? [problem] : []), ...problems])
    return session
  } finally {
    opening[Symbol.dispose]()
  }
}

export class Session {
  /** What changed, for whoever publishes it. */
  readonly dirty = new DirtyBoard()
  readonly torrents: Registry
  readonly commands: TorrentCommands

  readonly #io: Io
  readonly #options: SessionOptions
  readonly #settings: SettingsStore
  readonly #store: StateStore
  readonly #recorder: Recorder
  readonly #listener: Listener
  readonly #shared: SharedHost
  readonly #meter: SessionMeter
  readonly #discovery: Discovery
  readonly #reach: Reach
  readonly #scope: Scope
  readonly #roster: Roster
  readonly #scheduler: Scheduler
  readonly #abort = new AbortController()
  #ending: Promise<void> | undefined

  /** Use `createSession`. */
  constructor(options: SessionOptions, settings: SettingsStore, store: StateStore, scope: Scope) {
    const { io, userAgent, overrides = {} } = options
    this.#io = io
    this.#options = options
    this.#settings = settings
    this.#store = store
    this.#scope = scope
    const peerId = makePeerId(io.random)
    const { clock } = io
    this.torrents = new Registry(io.hashes)
    this.#listener = new Listener({
      ...io,
      peerId,
      hasNode: () => this.#discovery.nodePort > 0,
      security: () => settings.current.encryption,
      infoHashOf: (req2xor, secret) => this.torrents.findHidden(req2xor, secret),
      wants: infoHash => this.torrents.byInfoHash(infoHash)?.isActive ?? false,
      adopt: (infoHash, peer) => this.torrents.byInfoHash(infoHash)?.adoptIncoming(peer) ?? false,
    })
    const useTrackers = overrides.useTrackers ?? true
    this.#shared = new SharedHost(
      {
        io,
        userAgent,
        peerId,
        useTrackers,
        listener: this.#listener,
        settings: () => settings.current,
        publicPort: () => this.#reach.publicPort,
        nodePort: () => this.#discovery.nodePort,
      },
      {
        onDirty: (id, bits) => this.#onDirty(id, bits),
        onClaim: (id, pieces) => this.#recorder.claim(id, pieces, this.#now),
        onMetadata: (id, metainfo) => {
          this.#roster.onMetadata(id, metainfo)
          this.#discovery.look()
        },
        onNotice: notice => this.dirty.notice(notice),
        onNode: node => this.#discovery.onNode(node),
        onExternalAddress: (address, from) => this.#discovery.onExternalAddress(address, from),
      },
    )
    this.#discovery = new Discovery({
      io,
      torrents: this.torrents,
      settings: () => settings.current,
      listenPort: () => this.#listener.port,
      listenHost: overrides.listenHost,
      stateFile: `${options.dataDir}/dht-nodes`,
      dhtNodes: overrides.dhtNodes ?? [],
    })
    this.#reach = new Reach({
      io,
      settings: () => settings.current,
      listenPort: () => this.#listener.port,
      nodePort: () => this.#discovery.nodePort,
      isBound: overrides.listenHost !== undefined,
    })
    this.#meter = new SessionMeter(io, this.torrents, this.#listener, this.#shared.peers, () => settings.current)
    this.#recorder = new Recorder(store, {
      resumeOf: id => this.torrents.get(id)?.toResume(),
      pieceCountOf: id => this.torrents.get(id)?.metainfo?.pieceCount ?? 0,
      onFailure: error => this.#tell(`Progress could not be saved: ${error.message}`),
    })
    const { torrents, dirty } = this
    const [recorder, meter] = [this.#recorder, this.#meter]
    const make = options.makeTorrent ?? ((spec, host) => new Torrent(spec, host))
    const parts = {
      io,
      clock,
      torrents,
      store,
      recorder,
      meter,
      dirty,
      files: new TorrentFiles(io.files, `${options.dataDir}/torrents`),
      settings: () => settings.current,
      discovery: this.#discovery,
      reach: this.#reach,
      tell: (text: string) => this.#tell(text),
    }
    const roster = new Roster({ ...parts, make: spec => make(spec, this.#shared.host) })
    this.#roster = roster
    this.#scheduler = new Scheduler({ ...parts, isLeaving: id => roster.isLeaving(id) })
    this.commands = new TorrentCommands({
      torrents,
      store,
      roster,
      these: ids => this.#these(ids),
      reconsider: () => this.#scheduler.soon(),
    })
  }

  get settings(): Settings {
    return this.#settings.current
  }
  get io(): Io {
    return this.#io
  }
  get #now(): number {
    return this.#io.clock.now()
  }

  async start(problems: readonly string[]): Promise<void> {
    for (const text of problems) this.dirty.notice({ kind: 'settings-reset', id: null, text })
    this.#shared.setLimits(this.settings, this.#now)
    try {
      await this.#listen()
      await this.#reconfigure()
      for (const stored of this.#store.torrents.values()) await this.#roster.restore(stored)
    } catch (thrown) {
      await this.shutdown({ deadlineMs: 0 })
      throw thrown
    }
    await this.#meter.measureSpace()
    this.#scheduler.start()
  }

  // ---- the list

  /** Parses, and for an address fetches; creates nothing. @throws EngineError what is wrong with the source */
  async inspect(source: TorrentSource): Promise<TorrentPreview> {
    const parsed = await this.#read(source)
    return previewOf(parsed, this.torrents.get(parsed.id) !== undefined)
  }

  /** On disk when settled. @throws EngineError what is wrong with the source, UNSUPPORTED, INVALID_INPUT, DISK_* */
  async add(input: AddTorrent): Promise<{ id: TorrentId; duplicate: boolean }> {
    const parsed = await this.#read(input.source)
    this.#refuseWhenClosing()
    const answer = await this.#roster.add(parsed, input)
    this.#scheduler.soon()
    return answer
  }

  /** @returns sentences about data that stayed although it was to be deleted */
  async remove(ids: readonly TorrentId[], data: 'keep' | 'delete'): Promise<readonly string[]> {
    const problems = await this.#roster.remove(this.#these(ids), data)
    this.#scheduler.soon()
    return problems
  }

  // ---- the session itself

  async updateSettings(changes: Partial<Settings>): Promise<Settings> {
    this.#refuseWhenClosing()
    const changed = await this.#settings.update(changes)
    if (changed.length === 0) return this.settings
    this.dirty.markSettings()
    const effects = new Set(changed.map(key => EFFECTS[key]))
    if (effects.has('limits')) this.#shared.setLimits(this.settings, this.#now)
    if (effects.has('listen')) await this.#listen()
    if (effects.has('listen') || effects.has('discovery')) await this.#reconfigure()
    if (changed.includes('downloadFolder')) await this.#meter.measureSpace()
    this.#scheduler.soon()
    return this.settings
  }

  stats(): SessionStats {
    return { ...this.#meter.stats(this.#now), dhtNodes: this.#discovery.dhtNodes, portMapping: this.#reach.status }
  }

  /** Ways to find peers of a torrent besides its trackers. */
  finders(torrent: TorrentLike): readonly FinderRow[] {
    return this.#discovery.rowsOf(torrent, this.#now)
  }

  /** Says goodbye to everybody, writes down what was achieved, and lets go of the state. Idempotent. */
  shutdown({ deadlineMs }: { deadlineMs: number }): Promise<void> {
    this.#ending ??= this.#end(deadlineMs)
    return this.#ending
  }

  async #end(deadlineMs: number): Promise<void> {
    this.#abort.abort()
    this.#scheduler.stop()
    await shutDown({
      clock: this.#io.clock,
      log: this.#io.log,
      deadlineMs,
      listener: this.#listener,
      torrents: [...this.torrents],
      recorder: this.#recorder,
      store: this.#store,
      trackers: this.#shared.trackers,
      discovery: this.#discovery,
      reach: this.#reach,
    })
    this.#scope[Symbol.dispose]()
  }

  // ---- inside

  #read(source: TorrentSource) {
    this.#refuseWhenClosing()
    return readSource(this.#io, source, this.settings.allowLocalTrackers, this.#abort.signal)
  }

  /** @throws EngineError NOT_FOUND, SHUTTING_DOWN: before anything is done to any of them */
  #these(ids: readonly TorrentId[]): TorrentLike[] {
    this.#refuseWhenClosing()
    return [...new Set(ids)].map(id => {
      if (this.#roster.isLeaving(id)) throw new EngineError('NOT_FOUND', 'input', 'This torrent is being removed.')
      return this.torrents.require(id)
    })
  }

  #refuseWhenClosing(): void {
    if (this.#ending) throw new EngineError('SHUTTING_DOWN', 'input', 'Freshet is closing. Start it again to do this.')
  }

  /** After the port or a setting of theirs changed. */
  async #reconfigure(): Promise<void> {
    await this.#discovery.reconfigure()
    await this.#reach.reconfigure()
  }

  #listen(): Promise<void> {
    const { listenPort, listenHost } = this.#options.overrides ?? {}
    return this.#listener.open({
      port: listenPort ?? this.settings.listenPort,
      isFixed: listenPort !== undefined,
      host: listenHost,
    })
  }

  #onDirty(id: TorrentId, bits: number): void {
    this.dirty.mark(id, bits)
    if ((bits & DIRTY.RESUME) !== 0) this.#recorder.markResume(id, this.#now)
    if ((bits & DIRTY.STATS) !== 0) this.#recorder.markCounters(id)
    if ((bits & DIRTY.ROW) !== 0) this.#scheduler.queueChanged()
  }

  #tell(text: string): void {
    this.#io.log.write('error', 'session', text)
    this.dirty.notice({ kind: 'error', id: null, text })
  }
}
