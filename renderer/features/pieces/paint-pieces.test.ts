import { expect, test } from 'vitest'
import { PIECE } from '#engine/api/model.ts'
import type { PieceMap } from '#renderer/engine/piece-maps.ts'
import { PiecePainting } from './paint-pieces.ts'
import type { PieceColours } from './piece-colours.ts'
import { layOutPieces } from './piece-layout.ts'

/** 60 pieces that all are missing, on a canvas that draws nothing. */
function painting() {
  const context = new Proxy({}, { get: () => () => undefined, set: () => true })
  const canvas = { getContext: () => context, width: 0, height: 0 } as unknown as HTMLCanvasElement
  const states = new Uint8Array(60)
  const map: PieceMap = {
    id: 't',
    version: 1,
    pieceCount: 60,
    states,
    availability: new Uint8Array(60).fill(4),
    changed: null,
  }
  return { painting: new PiecePainting(canvas, layOutPieces(60, 200, 100)!, {} as PieceColours, 1), map }
}

test('draws every cell once, and then only those that look different', () => {
  const { painting: canvas, map } = painting()
  expect([canvas.paint(map), canvas.paint(map)]).toEqual([60, 0])
  map.states[7] = PIECE.HAVE
  expect(canvas.paint({ ...map, version: 2, changed: [7, 8] })).toBe(1)
})

test('a version that was missed costs a look at every cell, not a wrong picture', () => {
  const { painting: canvas, map } = painting()
  canvas.paint(map)
  map.states[7] = PIECE.HAVE
  map.states[50] = PIECE.HAVE
  expect(canvas.paint({ ...map, version: 3, changed: [50] })).toBe(2)
})
