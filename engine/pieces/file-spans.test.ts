import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FileTable } from '#engine/metainfo/types.ts'
import { FileSpans } from './file-spans.ts'
import type { Span } from './file-spans.ts'
import { BLOCK_LENGTH, Geometry } from './geometry.ts'
import { piecePriorities } from './priorities.ts'

interface Part {
  readonly length: number
  /** A gap belongs to no file. */
  readonly kind: 'file' | 'padding' | 'gap'
}

function spansOver(parts: readonly Part[], pieceLength: number) {
  const files = parts.filter(part => part.kind !== 'gap')
  const offsets: number[] = []
  let at = 0
  for (const part of parts) {
    if (part.kind !== 'gap') offsets.push(at)
    at += part.length
  }
  const table: FileTable = {
    count: files.length,
    lengths: Float64Array.from(files, file => file.length),
    offsets: Float64Array.from(offsets),
    path: index => `file-${index}`,
    attributes: index => ({
      padding: files[index]!.kind === 'padding',
      executable: false,
      hidden: false,
      symlink: false,
    }),
    piecesRoot: () => undefined,
  }
  const geometry = Geometry.of({ pieceLength, pieceCount: Math.ceil(at / pieceLength), spaceLength: at })
  return { spans: new FileSpans(table, geometry), geometry, length: at }
}

const file = (length: number): Part => ({ length, kind: 'file' })
const padding = (length: number): Part => ({ length, kind: 'padding' })
const gap = (length: number): Part => ({ length, kind: 'gap' })
const show = (span: Span) => `${span.file}@${span.offset}+${span.length}${span.padding ? ' padding' : ''}`

test('finds the files of a piece, empty ones left out', () => {
  const { spans } = spansOver([file(0), file(5), file(0), file(30), file(0), file(9)], 16)
  expect([0, 1, 2].map(piece => spans.spansOf(piece, 0, piece === 2 ? 12 : 16).map(show))).toEqual([
    ['1@0+5', '3@0+11'],
    ['3@11+16'],
    ['3@27+3', '5@0+9'],
  ])
  expect([0, 1, 2].map(piece => spans.filesOf(piece))).toEqual([[1, 3], [3], [3, 5]])
  expect([0, 1, 3, 5].map(index => spans.piecesOf(index))).toEqual([
    undefined,
    { first: 0, last: 0 },
    { first: 0, last: 2 },
    { first: 2, last: 2 },
  ])
})

test('shows padding files, and gaps as padding that is no file', () => {
  const { spans } = spansOver([file(5), padding(11), file(3), gap(13), file(2)], 16)
  expect([0, 1, 2].map(piece => spans.spansOf(piece, 0, piece === 2 ? 2 : 16).map(show))).toEqual([
    ['0@0+5', '1@0+11 padding'],
    ['2@0+3', '-1@0+13 padding'],
    ['3@0+2'],
  ])
  expect(spans.filesOf(0)).toEqual([0])
})

test('a block that is half padding is asked for, one that is all padding is not', () => {
  const B = BLOCK_LENGTH
  const { spans } = spansOver([file(B + 1), padding(3 * B - 1), file(B)], 4 * B)
  expect([spans.paddingBlocks(0), spans.paddingBlocks(1)]).toEqual([[2, 3], []])
})

test('a piece has the priority of the most wanted file in it, padding not counted', () => {
  const { spans, geometry } = spansOver([file(20), padding(12), file(8), file(40)], 16)
  expect([...piecePriorities(spans, geometry, Uint8Array.of(1, 3, 2, 0))]).toEqual([1, 1, 2, 0, 0])
  expect([...piecePriorities(spans, geometry, Uint8Array.of(0, 3, 1, 3))]).toEqual([0, 0, 3, 3, 3])
})

const part = fc.record({
  length: fc.oneof(
    fc.nat(20),
    fc.nat(2).map(blocks => blocks * BLOCK_LENGTH),
    fc.nat(40_000),
  ),
  kind: fc.constantFrom<Part['kind'][]>('file', 'file', 'padding', 'gap'),
})

test('covers every byte once, in order, and knows its padding, whatever the files', () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 12 }).filter(parts => parts.some(({ length }) => length > 0)),
      fc.constantFrom(1024, 16_384, 20_000, 65_536),
      (parts, pieceLength) => {
        const { spans, geometry, length } = spansOver(parts, pieceLength)
        // Byte by byte: number of the file, or -1 in padding.
        const truth = new Int32Array(length)
        let at = 0
        let index = 0
        for (const { length: size, kind } of parts) {
          truth.fill(kind === 'file' ? index : -1, at, at + size)
          if (kind !== 'gap') index++
          at += size
        }
        for (let piece = 0; piece < geometry.pieceCount; piece++) {
          const start = piece * pieceLength
          const size = geometry.pieceSize(piece)
          const said = new Int32Array(size)
          let to = 0
          for (const span of spans.spansOf(piece, 0, size)) {
            said.fill(span.padding ? -1 : span.file, to, to + span.length)
            to += span.length
          }
          expect(to).toBe(size)
          expect(said.findIndex((owner, nth) => owner !== truth[start + nth])).toBe(-1)
          const blank: number[] = []
          for (let block = 0; block < geometry.blockCount(piece); block++) {
            const from = block * BLOCK_LENGTH
            if (said.subarray(from, from + BLOCK_LENGTH).every(owner => owner === -1)) blank.push(block)
          }
          expect(spans.paddingBlocks(piece)).toEqual(blank)
        }
      },
    ),
    { numRuns: 100 },
  )
})
