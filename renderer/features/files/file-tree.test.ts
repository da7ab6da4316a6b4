import { expect, test } from 'vitest'
import type { FileEntry, FilePriority } from '#engine/api/model.ts'
import { buildFileTree, fileMatcher, filesUnder, MIXED, sumFiles, tickOf, visibleNodes } from './file-tree.ts'

const entries = (...files: readonly [path: string, length: number][]): FileEntry[] =>
  files.map(([path, length], index) => ({ index, path, length, firstPiece: 0, lastPiece: 0 }))

const files = entries(
  ['top/a/1.mkv', 10],
  ['top/a/2.mkv', 20],
  ['top/b/3.srt', 5],
  ['top/a/4.mkv', 40],
  ['top/5.txt', 1],
)
const tree = buildFileTree(files)
const shape = () => tree.names.map((name, node) => `${' '.repeat(tree.depth[node]!)}${name}`)

test('groups files by folder, keeping the order in which folders first appear', () => {
  expect(shape()).toEqual(['top', ' a', '  1.mkv', '  2.mkv', '  4.mkv', ' b', '  3.srt', ' 5.txt'])
  expect(filesUnder(tree, 1)).toEqual([0, 1, 3])
})

test('a folder adds up sizes, progress and ticks of what is below it', () => {
  const priorities: FilePriority[] = [2, 0, 2, 2, 3]
  const sums = sumFiles(tree, files, priorities, [10, 0, 0, 20, 0])
  const line = (node: number) => ({
    size: sums.size[node],
    wanted: sums.wanted[node],
    done: sums.wantedDone[node],
    files: `${sums.wantedFiles[node]}/${sums.files[node]}`,
    priority: sums.priority[node],
    tick: tickOf(sums, node),
  })
  expect([0, 1, 3, 5].map(line)).toEqual([
    { size: 76, wanted: 56, done: 30, files: '4/5', priority: MIXED, tick: 'some' },
    { size: 70, wanted: 50, done: 30, files: '2/3', priority: MIXED, tick: 'some' },
    { size: 20, wanted: 0, done: 0, files: '0/1', priority: 0, tick: 'none' },
    { size: 5, wanted: 5, done: 0, files: '1/1', priority: 2, tick: 'all' },
  ])
})

test('a folded folder hides what is below it; a filter opens the way to what it finds', () => {
  const names = (nodes: number[]) => nodes.map(node => tree.names[node])
  expect(names(visibleNodes(tree, new Set([1])))).toEqual(['top', 'a', 'b', '3.srt', '5.txt'])
  expect(names(visibleNodes(tree, new Set([1]), fileMatcher(files, '*.mkv')))).toEqual([
    'top',
    'a',
    '1.mkv',
    '2.mkv',
    '4.mkv',
  ])
  expect(names(visibleNodes(tree, new Set(), fileMatcher(files, 'top/?/3*')))).toEqual(['top', 'b', '3.srt'])
  expect(visibleNodes(tree, new Set(), fileMatcher(files, 'nothing like it'))).toEqual([])
})

test('100,000 files in nested folders are a tree in a moment', () => {
  const many = entries(
    ...Array.from({ length: 100_000 }, (_, i): [string, number] => [`t/${i % 7}/${i % 100}/${i}`, 1]),
  )
  const started = performance.now()
  const big = buildFileTree(many)
  const sums = sumFiles(big, many, new Uint8Array(100_000).fill(2) as unknown as FilePriority[])
  expect([sums.size[0], sums.wantedFiles[0]]).toEqual([100_000, 100_000])
  expect(performance.now() - started).toBeLessThan(1_000)
})
