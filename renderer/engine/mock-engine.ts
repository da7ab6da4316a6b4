/** An engine that invents everything, for looking at the interface without one. Reached only from development builds. */
import { memoryTransportPair } from '#engine/api/memory-transport.ts'
import type { AddTorrent, Handlers, TorrentPreview } from '#engine/api/commands.ts'
import type { DetailFrame, Frame, Watch } from '#engine/api/frame.ts'
import { ApiError, type ApiFailure } from '#engine/api/failures.ts'
import type { FileIndex, TorrentId } from '#engine/api/ids.ts'
import { API_VERSION, type Downward, type Upward } from '#engine/api/messages.ts'
import type { FilePriority, Notice, SessionStats, StatsRow, TorrentRow } from '#engine/api/model.ts'
import { SETTING_RULES, type Settings } from '#engine/api/settings.ts'
import type { Transport } from '#engine/api/transport.ts'
import { mockDetail, mockPieceInfo, pieceLengthOf } from './mock-details.ts'
import { MOCK_LINES } from './mock-names.ts'
import { mockPreview } from './mock-preview.ts'

const GIB = 2 ** 30
const FREE = 412 * GIB

/** A transport with `count` invented torrents at its other end. */
export function mockEngine(count: number): Transport<Upward, Downward> {
  const [face, engine] = memoryTransportPair<Upward, Downward>()
  new MockEngine(engine, count).start()
  return face
}

class MockEngine {
  readonly #pipe: Transport<Downward, Upward>
  readonly #rows = new Map<TorrentId, TorrentRow>()
  readonly #stats = new Map<TorrentId, StatsRow>()
  readonly #changed = new Set<TorrentId>()
  readonly #removed = new Set<TorrentId>()
  #watch: Watch = { listHz: 0, detail: null }
  #settings: Settings = {
    ...(Object.fromEntries(
      Object.entries(SETTING_RULES).map(([key, rule]) => [key, 'default' in rule ? rule.default : '']),
    ) as unknown as Settings),
    downloadFolder: '/data/Downloads',
    limitUp: 12 * 2 ** 20,
  }
  readonly #priorities = new Map<TorrentId, Map<FileIndex, FilePriority>>()
  #seq = 0
  #acked = 0
  #wantsFull = true
  #wantsFileList = true
  #notices: Notice[] = []

  constructor(pipe: Transport<Downward, Upward>, count: number) {
    this.#pipe = pipe
    for (let place = 0; place < count; place++) this.#invent(place)
  }

  start(): void {
    this.#pipe.onMessage(message => this.#receive(message))
    const timer = setInterval(() => this.#tick(), 1000)
    this.#pipe.onClose(() => clearInterval(timer))
  }

  #invent(place: number): void {
    const line = MOCK_LINES[place % MOCK_LINES.length]
    if (!line) return
    const [plainName, gib, percent, status, down, up, eta, ratio, seeds, peers, tracker, why] = line
    const round = Math.floor(place / MOCK_LINES.length)
    const id = (place + 1).toString(16).padStart(4, '0').repeat(10)
    const size = Math.round(gib * GIB)
    const reason = why && 'kind' in why ? why : null
    const row: TorrentRow = {
      ...blankRow(id, round === 0 ? plainName : `${plainName} (${round + 1})`, size),
      hasMetadata: size > 0,
      status,
      reason,
      error: why && 'code' in why ? why : null,
      queuePosition: percent < 100 ? place + 1 : 0,
      addedAt: Date.UTC(2026, 10, 22, 7, 38) - place * 3_600_000,
      completedAt: percent < 100 ? null : Date.UTC(2026, 10, 20),
      trackerHost: tracker,
    }
    this.#rows.set(id, row)
    const done = percent / 100
    const downloaded = Math.round(size * done)
    const left = size - downloaded
    const uploaded = Math.round(downloaded * Math.max(0, ratio))
    const pending = status === 'downloading' ? 0.02 : 0
    const numbers = [done, pending, down * 1024, up * 1024, peers, 480, seeds, 28, eta, left] as const
    this.#stats.set(id, [id, ...numbers, downloaded, uploaded, ratio])
  }

  #receive(message: Upward): void {
    switch (message.type) {
      case 'hello':
        return this.#pipe.send({ type: 'hello', version: API_VERSION, epoch: 'mock', appVersion: '0.1.0' })
      case 'ack':
        this.#acked = message.seq
        return
      case 'watch':
        this.#wantsFull ||= this.#watch.listHz === 0 && message.watch.listHz > 0
        this.#wantsFileList = true
        this.#watch = message.watch
        return this.#send()
      case 'call':
        return this.#answer(message)
    }
  }

  #answer({ call, command, input }: Extract<Upward, { type: 'call' }>): void {
    const handler = this.#handlers[command] as (input: unknown) => unknown
    try {
      this.#pipe.send({ type: 'result', call, output: handler(input) })
    } catch (error) {
      this.#pipe.send({ type: 'failure', call, failure: failureOf(error) })
    }
    this.#send()
  }

  readonly #handlers: Handlers = {
    'torrents.inspect': ({ source }) => this.#preview(source),
    'torrents.add': input => this.#add(input),
    'torrents.resume': ({ ids }) =>
      this.#turn(ids, row => (this.#stats.get(row.id)?.[1] === 1 ? 'seeding' : 'downloading')),
    'torrents.pause': ({ ids }) => this.#turn(ids, () => 'paused'),
    'torrents.remove': ({ ids }) => {
      for (const id of ids) {
        this.#rows.delete(id)
        this.#stats.delete(id)
        this.#removed.add(id)
      }
      return { problems: [] }
    },
    'torrents.recheck': ({ ids }) => this.#turn(ids, () => 'checking'),
    'torrents.cancelCheck': ({ ids }) => this.#turn(ids, () => 'paused'),
    'torrents.announce': () => {},
    'torrents.moveInQueue': ({ ids, to }) => this.#moveInQueue(new Set(ids), to),
    'torrents.setLimits': ({ ids, down, up }) =>
      this.#change(ids, row => ({ ...row, limitDown: down ?? row.limitDown, limitUp: up ?? row.limitUp })),
    'torrents.setSequential': ({ ids, sequential }) => this.#change(ids, row => ({ ...row, sequential })),
    'torrent.setFilePriorities': ({ id, files, priority }) => {
      const chosen = this.#priorities.get(id) ?? new Map()
      for (const file of files) chosen.set(file, priority)
      this.#priorities.set(id, chosen)
    },
    'torrent.setTrackers': () => {},
    'torrent.getTrackers': () => ({
      tiers: [
        ['https://tracker.archive.example/announce?passkey=0123456789abcdef'],
        ['udp://tracker.linux.example:1337/announce'],
      ],
    }),
    'torrent.addPeers': ({ peers }) => ({ added: peers.length }),
    'torrent.pieceInfo': ({ id, piece }) => mockPieceInfo(this.#rows.get(id)?.name ?? id, piece),
    'torrent.export': ({ id }) => ({ name: `${this.#rows.get(id)?.name ?? id}.torrent`, bytes: new Uint8Array(64) }),
    'settings.update': ({ changes }) => (this.#settings = { ...this.#settings, ...changes }),
    'folders.info': ({ path }) => ({ path, exists: true, writable: true, free: FREE, total: 931 * GIB }),
    'folders.list': ({ path }) => ({
      path,
      parent: path === '/' ? null : '/',
      folders: path.endsWith('Linux') ? [] : ['Data', 'Films', 'Linux'],
    }),
  }

  #preview(source: AddTorrent['source']): TorrentPreview {
    const preview = mockPreview(source, this.#rows.keys().next().value ?? '')
    return this.#rows.has(preview.id) ? { ...preview, duplicate: true } : preview
  }

  #add({ source }: AddTorrent): { id: TorrentId; duplicate: boolean } {
    const { id, name, totalSize, hasMetadata } = this.#preview(source)
    const duplicate = this.#rows.has(id)
    const status = hasMetadata ? 'downloading' : 'metadata'
    this.#rows.set(id, { ...blankRow(id, name, totalSize), hasMetadata, status, queuePosition: this.#rows.size + 1 })
    this.#stats.set(id, [id, 0, 0, 0, 0, 0, -1, 0, -1, -1, totalSize, 0, 0, -1])
    this.#changed.add(id)
    return { id, duplicate }
  }

  #turn(ids: readonly TorrentId[], to: (row: TorrentRow) => TorrentRow['status']): void {
    this.#change(ids, row => ({ ...row, status: to(row), reason: null, error: null }))
    for (const id of ids) {
      const old = this.#stats.get(id)
      if (old) this.#stats.set(id, old.with(3, 0).with(4, 0).with(9, -1) as unknown as StatsRow)
    }
  }

  #change(ids: Iterable<TorrentId>, change: (row: TorrentRow) => TorrentRow): void {
    for (const id of ids) {
      const row = this.#rows.get(id)
      if (!row) continue
      this.#rows.set(id, change(row))
      this.#changed.add(id)
    }
  }

  #moveInQueue(ids: ReadonlySet<TorrentId>, to: 'top' | 'up' | 'down' | 'bottom'): void {
    const queue = [...this.#rows.values()].filter(row => row.queuePosition > 0)
    queue.sort((a, b) => a.queuePosition - b.queuePosition)
    const shift = { top: -Infinity, up: -1.5, down: 1.5, bottom: Infinity }[to]
    const key = new Map(queue.map((row, place) => [row.id, ids.has(row.id) ? place + shift : place]))
    queue.sort((a, b) => (key.get(a.id) ?? 0) - (key.get(b.id) ?? 0) || 0)
    for (const [place, { id }] of queue.entries()) this.#change([id], row => ({ ...row, queuePosition: place + 1 }))
  }

  #tick(): void {
    for (const [id, row] of this.#stats) {
      const jitter = (rate: number) => (rate === 0 ? 0 : Math.round(rate * (0.97 + Math.random() * 0.06)))
      if (row[3] === 0 && row[4] === 0) continue
      const left = Math.max(0, row[10] - row[3])
      const size = this.#rows.get(id)?.totalSize ?? 0
      const next = [...row] as unknown as { -readonly [K in keyof StatsRow]: StatsRow[K] }
      next[1] = size > 0 ? 1 - left / size : 0
      next[3] = jitter(row[3])
      next[4] = jitter(row[4])
      next[10] = left
      next[11] += row[3]
      next[12] += row[4]
      this.#stats.set(id, next)
    }
    this.#send()
  }

  #session(): SessionStats {
    const sum = (column: 3 | 4 | 5 | 7) => [...this.#stats.values()].reduce((total, row) => total + row[column], 0)
    return {
      down: sum(3),
      up: sum(4),
      downloaded: 0,
      uploaded: 0,
      peers: sum(5) + sum(7),
      listenPort: this.#settings.listenPort,
      listenProblem: '',
      incoming: 12,
      freeSpace: FREE,
      dhtNodes: 412,
      portMapping: { kind: 'mapped', text: 'The router lets peers in', externalPort: 51413 },
      downloadFolder: this.#settings.downloadFolder,
    }
  }

  #send(): void {
    if (this.#watch.listHz === 0 || this.#acked < this.#seq) return
    const full = this.#wantsFull
    this.#wantsFull = false
    const rows = full ? [...this.#rows.values()] : [...this.#changed].flatMap(id => this.#rows.get(id) ?? [])
    const frame: Frame = {
      seq: ++this.#seq,
      full,
      rows,
      stats: [...this.#stats.values()],
      removed: [...this.#removed],
      session: this.#session(),
      settings: this.#settings,
      detail: this.#detail(),
      notices: this.#notices,
    }
    this.#changed.clear()
    this.#removed.clear()
    this.#notices = []
    this.#pipe.send({ type: 'frame', frame })
  }

  #detail(): DetailFrame | null {
    const { detail } = this.#watch
    const row = detail && this.#rows.get(detail.id)
    const stats = detail && this.#stats.get(detail.id)
    if (!row || !stats) return null
    const frame = mockDetail(row, stats, detail.parts, this.#wantsFileList, this.#priorities.get(row.id))
    this.#wantsFileList = false
    return frame
  }
}

function failureOf(error: unknown): ApiFailure {
  if (!(error instanceof ApiError)) return { code: 'INTERNAL', message: String(error) }
  const { code, message, offset } = error
  return offset === undefined ? { code, message } : { code, message, offset }
}

function blankRow(id: TorrentId, name: string, size: number): TorrentRow {
  return {
    id,
    name,
    kind: 'v1',
    infohashV1: id,
    infohashV2: null,
    private: false,
    hasMetadata: size > 0,
    totalSize: size,
    wantedSize: size,
    pieceLength: pieceLengthOf(size),
    pieceCount: Math.ceil(size / pieceLengthOf(size)),
    fileCount: 6,
    status: 'downloading',
    reason: null,
    error: null,
    queuePosition: 0,
    addedAt: Date.now(),
    completedAt: null,
    savePath: '/data/Downloads',
    trackerHost: 'archive.example',
    limitDown: 0,
    limitUp: 0,
    sequential: false,
    comment: 'Invented',
    createdBy: 'mktorrent 1.1',
    creationDate: 1_790_000_000,
  }
}
