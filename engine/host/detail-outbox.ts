import type { DetailFrame, DetailPart, PiecesFrame } from '#engine/api/frame.ts'
import type { FinderRow } from '#engine/api/model.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import { DIRTY } from '#engine/session/dirty.ts'
import type { TorrentLike } from '#engine/session/torrent-like.ts'

/** ms between two sendings of parts that are whole lists, and of the availability map. */
const LISTS_MS = 500
const SLOW_MS = 1000

/** What one face knows of the torrent that it has open: only what differs is sent. Begins empty, so that all is new. */
export class DetailOutbox {
  readonly id: TorrentId
  readonly #parts: ReadonlySet<DetailPart>
  #bits = ~0
  readonly #sentAt = new Map<DetailPart | 'availability', number>()
  #fileCount = -1
  readonly #files = new Map<number, string>()
  #pieces: Uint8Array | undefined

  constructor(watch: { readonly id: TorrentId; readonly parts: readonly DetailPart[] }) {
    this.id = watch.id
    this.#parts = new Set(watch.parts)
  }

  isSame(watch: { readonly id: TorrentId; readonly parts: readonly DetailPart[] }): boolean {
    return (
      watch.id === this.id &&
      watch.parts.length === this.#parts.size &&
      watch.parts.every(part => this.#parts.has(part))
    )
  }

  note(id: TorrentId, bits: number): void {
    if (id === this.id) this.#bits |= bits
  }

  /** What is new, or null when nothing is. */
  take(
    torrent: TorrentLike,
    now: number,
    findersOf: (torrent: TorrentLike) => readonly FinderRow[],
  ): DetailFrame | null {
    const overview = this.#isDue('overview', now, SLOW_MS) ? torrent.detail() : null
    const files = this.#takeFiles(torrent, now)
    const peers = this.#isDirty(DIRTY.PEERS) && this.#isDue('peers', now, LISTS_MS) ? torrent.peerRows(now) : null
    if (peers) this.#bits &= ~DIRTY.PEERS
    const trackers = this.#isDue('trackers', now, SLOW_MS) ? torrent.trackerRows() : null
    const finders = trackers ? findersOf(torrent) : null
    const pieces = this.#takePieces(torrent, now)
    const isEmpty = !overview && !files.fileList && files.fileStats.length === 0 && !peers && !trackers && !pieces
    return isEmpty ? null : { id: this.id, overview, ...files, peers, trackers, finders, pieces }
  }

  #isDirty(bit: number): boolean {
    return (this.#bits & bit) !== 0
  }

  #isDue(part: DetailPart | 'availability', now: number, everyMs: number): boolean {
    if (part !== 'availability' && !this.#parts.has(part)) return false
    if (now - (this.#sentAt.get(part) ?? -Infinity) < everyMs) return false
    this.#sentAt.set(part, now)
    return true
  }

  #takeFiles(torrent: TorrentLike, now: number): Pick<DetailFrame, 'fileList' | 'fileStats'> {
    if (!this.#isDirty(DIRTY.FILES) || !this.#isDue('files', now, LISTS_MS)) return { fileList: null, fileStats: [] }
    this.#bits &= ~DIRTY.FILES
    const count = torrent.metainfo?.files.count ?? 0
    const isNew = count !== this.#fileCount
    this.#fileCount = count
    if (isNew) this.#files.clear()
    const fileStats = torrent.fileStats().filter(([index, done, priority]) => {
      const text = `${done} ${priority}`
      if (this.#files.get(index) === text) return false
      this.#files.set(index, text)
      return true
    })
    return { fileList: isNew ? torrent.fileList() : null, fileStats }
  }

  #takePieces(torrent: TorrentLike, now: number): PiecesFrame | null {
    if (!this.#parts.has('pieces')) return null
    const availability = this.#isDue('availability', now, SLOW_MS) ? torrent.pieceAvailability() : null
    if (!this.#isDirty(DIRTY.PIECES)) {
      return availability && this.#pieces
        ? { pieceCount: this.#pieces.length, states: null, changes: [], availability }
        : null
    }
    this.#bits &= ~DIRTY.PIECES
    const states = torrent.pieceStates()
    const before = this.#pieces
    this.#pieces = states
    if (before?.length !== states.length) return { pieceCount: states.length, states, changes: [], availability }
    const changes: number[] = []
    for (let piece = 0; piece < states.length; piece++) {
      if (states[piece] !== before[piece]) changes.push(piece, states[piece]!)
    }
    // Beyond a quarter the whole map is shorter than its changes.
    if (changes.length > states.length / 2) return { pieceCount: states.length, states, changes: [], availability }
    return changes.length === 0 && !availability
      ? null
      : { pieceCount: states.length, states: null, changes, availability }
  }
}
