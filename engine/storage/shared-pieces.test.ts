import { expect, test } from 'vitest'
import { SharedPieces } from './shared-pieces.ts'

const range = (first: number, last: number) => ({ first, last })

test('a piece is shared when a file begins in the piece where another one ended', () => {
  const shared = new SharedPieces([range(0, 2), range(2, 2), range(2, 5), undefined, range(6, 7), range(7, 9)])
  expect([...shared.pieces]).toEqual([2, 7])
  expect([0, 2, 3, 5, 7, 9].map(piece => shared.rankOf(piece))).toEqual([-1, 0, -1, -1, 1, -1])
})

test('files that begin on piece boundaries share nothing', () => {
  expect(new SharedPieces([range(0, 0), range(1, 4), undefined]).count).toBe(0)
})
