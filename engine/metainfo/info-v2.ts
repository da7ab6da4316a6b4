import type { BencodeDocument } from '#engine/bencode/document.ts'
import type { BencodeDict } from '#engine/bencode/reader.ts'
import { checkPath, FileList, PADDING, pathCost, SYMLINK } from './file-table.ts'
import { attributesOf, type ParsedFiles } from './info-v1.ts'
import { MERKLE_HASH } from './merkle.ts'
import { invalid } from './problems.ts'

/** A folder or file of the tree by the token of its key. Linked upwards, so that deep folders share what is above them. */
interface Place {
  readonly parent: Place | undefined
  readonly key: number
  readonly depth: number
  readonly cost: number
}

interface OpenFolder {
  /** Key token that comes next. */
  at: number
  readonly end: number
  /** `undefined` for the top of the tree. */
  readonly place: Place | undefined
}

/**
 * Files of a v2 or hybrid info dictionary (BEP 52), in the order of the tree, each on a piece boundary;
 * `undefined` when its `meta version` is not 2.
 * @throws EngineError METAINFO_INVALID, METAINFO_LIMIT
 */
export function parseFilesV2(info: BencodeDict, pieceLength: number): ParsedFiles | undefined {
  const version = info.optionalInt('meta version')
  if (version !== undefined && version > 2) throw invalid(`it is of version ${version}, and we know 1 and 2`)
  const tree = info.optionalDict('file tree')
  if (version !== 2 && tree) throw invalid('it has a file tree but is not of version 2')
  if (version !== 2) return undefined
  if (!tree) throw invalid('it has no file tree')
  const { document } = info
  const files = new FileList()
  const places: Place[] = []
  const end = walk(document, tree.token, pieceLength, files, places)
  if (files.count === 0) throw invalid('it has no files')
  const elementsOf = (index: number) => elementsAt(document, places[index]!)
  // A file alone at the top is the torrent, whatever `name` advises; a folder of one file is not.
  const isSingle = document.size(tree.token) === 1 && places[0]!.depth === 1
  return { files, elementsOf, isSingle, end }
}

/** No recursion: the input decides how deep it is. */
function walk(document: BencodeDocument, tree: number, pieceLength: number, files: FileList, places: Place[]): number {
  const open: OpenFolder[] = [{ at: document.first(tree), end: document.end(tree), place: undefined }]
  let end = 0
  for (let folder = open[0]; folder; folder = open[open.length - 1]) {
    if (folder.at >= folder.end) {
      open.pop()
      continue
    }
    const key = folder.at
    const node = key + 1
    folder.at = document.next(node)
    checkKey(document, key, folder)
    const place = placeIn(document, folder.place, key)
    if (document.kind(node) !== 'dict')
      throw invalid('its file tree holds something that is neither a file nor a folder')
    if (isFile(document, node)) {
      end = addFile(document, document.first(node) + 1, end, pieceLength, files)
      places.push(place)
    } else open.push({ at: document.first(node), end: document.end(node), place })
  }
  return end
}

function placeIn(document: BencodeDocument, parent: Place | undefined, key: number): Place {
  const depth = (parent?.depth ?? 0) + 1
  const cost = (parent?.cost ?? 0) + pathCost(document.bytes(key))
  checkPath(depth, cost)
  return { parent, key, depth, cost }
}

function elementsAt(document: BencodeDocument, place: Place): Uint8Array[] {
  const elements: Uint8Array[] = []
  for (let at: Place | undefined = place; at; at = at.parent) elements.push(document.bytes(at.key))
  return elements.reverse()
}

/** A file is a folder whose only entry has the empty name (BEP 52). */
function isFile(document: BencodeDocument, node: number): boolean {
  const first = document.first(node)
  if (first === document.end(node) || document.bytes(first).length > 0) return false
  if (document.kind(first + 1) !== 'dict') throw invalid('its file tree has a file without a description')
  if (document.next(first + 1) !== document.end(node)) throw invalid('its file tree has a name that is file and folder')
  return true
}

function checkKey(document: BencodeDocument, key: number, folder: OpenFolder): void {
  const name = document.bytes(key)
  if (name.length === 0) throw invalid('its file tree has a file without a name', document.offset(key))
  // The order of the tree is the order of the files, so that of the keys must be the one and only.
  if (folder.at < folder.end && compare(name, document.bytes(folder.at)) >= 0) {
    throw invalid('its file tree is not sorted', document.offset(folder.at))
  }
}

/** @returns where the byte space ends with this file in it */
function addFile(document: BencodeDocument, entry: number, end: number, pieceLength: number, files: FileList): number {
  const index = files.count
  const flags = attributesOf(document, entry, index)
  // BEP 52 aligns files by itself; padding would make two byte spaces of one.
  if ((flags & PADDING) !== 0) throw invalid(`file ${index + 1} of its v2 part is padding`)
  const isLink = (flags & SYMLINK) !== 0
  const length = isLink ? 0 : document.safeInt(document.find(entry, 'length'))
  const offset = length === 0 ? end : Math.ceil(end / pieceLength) * pieceLength
  files.add(length, offset, flags)
  if (length === 0 || length === undefined) return end
  const root = document.find(entry, 'pieces root')
  const bytes = root >= 0 && document.kind(root) === 'bytes' ? document.bytes(root) : undefined
  if (bytes?.length !== MERKLE_HASH || bytes.every(byte => byte === 0)) {
    throw invalid(`file ${index + 1} has no pieces root`)
  }
  files.setRoot(index, bytes)
  return offset + length
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = a[at]! - b[at]!
    if (order !== 0) return order
  }
  return a.length - b.length
}
