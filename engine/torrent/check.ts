import { Bitfield } from '#engine/base/bitfield.ts'
import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Content } from './content.ts'
import type { FileStamp, TorrentResume } from './types.ts'

/** What a look at the disk found. `have` is to be believed; an error means that the disk could not be asked. */
export type CheckOutcome =
  | { readonly kind: 'done'; readonly have: Bitfield }
  | { readonly kind: 'cancelled'; readonly have: Bitfield }
  | { readonly kind: 'failed'; readonly error: EngineError }

/** Hashes `pieces` ('all' or a list) and answers with what is there; pieces not looked at keep their old claim. */
export async function checkPieces(
  content: Content,
  pieces: Iterable<number> | 'all',
  onProgress: (checked: number) => void,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const have = content.picker.have.clone()
  let checked = 0
  try {
    await content.store.check(
      pieces,
      results => {
        for (const { piece, ok } of results) {
          if (ok) have.set(piece)
          else have.clear(piece)
        }
        checked += results.length
        onProgress(checked)
      },
      signal,
    )
    return { kind: 'done', have }
  } catch (thrown) {
    const error = toEngineError(thrown)
    return error.code === 'ABORTED' ? { kind: 'cancelled', have } : { kind: 'failed', error }
  }
}

/** @throws EngineError DISK_MISSING: files that are gone are put back or checked by their owner, never silently fetched anew */
function refuseMissing(content: Content, present: readonly (FileStamp | undefined)[]): void {
  const { files } = content.metainfo
  for (let file = 0; file < files.count; file++) {
    if (present[file] || files.lengths[file] === 0 || files.attributes(file).padding) continue
    if (content.store.inPartFile[file] === 1 || content.doneOf(file) === 0) continue
    throw new EngineError(
      'DISK_MISSING',
      'disk',
      `${files.path(file)} is not where it was. Put it back and resume, or check the torrent to fetch what is missing.`,
    )
  }
}

/**
 * Which claimed pieces must be hashed before they are believed. After an orderly stop a file that has another size or
 * time is doubtful. After a crash files are newer than their stamps, because they were being written: they are doubted
 * only where they are shorter than what is claimed of them, or gone.
 */
export async function doubtfulPieces(
  content: Content,
  resume: Pick<TorrentResume, 'clean' | 'stamps'>,
): Promise<readonly number[]> {
  const { have } = content.picker
  if (have.isEmpty) return []
  const present = await content.store.stamps()
  refuseMissing(content, present)
  const saved =
    resume.clean && resume.stamps ? resume.stamps : present.map((stamp, file) => acceptable(content, file, stamp))
  const { doubtful } = await content.store.trusted(saved, have.bytes)
  return doubtful
}

function acceptable(content: Content, file: number, stamp: FileStamp | undefined): FileStamp | undefined {
  if (!stamp) return undefined
  const pieces = content.spans.piecesOf(file)
  if (!pieces) return stamp
  const { files, pieceLength } = content.metainfo
  let last = pieces.last
  while (last >= pieces.first && !content.picker.have.has(last)) last--
  const end = Math.min(files.lengths[file]!, (last + 1) * pieceLength - files.offsets[file]!)
  // A stamp that cannot be right makes every claim on this file doubtful.
  return stamp.size >= end ? stamp : { size: -1, mtimeMs: -1 }
}
