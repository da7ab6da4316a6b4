import { utf8 } from '#engine/base/bytes.ts'
import type { Metainfo } from './types.ts'

export type TorrentKind = Metainfo['kind']

/** A file that a torrent is made of. */
export interface SourceFile {
  /** Path elements below the torrent's folder; none for a torrent that is one file. */
  readonly path: readonly string[]
  /** Bytes. */
  readonly length: number
  readonly isExecutable: boolean
}

/** A file, or the padding behind one (BEP 47), at its place in the byte space in which pieces are counted. */
export interface PlacedFile {
  /** Index in the list that was given; -1: padding. */
  readonly index: number
  readonly offset: number
  readonly length: number
}

export interface PiecePlan {
  readonly placed: readonly PlacedFile[]
  /** Bytes that pieces cover: v1 padding counts, gaps at the end of a v2-only torrent do not. */
  readonly spaceLength: number
  readonly pieceCount: number
}

const PIECE_LENGTH_MIN = 16 * 1024
const PIECE_LENGTH_MAX = 64 * 1024 * 1024
const CHOSEN_MAX = 16 * 1024 * 1024
const PIECES_WANTED = 2048

/**
 * Piece length for a torrent whose maker has no wish, in bytes: the smallest power of two from 16 KiB to 16 MiB that gives at
 * most 2,048 pieces, and so more than 1,024 of them between 16 MiB and 32 GiB. Fewer pieces make it long until the first can be
 * shared; more of them make the .torrent large.
 */
export function chosenPieceLength(totalLength: number): number {
  let length = PIECE_LENGTH_MIN
  while (length < CHOSEN_MAX && totalLength > length * PIECES_WANTED) length *= 2
  return length
}

/** Whether BEP 52 and other clients can do with it: a power of two from 16 KiB to 64 MiB. */
export const isPieceLength = (length: number): boolean =>
  length >= PIECE_LENGTH_MIN && length <= PIECE_LENGTH_MAX && Number.isInteger(Math.log2(length))

/**
 * The order of a torrent's files: that of the file tree (BEP 52), element by element, by bytes of UTF-8. v1 torrents have it, too:
 * the same folder gives the same infohash, whatever order a disk lists it in.
 */
export function inTorrentOrder<File extends Pick<SourceFile, 'path'>>(files: readonly File[]): File[] {
  const keyed = files.map(file => ({ file, key: file.path.map(utf8) }))
  return keyed.sort((a, b) => comparePaths(a.key, b.key)).map(({ file }) => file)
}

function comparePaths(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compareBytes(a[at]!, b[at]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = a[at]! - b[at]!
    if (order !== 0) return order
  }
  return a.length - b.length
}

/**
 * Where files lie. In v1 one behind the other. In v2 each begins a piece; a hybrid fills what is between with padding for its v1
 * side, behind the last file, too (else the last piece would have another length in v1 than its place in v2 suggests; libtorrent
 * does the same), but not where there is one file only.
 * @param files in torrent order
 */
export function placeFiles(files: readonly SourceFile[], kind: TorrentKind, pieceLength: number): PiecePlan {
  const placed: PlacedFile[] = []
  let end = 0
  let pieceCount = 0
  for (const [index, { length }] of files.entries()) {
    const offset = kind === 'v2' && length > 0 ? Math.ceil(end / pieceLength) * pieceLength : end
    placed.push({ index, offset, length })
    end = offset + length
    pieceCount += Math.ceil(length / pieceLength)
    const gap = (pieceLength - (length % pieceLength)) % pieceLength
    if (kind !== 'hybrid' || files.length === 1 || length === 0 || gap === 0) continue
    placed.push({ index: -1, offset: end, length: gap })
    end += gap
  }
  return { placed, spaceLength: end, pieceCount: kind === 'v1' ? Math.ceil(end / pieceLength) : pieceCount }
}
