import { encode, RawBencode } from '#engine/bencode/encode.ts'
import { readDict } from '#engine/bencode/reader.ts'
import { fromHex } from '#engine/base/ids.ts'
import { latin1 } from '#engine/base/bytes.ts'
import type { Metainfo } from './types.ts'

/** What goes into a .torrent; a Metainfo will do. */
type TorrentFile = Pick<Metainfo, 'infoBytes' | 'trackers'> &
  Partial<Pick<Metainfo, 'webSeeds' | 'comment' | 'createdBy' | 'creationDate' | 'pieceLayers'>>

/** A .torrent file around a raw info dictionary, whose bytes stay what they are: so does the infohash. */
export function torrentFileOf(torrent: TorrentFile): Uint8Array {
  const { trackers, webSeeds = [], comment, createdBy, creationDate } = torrent
  const all = trackers.flat()
  const isV2 = readDict(torrent.infoBytes).has('file tree')
  return encode({
    announce: all[0],
    'announce-list': all.length > 1 ? trackers : undefined,
    comment: comment || undefined,
    'created by': createdBy || undefined,
    'creation date': creationDate ?? undefined,
    info: new RawBencode(torrent.infoBytes),
    // BEP 52 wants the key even where no file is longer than a piece.
    'piece layers': isV2 ? layersOf(torrent.pieceLayers ?? new Map()) : undefined,
    'url-list': webSeeds.length > 0 ? webSeeds : undefined,
  })
}

const layersOf = (layers: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> =>
  new Map(Array.from(layers, ([root, layer]) => [latin1(fromHex(root)!), layer]))
