import { sameBytes } from '#engine/base/ids.ts'
import type { ParsedFiles } from './info-v1.ts'
import { invalid } from './problems.ts'

/**
 * Checks that the v1 and v2 halves of a hybrid torrent mean the same content (BEP 52, "upgrade path"), and gives the v1 files
 * their v2 roots. Two truths in one torrent would let one peer poison what another verified.
 * Padding takes no part: it exists in v1 only.
 *
 * @throws EngineError METAINFO_INVALID
 */
export function reconcile(v1: ParsedFiles, v2: ParsedFiles, pieceLength: number): void {
  let other = nextReal(v2, 0)
  for (let index = nextReal(v1, 0); index < v1.files.count; index = nextReal(v1, index + 1)) {
    if (
      other === v2.files.count ||
      v1.files.length(index) !== v2.files.length(other) ||
      !sameElements(v1.elementsOf(index), v2.elementsOf(other))
    ) {
      throw invalid(`its v1 and v2 parts disagree about file ${index + 1}`)
    }
    const root = v2.files.root(other)
    if (root && v1.files.offset(index) !== v2.files.offset(other)) {
      throw invalid(`file ${index + 1} does not begin where its v2 part says (pieces of ${pieceLength} bytes)`)
    }
    if (root) v1.files.setRoot(index, root)
    other = nextReal(v2, other + 1)
  }
  if (other < v2.files.count) throw invalid('its v2 part has files that its v1 part lacks')
  if (Math.ceil(v1.end / pieceLength) !== Math.ceil(v2.end / pieceLength)) {
    throw invalid('its v1 and v2 parts disagree about the number of pieces')
  }
}

function nextReal({ files }: ParsedFiles, from: number): number {
  let index = from
  while (index < files.count && files.isPadding(index)) index++
  return index
}

const sameElements = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  a.length === b.length && a.every((element, at) => sameBytes(element, b[at]!))
