import type { FileEntry, FilePriority } from '#engine/api/model.ts'
import { formatPercent } from '#renderer/lib/format.ts'
import { cellOf, type PieceLayout } from './piece-layout.ts'

/** A label at the left of the map, beside the rows of its file. */
export interface Lane {
  /** CSS pixels from the top of the map. */
  readonly top: number
  readonly height: number
  readonly name: string
  /** "88.2 %", "skipped"; '' for several files together. */
  readonly figure: string
  readonly title: string
  readonly firstPiece: number
  readonly lastPiece: number
}

const LINE = 16

/**
 * Lanes that fit below each other: a file that begins less than a line of text after the one before joins its lane.
 * @param done verified bytes, by position
 */
export function lanesOf(
  files: readonly FileEntry[],
  done: readonly number[],
  priorities: readonly FilePriority[],
  layout: PieceLayout,
): readonly Lane[] {
  const lanes: Lane[] = []
  const rowTop = (piece: number) => Math.floor(cellOf(layout, piece) / layout.columns) * layout.pitch
  for (let from = 0; from < files.length;) {
    const top = rowTop(files[from]!.firstPiece)
    let to = from + 1
    while (to < files.length && rowTop(files[to]!.firstPiece) < top + LINE) to++
    const last = files[to - 1]!
    const end = to < files.length ? rowTop(files[to]!.firstPiece) : layout.rows * layout.pitch
    lanes.push({
      top,
      height: Math.max(LINE, end - top) - 1,
      ...(to - from === 1
        ? single(files[from]!, done[from] ?? 0, priorities[from] ?? 2)
        : several(files.slice(from, to))),
      firstPiece: files[from]!.firstPiece,
      lastPiece: last.lastPiece,
    })
    from = to
  }
  return lanes
}

const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)

const single = (file: FileEntry, done: number, priority: FilePriority) => ({
  name: nameOf(file.path),
  figure: priority === 0 ? 'skipped' : formatPercent(file.length === 0 ? 1 : done / file.length),
  title: file.path,
})

const several = (files: readonly FileEntry[]) => ({
  name: nameOf(files[0]!.path),
  figure: `+ ${files.length - 1}`,
  title: files
    .slice(0, 20)
    .map(file => file.path)
    .concat(files.length > 20 ? [`and ${files.length - 20} more`] : [])
    .join('\n'),
})
