import { expect, test } from 'vitest'
import { PIECE } from '#engine/api/model.ts'
import {
  cellOf,
  countPieces,
  firstPieceOf,
  lastPieceOf,
  layOutPieces,
  levelOf,
  LOOK,
  lookOf,
  lookOfRun,
} from './piece-layout.ts'

test.each([
  // pieces, room, → cells of pitch, columns × rows, pieces per cell
  [12, 860, 360, 12, 14, 61, 1, 1],
  [2890, 860, 360, 2890, 10, 86, 34, 1],
  [20_000, 860, 360, 10_000, 4, 215, 47, 2],
  [100_000, 860, 360, 16_667, 4, 215, 78, 6],
])('lays out %i pieces in %i × %i', (pieces, width, height, cells, pitch, columns, rows, perCell) => {
  expect(layOutPieces(pieces, width, height)).toEqual({ pieceCount: pieces, cells, pitch, columns, rows, perCell })
})

test('every piece is in exactly one cell, and only the last run may be short', () => {
  for (const pieces of [1, 7, 999, 20_001, 250_000]) {
    const layout = layOutPieces(pieces, 611, 200)!
    let next = 0
    for (let cell = 0; cell < layout.cells; cell++) {
      expect(firstPieceOf(layout, cell)).toBe(next)
      next = lastPieceOf(layout, cell) + 1
    }
    expect([next, cellOf(layout, pieces - 1)]).toEqual([pieces, layout.cells - 1])
    expect(layout.columns * layout.pitch).toBeLessThanOrEqual(611)
    expect(layout.rows * layout.pitch).toBeLessThanOrEqual(200)
  }
})

test('no room and no pieces are no layout', () => {
  expect([layOutPieces(0, 100, 100), layOutPieces(5, 3, 100), layOutPieces(5, 100, 0)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

/** One character per piece: `*` have, `.` missing, `a` asked for, `5` five fifteenths arrived, `v` verifying, `x` bad, `-` skipped. */
const states = (text: string) =>
  Uint8Array.from(text, mark => {
    if (mark === '*') return PIECE.HAVE
    if (mark === '-') return PIECE.SKIPPED
    if (mark === 'v') return PIECE.VERIFYING
    if (mark === 'x') return PIECE.ACTIVE | 0x08
    if (mark === 'a') return PIECE.ACTIVE
    return mark === '.' ? PIECE.MISSING : PIECE.ACTIVE | (Number(mark) << 4)
  })

const copies = (text: string) => Uint8Array.from(text, Number)

test.each([
  ['*', '3', LOOK.have, 0],
  ['.', '1', LOOK.heat, 1],
  ['.', '9', LOOK.heat, 4],
  ['.', '0', LOOK.none, 0],
  ['a', '0', LOOK.requested, 0],
  ['5', '2', LOOK.arriving, 5],
  ['v', '2', LOOK.verifying, 0],
  ['x', '2', LOOK.again, 0],
  ['-', '0', LOOK.skipped, 0],
  // runs: the worst news wins, then what moves
  ['**.*', '1101', LOOK.none, 0],
  ['**x.', '1110', LOOK.again, 0],
  ['**3.', '1111', LOOK.arriving, 3],
  ['*--*', '0000', LOOK.have, 0],
  ['**..', '1155', LOOK.partly, 7],
  ['....', '5395', LOOK.heat, 2],
])('pieces %s with copies %s', (marks, available, look, level) => {
  const packed = lookOfRun(states(marks), copies(available), 0, marks.length - 1)
  expect([lookOf(packed), levelOf(packed)]).toEqual([look, level])
})

test('without availability a missing piece is an outline, never "nobody has it"', () => {
  expect(lookOf(lookOfRun(states('.'), undefined, 0, 0))).toBe(LOOK.outline)
})

test('counts every piece once', () => {
  expect(countPieces(states('**.a5vx-.'), copies('110110010'))).toEqual({
    have: 2,
    arriving: 1,
    requested: 1,
    verifying: 1,
    missing: 2,
    none: 2,
    again: 1,
    skipped: 1,
    copies: 0,
  })
})
