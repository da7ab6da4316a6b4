import type { FileSpans } from './file-spans.ts'
import type { Geometry } from './geometry.ts'

/**
 * Per piece, the highest priority of the files with bytes in it: 0 skip, 1 low, 2 normal, 3 high.
 * Padding counts for nothing, so a piece of padding alone is skipped.
 */
export function piecePriorities(spans: FileSpans, geometry: Geometry, filePriorities: Uint8Array): Uint8Array {
  const priorities = new Uint8Array(geometry.pieceCount)
  for (let file = 0; file < spans.fileCount; file++) {
    const priority = filePriorities[file]!
    if (priority === 0 || spans.isPadding(file)) continue
    const pieces = spans.piecesOf(file)
    if (!pieces) continue
    for (let piece = pieces.first; piece <= pieces.last; piece++) {
      if (priorities[piece]! < priority) priorities[piece] = priority
    }
  }
  return priorities
}
