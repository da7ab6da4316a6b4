/** The part of parse-torrent that we use: what a text means. It ships no types of its own. */
declare module 'parse-torrent' {
  const parseTorrent: (text: string | Uint8Array) => Promise<{ readonly infoHash?: string }>
  export default parseTorrent
}
