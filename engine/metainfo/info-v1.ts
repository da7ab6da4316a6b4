import { LIMITS } from '#engine/base/limits.ts'
import type { BencodeDocument } from '#engine/bencode/document.ts'
import type { BencodeDict } from '#engine/bencode/reader.ts'
import { checkPath, type ElementsOf, FileList, flagsOf, PADDING, pathCost, SYMLINK } from './file-table.ts'
import { utf8 } from '#engine/base/bytes.ts'
import { invalid, tooLarge } from './problems.ts'

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
  const equal = new EqualPaths()
  let offset = 0
  for (let entry = document.first(list.token); entry < document.end(list.token); entry = document.next(entry)) {
    if (document.kind(entry) !== 'dict') throw invalid(`file ${files.count + 1} is not described`)
    const path = pathOf(document, entry)
    let flags = attributesOf(document, entry, files.count)
    if (path >= 0) flags |= pathFlags(document, path, files.count)
    // Padding is never written, so it needs no name.
    else if ((flags & PADDING) === 0) throw invalid(`file ${files.count + 1} has no path`)
    if ((flags & PADDING) === 0) equal.add(document.raw(path))
    // A link has no bytes of its own, whatever length is written.
    const length = (flags & SYMLINK) === 0 ? document.safeInt(document.find(entry, 'length')) : 0
    files.add(length, offset, flags)
    offset += length ?? 0
    paths.push(path)
  }
  if (files.count === 0) throw invalid('it has no files')
  const elementsOf = (index: number) => {
    const path = paths[index]!
    return path >= 0 ? elementsAt(document, path) : [utf8('.pad'), utf8(String(files.length(index)))]
  }
  return { files, elementsOf, isSingle: false, end: offset }
}

/**
 * Counts files that have the path of an earlier one. Compared by a hash of 32 bits: a few that meet by chance do not matter,
 * since many are refused and few are renamed.
 */
class EqualPaths {
  readonly #seen = new Set<number>()
  #count = 0

  /** @throws EngineError METAINFO_LIMIT */
  add(path: Uint8Array): void {
    let hash = 0x811c9dc5 // FNV-1a
    for (const byte of path) hash = Math.imul(hash ^ byte, 0x01000193)
    if (!this.#seen.has(hash)) this.#seen.add(hash)
    else if (++this.#count > LIMITS.metainfo.equalNames)
      throw tooLarge(`more than ${LIMITS.metainfo.equalNames} files share a name with another`)
  }
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

/** Token of the list of path elements, or -1; the UTF-8 spelling wins where both are given. */
function pathOf(document: BencodeDocument, entry: number): number {
  for (const key of ['path.utf-8', 'path']) {
    const path = document.find(entry, key)
    if (path >= 0 && document.kind(path) === 'list' && document.end(path) > document.first(path)) return path
  }
  return -1
}

/**
 * BEP 47 attributes of a file, v1 or v2.
 * @throws EngineError METAINFO_INVALID for a link whose target is no path
 */
export function attributesOf(document: BencodeDocument, entry: number, index: number): number {
  const attr = document.find(entry, 'attr')
  if (attr < 0 || document.kind(attr) !== 'bytes') return 0
  const flags = flagsOf(document.bytes(attr))
  if ((flags & (SYMLINK | PADDING)) === (SYMLINK | PADDING))
    throw invalid(`file ${index + 1} is both padding and a link`)
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
