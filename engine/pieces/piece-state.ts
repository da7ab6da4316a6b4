import { EngineError } from '#engine/base/errors.ts'

/** What a piece is to us. The numbers are those of the piece map that faces see. */
export const PIECE_STATE = { MISSING: 0, ACTIVE: 1, VERIFYING: 2, HAVE: 3, SKIPPED: 4 } as const

const { MISSING, ACTIVE, VERIFYING, HAVE, SKIPPED } = PIECE_STATE

/** Legal moves, as bits of the states that may follow. */
const NEXT: readonly number[] = [
  /* MISSING   */ (1 << ACTIVE) | (1 << SKIPPED) | (1 << HAVE),
  /* ACTIVE    */ (1 << VERIFYING) | (1 << MISSING) | (1 << SKIPPED),
  /* VERIFYING */ (1 << HAVE) | (1 << MISSING) | (1 << SKIPPED),
  /* HAVE      */ (1 << MISSING) | (1 << SKIPPED),
  /* SKIPPED   */ (1 << MISSING) | (1 << HAVE),
]

/** @throws EngineError INTERNAL (bug) for a move that no piece can make */
export function assertMove(piece: number, from: number, to: number): void {
  if ((NEXT[from]! & (1 << to)) === 0) {
    throw new EngineError('INTERNAL', 'bug', `piece ${piece} cannot go from state ${from} to ${to}`)
  }
}
