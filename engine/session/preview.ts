import type { TorrentPreview } from '#engine/api/commands.ts'
import type { FileEntry, TorrentKind } from '#engine/api/model.ts'
import { toHex } from '#engine/base/ids.ts'
import type { Magnet, Metainfo } from '#engine/metainfo/types.ts'
import { refusalOf, type Parsed } from './source.ts'

const hexOf = (hash: Uint8Array | null) => (hash ? toHex(hash) : null)

/** What the add sheet shows. */
export function previewOf(parsed: Parsed, duplicate: boolean): TorrentPreview {
  const about = parsed.kind === 'file' ? ofMetainfo(parsed.metainfo) : ofMagnet(parsed.magnet)
  return { ...about, id: parsed.id, duplicate, refusal: refusalOf(parsed) ?? null }
}

type About = Omit<TorrentPreview, 'id' | 'duplicate' | 'refusal'>

const ofMetainfo = (metainfo: Metainfo): About => ({
  name: metainfo.name,
  kind: metainfo.kind,
  infohashV1: hexOf(metainfo.infoHashV1),
  infohashV2: hexOf(metainfo.infoHashV2),
  hasMetadata: true,
  totalSize: metainfo.totalSize,
  pieceLength: metainfo.pieceLength,
  pieceCount: metainfo.pieceCount,
  files: filesOf(metainfo),
  trackers: metainfo.trackers,
  webSeeds: metainfo.webSeeds,
  private: metainfo.private,
  comment: metainfo.comment,
  createdBy: metainfo.createdBy,
  creationDate: metainfo.creationDate,
  warnings: metainfo.warnings,
})

const kindOf = (magnet: Magnet): TorrentKind =>
  magnet.infoHashV1 && magnet.infoHashV2 ? 'hybrid' : magnet.infoHashV1 ? 'v1' : 'v2'

const ofMagnet = (magnet: Magnet): About => ({
  name: magnet.name || (hexOf(magnet.infoHashV1 ?? magnet.infoHashV2) ?? ''),
  kind: kindOf(magnet),
  infohashV1: hexOf(magnet.infoHashV1),
  infohashV2: hexOf(magnet.infoHashV2),
  hasMetadata: false,
  totalSize: 0,
  pieceLength: 0,
  pieceCount: 0,
  files: [],
  trackers: magnet.trackers.map(url => [url]),
  webSeeds: magnet.webSeeds,
  private: false,
  comment: '',
  createdBy: '',
  creationDate: null,
  warnings: [],
})

function filesOf({ files, pieceLength }: Metainfo): FileEntry[] {
  const entries: FileEntry[] = []
  for (let index = 0; index < files.count; index++) {
    if (files.attributes(index).padding) continue
    const [offset, length] = [files.offsets[index]!, files.lengths[index]!]
    const firstPiece = Math.floor(offset / pieceLength)
    // An empty file lies between two bytes; it is shown in the piece where it would begin.
    const lastPiece = length === 0 ? firstPiece : Math.floor((offset + length - 1) / pieceLength)
    entries.push({ index, path: files.path(index), length, firstPiece, lastPiece })
  }
  return entries
}
