import type { BencodeDocument } from '#engine/bencode/document.ts'
import type { BencodeDict } from '#engine/bencode/reader.ts'
import { checkPath, type ElementsOf, FileList, flagsOf, PADDING, pathCost, SYMLINK } from './file-table.ts'
import { utf8 } from '#engine/base/bytes.ts'
import { invalid } from './problems.ts'

/** What a half of an info dictionary (v1 or v2) says about files. */
export interface ParsedFiles {
  readonly files: FileList
  /** Below the top folder; the only element of a single file names the torrent as well. */
  readonly elementsOf: ElementsOf
  readonly isSingle: boolean
  /** Where the byte space ends. */
  readonly end: number
}

/** How BitComet names padding; it knows no `attr`. */
const BITCOMET_PADDING = utf8('_____padding_file_')

/**
 * Files of a v1 or hybrid info dictionary (BEP 3, 47), or `undefined` when there is no `pieces`.
 * @param name the torrent's, raw
 * @throws EngineError METAINFO_INVALID, METAINFO_LIMIT
 */
export function parseFilesV1(info: BencodeDict, name: Uint8Array): ParsedFiles | undefined {
  if (!info.has('pieces')) return undefined
  const list = info.optionalList('files')
  if (!list || (list.length === 0 && info.has('length'))) return singleFile(info, name)
  const { document } = info
  const files = new FileList()
  const paths: number[] = []
  let offset = 0
  for (let entry = document.first(list.token); entry < document.end(list.token); entry = document.next(entry)) {
    const path = pathOf(document, entry, files.count)
    const flags = attributesOf(document, entry, files.count) | pathFlags(document, path, files.count)
    // A link has no bytes of its own, whatever length is written.
    const length = (flags & SYMLINK) === 0 ? document.safeInt(document.find(entry, 'length')) : 0
    files.add(length, offset, flags)
    offset += length ?? 0
    paths.push(path)
  }
  if (files.count === 0) throw invalid('it has no files')
  return { files, elementsOf: index => elementsAt(document, paths[index]!), isSingle: false, end: offset }
}

function singleFile(info: BencodeDict, name: Uint8Array): ParsedFiles {
  const files = new FileList()
  const length = info.optionalInt('length')
  if (length === undefined) throw invalid('it names neither files nor a length')
  // A single file that is a link or padding would be a torrent of nothing.
  files.add(length, 0, flagsOf(info.optionalBytes('attr')) & ~(SYMLINK | PADDING))
  return { files, elementsOf: () => [name], isSingle: true, end: length }
}

/** Checks a path; PADDING when it is BitComet's. */
function pathFlags(document: BencodeDocument, path: number, index: number): number {
  let flags = 0
  let depth = 0
  let cost = 0
  for (let at = document.first(path); at < document.end(path); at = document.next(at)) {
    if (document.kind(at) !== 'bytes') throw invalid(`the path of file ${index + 1} is not made of names`)
    const element = document.bytes(at)
    depth++
    cost += pathCost(element)
    if (startsWith(element, BITCOMET_PADDING)) flags = PADDING
  }
  checkPath(depth, cost)
  return flags
}

/** Token of the list of path elements; the UTF-8 spelling wins where both are given. */
function pathOf(document: BencodeDocument, entry: number, index: number): number {
  if (document.kind(entry) !== 'dict') throw invalid(`file ${index + 1} is not described`)
  for (const key of ['path.utf-8', 'path']) {
    const path = document.find(entry, key)
    if (path >= 0 && document.kind(path) === 'list' && document.end(path) > document.first(path)) return path
  }
  throw invalid(`file ${index + 1} has no path`)
}

/**
 * BEP 47 attributes of a file, v1 or v2.
 * @throws EngineError METAINFO_INVALID for a link whose target is no path
 */
export function attributesOf(document: BencodeDocument, entry: number, index: number): number {
  const attr = document.find(entry, 'attr')
  if (attr < 0 || document.kind(attr) !== 'bytes') return 0
  const flags = flagsOf(document.bytes(attr))
  const target = document.find(entry, 'symlink path')
  if ((flags & SYMLINK) === 0 || target < 0) return flags
  let isPath = document.kind(target) === 'list'
  for (let at = document.first(target); isPath && at < document.end(target); at = document.next(at)) {
    isPath = document.kind(at) === 'bytes'
  }
  if (!isPath) throw invalid(`file ${index + 1} is a link without a valid target`)
  return flags
}

function elementsAt(document: BencodeDocument, path: number): Uint8Array[] {
  const elements: Uint8Array[] = []
  for (let at = document.first(path); at < document.end(path); at = document.next(at)) elements.push(document.bytes(at))
  return elements
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false
  for (let at = 0; at < prefix.length; at++) if (bytes[at] !== prefix[at]) return false
  return true
}
