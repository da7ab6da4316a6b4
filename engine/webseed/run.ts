import type { Bitfield } from '#engine/base/bitfield.ts'
import { BlockList } from '#engine/pieces/block-list.ts'
import { BLOCK_LENGTH, type Geometry } from '#engine/pieces/geometry.ts'
import type { Picker } from '#engine/pieces/picker.ts'
import { PIECE_STATE } from '#engine/pieces/piece-state.ts'

/** Blocks that lie one behind the other in the torrent, over pieces and files. Offsets are those of the torrent's byte space. */
export interface Run {
  readonly start: number
  end: number
  /** Everything before it was delivered. */
  done: number
}

/** Whom blocks are picked for. */
interface Asker {
  readonly slot: number
  readonly field: Bitfield
}

/**
 * Runs of blocks to fetch, marked as asked of this web seed. A request costs a round trip and often a disk seek at the
 * server, so what the picker chooses first is made longer by the pieces behind it that nobody works on (BEP 19).
 * @param most bytes, but for a block at least
 */
export function pickRuns(picker: Picker, geometry: Geometry, asker: Asker, most: number): Run[] {
  const blocks = Math.max(1, Math.floor(most / BLOCK_LENGTH))
  const list = new BlockList()
  // Of one piece: the picker would go on with another rare one, far away.
  picker.pick(asker.slot, asker.field, Math.min(blocks, geometry.blocksPerPiece), list)
  if (list.length === 0) return []
  let last = list.piece(list.length - 1)
  const priority = picker.priorityOf(last)
  if (!reachesEnd(list, geometry)) picker.pickOf(last, asker.slot, blocks - list.length, list)
  while (reachesEnd(list, geometry)) {
    const next = last + 1
    if (next === geometry.pieceCount || !asker.field.has(next)) break
    if (picker.stateOf(next) !== PIECE_STATE.MISSING || picker.priorityOf(next) !== priority) break
    // Whole or not at all: the rest of a piece would be a small request of its own.
    const left = blocks - list.length
    if (geometry.blockCount(next) > left || picker.pickOf(next, asker.slot, left, list) === 0) break
    last = next
  }
  return runsOf(list, geometry)
}

function reachesEnd(list: BlockList, geometry: Geometry): boolean {
  const piece = list.piece(list.length - 1)
  return list.block(list.length - 1) === geometry.blockCount(piece) - 1
}

/** Neighbours in the list that are neighbours in the torrent become one run. */
function runsOf(list: BlockList, geometry: Geometry): Run[] {
  const runs: Run[] = []
  for (let i = 0; i < list.length; i++) {
    const start = list.piece(i) * geometry.pieceLength + list.block(i) * BLOCK_LENGTH
    const end = start + geometry.blockSize(list.piece(i), list.block(i))
    const last = runs.at(-1)
    if (last?.end === start) last.end = end
    else runs.push({ start, end, done: start })
  }
  return runs
}
