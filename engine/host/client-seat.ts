import type { Frame, Watch } from '#engine/api/frame.ts'
import type { TorrentId } from '#engine/api/ids.ts'
import { API_VERSION, type Downward, type Upward } from '#engine/api/messages.ts'
import type { Notice } from '#engine/api/model.ts'
import type { Transport } from '#engine/api/transport.ts'
import { DetailOutbox } from './detail-outbox.ts'
import type { Dispatcher } from './dispatcher.ts'
import { parseUpward } from './validate.ts'

const SILENT: Watch = { listHz: 0, detail: null }
const NOTICES_KEPT = 100

/** One attached face: what it wants, what it has not been told yet, and whether it has read the last frame. */
export class ClientSeat {
  watch: Watch = SILENT
  /** Everything is new to it: it just came, or was hidden. */
  needsAll = true
  /** `DIRTY` bits by torrent, since its last frame. */
  readonly changed = new Map<TorrentId, number>()
  removed: TorrentId[] = []
  notices: Notice[] = []
  settingsChanged = false
  detail: DetailOutbox | null = null
  /** `clock.now()` of its last frame. */
  sentAt = -Infinity
  readonly #transport: Transport<Downward, Upward>
  readonly #onWatch: () => void
  #seq = 0
  #acked = 0
  #isClosed = false

  constructor(
    transport: Transport<Downward, Upward>,
    hello: { readonly epoch: string; readonly appVersion: string },
    dispatcher: Dispatcher,
    onWatch: () => void,
  ) {
    this.#transport = transport
    this.#onWatch = onWatch
    transport.onClose(() => {
      this.#isClosed = true
      onWatch()
    })
    transport.onMessage(raw => {
      const message = parseUpward(raw)
      if (!message) {
        // Whoever sends what is no message cannot be talked to.
        transport.close()
        return
      }
      if (message.type === 'hello') transport.send({ type: 'hello', version: API_VERSION, ...hello })
      else if (message.type === 'watch') this.#adopt(message.watch)
      else if (message.type === 'ack') this.#acked = Math.max(this.#acked, Math.min(message.seq, this.#seq))
      else void dispatcher.call(message, answer => this.#send(answer))
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }
  /** One frame in flight: a slow face gets fewer and fresher frames, never a backlog. */
  get isReady(): boolean {
    return !this.#isClosed && this.#acked === this.#seq && this.watch.listHz > 0
  }
  /** Something that should not wait for the next beat. */
  get isUrgent(): boolean {
    return this.needsAll || this.removed.length > 0 || this.notices.length > 0 || this.settingsChanged
  }

  #adopt(watch: Watch): void {
    if (this.watch.listHz === 0 && watch.listHz > 0) this.needsAll = true
    const { detail } = watch
    const isSame = detail !== null && this.detail?.isSame(detail)
    if (!isSame) this.detail = detail ? new DetailOutbox(detail) : null
    this.watch = watch
    this.sentAt = -Infinity
    this.#onWatch()
  }

  note(id: TorrentId, bits: number): void {
    if (this.watch.listHz > 0) this.changed.set(id, (this.changed.get(id) ?? 0) | bits)
    this.detail?.note(id, bits)
  }

  noteRemoved(id: TorrentId): void {
    if (this.watch.listHz > 0) this.removed.push(id)
    this.changed.delete(id)
    // Should it come back, nothing that was told of it is worth anything.
    if (this.watch.detail?.id === id) this.detail = new DetailOutbox(this.watch.detail)
  }

  noteNotices(notices: readonly Notice[]): void {
    this.notices.push(...notices.slice(0, Math.max(0, NOTICES_KEPT - this.notices.length)))
  }

  /** Sends what was gathered and forgets it. */
  deliver(frame: Omit<Frame, 'seq'>, now: number): void {
    this.needsAll = false
    this.changed.clear()
    this.removed = []
    this.notices = []
    this.settingsChanged = false
    this.sentAt = now
    const seq = ++this.#seq
    try {
      this.#send({ type: 'frame', frame: { seq, ...frame } })
    } catch {
      // Longer than a message may be: half a million files with long names are. The list is worth more than they are.
      this.#send({ type: 'frame', frame: { seq, ...frame, detail: null } })
    }
  }

  #send(message: Downward): void {
    if (!this.#isClosed) this.#transport.send(message)
  }
}
