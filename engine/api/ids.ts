/** Identity of a torrent for every face: its v1 infohash (40 hex digits), or the v2 one (64) when it has no v1 side. Lower case. */
export type TorrentId = string
/** Position in the torrent's own file list, padding files counted. */
export type FileIndex = number
