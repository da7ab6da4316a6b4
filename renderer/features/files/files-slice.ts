import { createAction, type UnknownAction } from '@reduxjs/toolkit'
import type { DetailFrame } from '#engine/api/frame.ts'
import type { FileIndex, TorrentId } from '#engine/api/ids.ts'
import type { FileEntry, FilePriority } from '#engine/api/model.ts'
import { frameReceived } from '#renderer/engine/frame-received.ts'
import type { State } from '#renderer/engine/state.ts'

/** Files of the torrent whose details are open. `done` and `priorities` go by position in `list`, not by file index. */
export interface TorrentFiles {
  readonly id: TorrentId
  readonly list: readonly FileEntry[]
  /** Verified bytes. */
  readonly done: readonly number[]
  readonly priorities: readonly FilePriority[]
  /** File index to position; padding files have none. */
  readonly positions: ReadonlyMap<FileIndex, number>
  /** Chosen here and not confirmed by a frame yet, by file index. */
  readonly pending: ReadonlyMap<FileIndex, FilePriority>
}

/** Null until told. */
export type FilesState = TorrentFiles | null

declare module '#renderer/engine/state.ts' {
  interface State {
    readonly files: FilesState
  }
}

interface PriorityChoice {
  readonly id: TorrentId
  readonly files: readonly FileIndex[]
  readonly priority: FilePriority
}

export const priorityChosen = createAction<PriorityChoice>('files/priorityChosen')
/** The engine refused: what was chosen is not on its way any more. */
export const priorityRefused = createAction<PriorityChoice>('files/priorityRefused')

// Whole arrays replaced, no drafts: there may be a hundred thousand files, and figures for them every second.
export function filesReducer(state: FilesState = null, action: UnknownAction): FilesState {
  if (frameReceived.match(action)) {
    const { detail, full } = action.payload
    return applyFrame(full && !detail?.fileList ? null : state, detail)
  }
  if (!state) return state
  if (priorityChosen.match(action) && action.payload.id === state.id) {
    const pending = new Map(state.pending)
    for (const file of action.payload.files) pending.set(file, action.payload.priority)
    return { ...state, pending }
  }
  if (priorityRefused.match(action) && action.payload.id === state.id) {
    const pending = new Map(state.pending)
    for (const file of action.payload.files) pending.delete(file)
    return { ...state, pending }
  }
  return state
}

function applyFrame(state: FilesState, detail: DetailFrame | null): FilesState {
  if (!detail) return state
  const known = state?.id === detail.id ? state : null
  const start = detail.fileList ? filesOf(detail.id, detail.fileList, known) : known
  if (!start || detail.fileStats.length === 0) return detail.fileList ? start : state
  const done = [...start.done]
  const priorities = [...start.priorities]
  let pending = start.pending
  for (const [index, bytes, priority] of detail.fileStats) {
    const position = start.positions.get(index)
    if (position === undefined) continue
    done[position] = bytes
    priorities[position] = priority
    if (pending.get(index) !== priority) continue
    if (pending === start.pending) pending = new Map(pending)
    ;(pending as Map<FileIndex, FilePriority>).delete(index)
  }
  return { ...start, done, priorities, pending }
}

function filesOf(id: TorrentId, list: readonly FileEntry[], before: FilesState): TorrentFiles {
  const same = before?.list.length === list.length ? before : null
  return {
    id,
    list,
    done: same?.done ?? list.map(() => 0),
    priorities: same?.priorities ?? list.map(() => 2),
    positions: new Map(list.map((file, position) => [file.index, position])),
    pending: same?.pending ?? new Map(),
  }
}

export const selectFiles = (state: State, id: TorrentId) => (state.files?.id === id ? state.files : undefined)
