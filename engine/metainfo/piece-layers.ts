import type { Hashes } from '#engine/base/hashes.ts'
import { sameBytes, toHex } from '#engine/base/ids.ts'
import type { BencodeDict } from '#engine/bencode/reader.ts'
import { MERKLE_BLOCK, MERKLE_HASH, merkleRoot } from './merkle.ts'
import { invalid } from './problems.ts'
import type { FileTable } from './types.ts'

/**
 * `piece layers` of a v2 torrent file (BEP 52) by hex root: those of files longer than a piece, each proven against its root.
 * A layer may be absent: peers serve it.
 *
 * @throws EngineError METAINFO_INVALID for a layer of the wrong length, that does not hash to its root, or of no file
 */
export function parsePieceLayers(
  torrent: BencodeDict,
  files: FileTable,
  pieceLength: number,
  hashes: Hashes,
): Map<string, Uint8Array> {
  const offered = new Map<string, Uint8Array>()
  const dict = torrent.optionalDict('piece layers')
  for (const { key, token } of dict?.entries() ?? []) {
    if (key.length !== MERKLE_HASH || dict!.document.kind(token) !== 'bytes')
      throw invalid('its piece layers are malformed')
    offered.set(toHex(key), dict!.document.bytes(token))
  }
  const layers = new Map<string, Uint8Array>()
  const roots = new Set<string>()
  const height = Math.log2(pieceLength / MERKLE_BLOCK)
  for (let index = 0; index < files.count; index++) {
    const root = files.piecesRoot(index)
    const length = files.lengths[index]!
    if (!root) continue
    const hex = toHex(root)
    roots.add(hex)
    // A file of one piece needs no layer: its root is the hash of that piece.
    if (length <= pieceLength) continue
    const layer = offered.get(hex)
    if (!layer) continue
    if (layer.length !== Math.ceil(length / pieceLength) * MERKLE_HASH) {
      throw invalid(`the piece hashes of file ${index + 1} are not as many as its pieces`)
    }
    if (layers.has(hex)) continue
    if (!sameBytes(merkleRoot(layer, height, hashes), root)) {
      throw invalid(`the piece hashes of file ${index + 1} do not match its root`)
    }
    layers.set(hex, layer)
  }
  for (const root of offered.keys()) if (!roots.has(root)) throw invalid('it has piece hashes of a file that it lacks')
  return layers
}
