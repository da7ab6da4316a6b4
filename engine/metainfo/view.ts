import { toHex } from '#engine/base/ids.ts'
import type { Magnet, Metainfo } from './types.ts'

/** What `inspect --json` prints: everything that a torrent or a magnet link says about itself. `null` is unknown or absent. */
export interface InspectView {
  readonly kind: 'v1' | 'v2' | 'hybrid'
  /** Hex, lower case. */
  readonly infohashV1: string | null
  readonly infohashV2: string | null
  readonly name: string | null
  /** Bytes without padding. */
  readonly totalSize: number | null
  readonly pieceLength: number | null
  readonly pieceCount: number | null
  /** In torrent order, without padding; safe relative paths. */
  readonly files: readonly { readonly path: string; readonly length: number }[]
  /** In tier order, those that we cannot use included. */
  readonly trackers: readonly string[]
  readonly webSeeds: readonly string[]
  readonly private: boolean
  readonly comment: string | null
  readonly createdBy: string | null
  /** Seconds since 1970. */
  readonly creationDate: number | null
}

export function inspectView(metainfo: Metainfo): InspectView {
  const { files } = metainfo
  return {
    kind: metainfo.kind,
    infohashV1: hexOf(metainfo.infoHashV1),
    infohashV2: hexOf(metainfo.infoHashV2),
    name: metainfo.name,
    totalSize: metainfo.totalSize,
    pieceLength: metainfo.pieceLength,
    pieceCount: metainfo.pieceCount,
    files: Array.from({ length: files.count }, (_, index) => index)
      .filter(index => !files.attributes(index).padding)
      .map(index => ({ path: files.path(index), length: files.lengths[index]! })),
    trackers: metainfo.listed?.trackers ?? metainfo.trackers.flat(),
    webSeeds: metainfo.listed?.webSeeds ?? metainfo.webSeeds,
    private: metainfo.private,
    comment: metainfo.comment || null,
    createdBy: metainfo.createdBy || null,
    creationDate: metainfo.creationDate,
  }
}

export function inspectMagnet(magnet: Magnet): InspectView {
  return {
    kind: magnet.infoHashV1 && magnet.infoHashV2 ? 'hybrid' : magnet.infoHashV2 ? 'v2' : 'v1',
    infohashV1: hexOf(magnet.infoHashV1),
    infohashV2: hexOf(magnet.infoHashV2),
    name: magnet.name || null,
    totalSize: null,
    pieceLength: null,
    pieceCount: null,
    files: [],
    trackers: magnet.trackers,
    webSeeds: magnet.webSeeds,
    private: false,
    comment: null,
    createdBy: null,
    creationDate: null,
  }
}

const hexOf = (hash: Uint8Array | null): string | null => hash && toHex(hash)
