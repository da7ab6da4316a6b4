import type { FileEntry, FileStats, FilePriority, PeerRow, PieceInfo, TrackerRow } from '#engine/api/model.ts'
import { PIECE, PIECE_ARRIVED_SHIFT, PIECE_FAILED_BIT } from '#engine/api/model.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import type { TrackerStatus } from '#engine/tracker/announcer.ts'
import type { Content } from './content.ts'
import type { Crew } from './crew.ts'

/** Pure derivations of what faces show. */

export function fileEntries(content: Content): FileEntry[] {
  const { files } = content.metainfo
  const entries: FileEntry[] = []
  for (let index = 0; index < files.count; index++) {
    if (files.attributes(index).padding) continue
    const pieces = content.spans.piecesOf(index)
    entries.push({
      index,
      path: files.path(index),
      length: files.lengths[index]!,
      firstPiece: pieces?.first ?? -1,
      lastPiece: pieces?.last ?? -1,
    })
  }
  return entries
}

export function fileStatsOf(content: Content): FileStats[] {
  const { files } = content.metainfo
  const stats: FileStats[] = []
  for (let index = 0; index < files.count; index++) {
    if (files.attributes(index).padding) continue
    stats.push([index, content.doneOf(index), content.priorities[index] as FilePriority])
  }
  return stats
}

export function peerRowOf(peer: PeerSession, crew: Crew, now: number, wall: number): PeerRow {
  const { field } = peer
  return {
    key: peer.key,
    address: peer.endpoint.address,
    port: peer.endpoint.port,
    client: peer.client,
    source: peer.source,
    incoming: peer.incoming,
    transport: 'tcp',
    encrypted: peer.isEncrypted,
    progress: peer.isSeed ? 1 : field && field.length > 0 ? field.count / field.length : 0,
    down: peer.downRate(now),
    up: peer.upRate(now),
    downloaded: peer.downMeter.total,
    uploaded: peer.upMeter.total,
    amChoking: peer.amChoking,
    amInterested: peer.amInterested,
    peerChoking: peer.peerChoking,
    peerInterested: peer.peerInterested,
    snubbed: peer.isSnubbed,
    optimistic: crew.optimistic === peer,
    requestsOut: peer.window.inFlight,
    requestsIn: peer.uploads.length,
    connectedAt: Math.round(wall - (now - peer.connectedAt)),
    hashFails: peer.hashFails,
  }
}

export function trackerRowOf(status: TrackerStatus): TrackerRow {
  return {
    tier: status.tier,
    url: status.url,
    host: status.host,
    state: status.state,
    nextAnnounceAt: status.nextAt,
    announceAllowedAt: status.allowedAt,
    lastAnnounceAt: status.lastAt,
    message: status.message,
    seeds: status.seeds,
    leeches: status.leeches,
    completed: status.completed,
    peersReceived: status.peersReceived,
  }
}

/** One byte of the piece map (`PIECE`). */
function pieceByte(content: Content, piece: number): number {
  const { picker } = content
  const state = picker.stateOf(piece)
  let byte = state
  if (state !== PIECE.HAVE && picker.failedBefore(piece)) byte |= PIECE_FAILED_BIT
  if (state === PIECE.ACTIVE) byte |= Math.floor(picker.arrivedFraction(piece) * 15) << PIECE_ARRIVED_SHIFT
  return byte
}

export function pieceMap(content: Content): Uint8Array {
  const map = new Uint8Array(content.geometry.pieceCount)
  for (let piece = 0; piece < map.length; piece++) map[piece] = pieceByte(content, piece)
  return map
}

export function availabilityMap(content: Content): Uint8Array {
  const map = new Uint8Array(content.geometry.pieceCount)
  for (let piece = 0; piece < map.length; piece++) map[piece] = Math.min(255, content.picker.availability(piece))
  return map
}

/** Whole copies among the crew and us, plus the share of pieces that exist once more; -1 when nobody is there. */
export function copiesOf(content: Content, peers: number): number {
  if (peers === 0 && content.picker.have.isEmpty) return -1
  const { pieceCount } = content.geometry
  const { picker } = content
  let least = Infinity
  let above = 0
  for (let piece = 0; piece < pieceCount; piece++) {
    const copies = picker.availability(piece) + (picker.have.has(piece) ? 1 : 0)
    if (copies < least) [least, above] = [copies, 0]
    else if (copies > least) above++
  }
  return pieceCount === 0 ? -1 : least + above / pieceCount
}

export function pieceInfoOf(content: Content, piece: number, peers: Iterable<PeerSession>): PieceInfo {
  const { geometry, spans, metainfo } = content
  const holders: string[] = []
  let peerCount = 0
  for (const peer of peers) {
    if (!peer.field?.has(piece)) continue
    peerCount++
    if (holders.length < 20) holders.push(peer.key)
  }
  return {
    piece,
    length: geometry.pieceSize(piece),
    state: pieceByte(content, piece),
    availability: content.picker.availability(piece),
    files: spans
      .spansOf(piece, 0, geometry.pieceSize(piece))
      .filter(span => !span.padding)
      .map(span => ({ path: metainfo.files.path(span.file), from: span.offset, to: span.offset + span.length })),
    peers: holders,
    peerCount,
  }
}
