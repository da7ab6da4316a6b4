import type { DetailFrame, Frame } from '#engine/api/frame.ts'
import { applyPieces } from './piece-maps.ts'

/** When to hand a frame on: before the next paint, or at once while nothing is painted. */
export type Soon = (run: () => void) => void

/** Gathers frames and hands on at most one per paint. Piece maps are applied on arrival and go no further. */
export class FramePump {
  readonly #soon: Soon
  readonly #dispatch: (frame: Frame) => void
  #waiting: Frame | undefined

  constructor(soon: Soon, dispatch: (frame: Frame) => void) {
    this.#soon = soon
    this.#dispatch = dispatch
  }

  receive(frame: Frame): void {
    const { detail } = frame
    if (detail?.pieces) applyPieces(detail.id, detail.pieces)
    const light: Frame = detail?.pieces ? { ...frame, detail: { ...detail, pieces: null } } : frame
    const isFirst = this.#waiting === undefined
    this.#waiting = this.#waiting === undefined ? light : mergeFrames(this.#waiting, light)
    if (isFirst) this.#soon(() => this.#flush())
  }

  #flush(): void {
    const frame = this.#waiting
    this.#waiting = undefined
    if (frame) this.#dispatch(frame)
  }
}

/** One frame that says what both say, in that order. In a frame removals come before rows. */
export function mergeFrames(first: Frame, second: Frame): Frame {
  const notices = [...first.notices, ...second.notices]
  if (second.full) {
    return {
      ...second,
      session: second.session ?? first.session,
      settings: second.settings ?? first.settings,
      detail: mergeDetails(first.detail, second.detail),
      notices,
    }
  }
  const gone = new Set(second.removed)
  return {
    seq: second.seq,
    full: first.full,
    rows: [...first.rows.filter(row => !gone.has(row.id)), ...second.rows],
    stats: [...first.stats.filter(row => !gone.has(row[0])), ...second.stats],
    removed: [...first.removed, ...second.removed],
    session: second.session ?? first.session,
    settings: second.settings ?? first.settings,
    detail: mergeDetails(first.detail, second.detail),
    notices,
  }
}

function mergeDetails(first: DetailFrame | null, second: DetailFrame | null): DetailFrame | null {
  if (!first || !second || first.id !== second.id) return second ?? first
  return {
    id: second.id,
    overview: second.overview ?? first.overview,
    fileList: second.fileList ?? first.fileList,
    // A new list makes the numbers of the old one meaningless.
    fileStats: second.fileList ? second.fileStats : [...first.fileStats, ...second.fileStats],
    peers: second.peers ?? first.peers,
    trackers: second.trackers ?? first.trackers,
    finders: second.finders ?? first.finders,
    pieces: null,
  }
}
