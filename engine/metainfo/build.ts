import { latin1, utf8 } from '#engine/base/bytes.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { toHex } from '#engine/base/ids.ts'
import { type Encodable, encode } from '#engine/bencode/encode.ts'
import { torrentFileOf } from './encode.ts'
import { MERKLE_BLOCK, MERKLE_HASH, merkleRoot } from './merkle.ts'
import type { PiecePlan, SourceFile, TorrentKind } from './piece-plan.ts'

/** What the info dictionary says, but for hashes. */
export interface InfoDraft {
  readonly name: string
  readonly kind: TorrentKind
  /** Bytes, a power of two from 16 KiB on. */
  readonly pieceLength: number
  /** In torrent order (`inTorrentOrder`). */
  readonly files: readonly SourceFile[]
  /** `placeFiles` of them. */
  readonly plan: PiecePlan
  /** BEP 27. */
  readonly private: boolean
  /** Makes infohashes of equal content differ between trackers; '' for none. */
  readonly source: string
}

/** Hashes of the pieces of a plan, in order; of the kinds that are wanted. */
export interface PieceHashes {
  /** SHA-1, 20 bytes each, padding hashed as zeros. */
  readonly v1: Uint8Array
  /**
   * Roots over the 16 KiB blocks of each piece, 32 bytes each (BEP 52). Blocks beyond the end of a file are 32 zero bytes, up to a
   * whole piece; of a file that is one piece, up to a power of two only: it is the root of that file.
   */
  readonly v2: Uint8Array
}

export interface BuiltInfo {
  /** The info dictionary in canonical bencode. */
  readonly infoBytes: Uint8Array
  /** Of files longer than a piece, by hex root; empty for v1. */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>
}

/** Around the info dictionary. */
export interface TorrentExtras {
  /** BEP 12 tiers. */
  readonly trackers: readonly (readonly string[])[]
  /** BEP 19. */
  readonly webSeeds: readonly string[]
  readonly comment: string
  readonly createdBy: string
  /** Seconds since 1970. */
  readonly creationDate: number | null
}

/** The info dictionary of a v1, v2 or hybrid torrent (BEP 3, 27, 47, 52). */
export function buildInfo(draft: InfoDraft, pieces: PieceHashes, hashes: Hashes): BuiltInfo {
  const { name, kind, pieceLength, files } = draft
  const pieceLayers = new Map<string, Uint8Array>()
  const roots = kind === 'v1' ? [] : rootsOf(draft, pieces.v2, pieceLayers, hashes)
  const infoBytes = encode({
    ...(kind === 'v2' ? {} : filesV1(draft)),
    ...(kind === 'v1' ? {} : { 'meta version': 2, 'file tree': fileTree(name, files, roots) }),
    name,
    'piece length': pieceLength,
    pieces: kind === 'v2' ? undefined : pieces.v1,
    private: draft.private ? 1 : undefined,
    source: draft.source || undefined,
  })
  return { infoBytes, pieceLayers }
}

/** A whole .torrent file. */
export const buildTorrent = (info: BuiltInfo, extras: TorrentExtras): Uint8Array =>
  torrentFileOf({ ...info, ...extras })

const attributesOf = ({ isExecutable }: SourceFile): string | undefined => (isExecutable ? 'x' : undefined)

function filesV1({ files, plan }: InfoDraft): { readonly [key: string]: Encodable | undefined } {
  const [first] = files
  if (first?.path.length === 0) return { attr: attributesOf(first), length: first.length }
  return {
    files: plan.placed.map(({ index, length }) => {
      const file = files[index]
      return file
        ? { attr: attributesOf(file), length, path: file.path }
        : { attr: 'p', length, path: ['.pad', String(length)] }
    }),
  }
}

/** Root per file, none for empty ones; the layers of the long ones are added to `layers`. */
function rootsOf(
  { files, pieceLength }: InfoDraft,
  v2: Uint8Array,
  layers: Map<string, Uint8Array>,
  hashes: Hashes,
): (Uint8Array | undefined)[] {
  const height = Math.log2(pieceLength / MERKLE_BLOCK)
  let at = 0
  return files.map(({ length }) => {
    if (length === 0) return undefined
    const layer = v2.subarray(at, (at += Math.ceil(length / pieceLength) * MERKLE_HASH))
    if (length <= pieceLength) return layer
    const root = merkleRoot(layer, height, hashes)
    layers.set(toHex(root), layer)
    return root
  })
}

type Tree = Map<string, Tree | Encodable>

/** Keys are UTF-8 in latin1, as `encode` takes them. */
function fileTree(name: string, files: readonly SourceFile[], roots: readonly (Uint8Array | undefined)[]): Encodable {
  const top: Tree = new Map()
  for (const [index, file] of files.entries()) {
    const elements = file.path.length > 0 ? file.path : [name]
    let folder = top
    for (const element of elements) {
      const key = latin1(utf8(element))
      const known = folder.get(key)
      const next: Tree = known instanceof Map ? known : new Map()
      folder.set(key, next)
      folder = next
    }
    folder.set('', { attr: attributesOf(file), length: file.length, 'pieces root': roots[index] })
  }
  return top
}
