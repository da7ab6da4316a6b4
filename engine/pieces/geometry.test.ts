import { expect, test } from 'vitest'
import { BLOCK_LENGTH, Geometry } from './geometry.ts'

const KiB = 1024
const MiB = 1024 * KiB

test('cuts pieces into blocks, the last ones short', () => {
  const geometry = Geometry.of({ pieceLength: 40 * KiB, pieceCount: 3, spaceLength: 80 * KiB + 1 })
  expect([0, 1, 2].map(piece => geometry.pieceSize(piece))).toEqual([40 * KiB, 40 * KiB, 1])
  expect([0, 1, 2].map(piece => geometry.blockCount(piece))).toEqual([3, 3, 1])
  expect([0, 1, 2].map(block => geometry.blockSize(0, block))).toEqual([BLOCK_LENGTH, BLOCK_LENGTH, 8 * KiB])
  expect(geometry.blockSize(2, 0)).toBe(1)
})

test('a piece up to 4 MiB is one run', () => {
  const geometry = Geometry.of({ pieceLength: 4 * MiB, pieceCount: 1, spaceLength: 3 * MiB })
  expect([geometry.runLength, geometry.runCount(0), geometry.runSize(0, 0)]).toEqual([4 * MiB, 1, 3 * MiB])
})

test('a longer piece passes through memory in runs of 1 MiB', () => {
  const geometry = Geometry.of({ pieceLength: 16 * MiB, pieceCount: 2, spaceLength: 17 * MiB + 5 })
  expect([geometry.runLength, geometry.blocksPerRun]).toEqual([MiB, 64])
  expect([geometry.runCount(0), geometry.runCount(1)]).toEqual([16, 2])
  expect(geometry.runSize(1, 1)).toBe(5)
})

test('counts far beyond 4 GiB', () => {
  const geometry = Geometry.of({ pieceLength: 16 * MiB, pieceCount: 1_000_000, spaceLength: 999_999 * 16 * MiB + 7 })
  expect(geometry.pieceSize(999_999)).toBe(7)
})

test('judges the numbers of strangers', () => {
  const geometry = Geometry.of({ pieceLength: 32 * KiB, pieceCount: 2, spaceLength: 50 * KiB })
  expect(geometry.isInside(1, 16 * KiB, 2 * KiB)).toBe(true)
  expect(geometry.isInside(1, 16 * KiB, 2 * KiB + 1)).toBe(false)
  expect(geometry.isInside(0, 0, 0)).toBe(false)
  expect(geometry.isInside(0, 0xffff_ffff, 0xffff_ffff)).toBe(false)
  expect(geometry.isInside(2, 0, 1)).toBe(false)
})
