import type { DetailFrame, DetailPart } from '#engine/api/frame.ts'
import {
  PIECE,
  type FileEntry,
  type PeerRow,
  type PieceInfo,
  type StatsRow,
  type TorrentRow,
  type TrackerRow,
} from '#engine/api/model.ts'

const PIECE_LENGTH = 2 ** 22

/** Six files in two folders that add up to `size`. */
export function mockFiles(size: number, top: string): FileEntry[] {
  const parts: readonly (readonly [path: string, share: number])[] = [
    ['clips/part-01-of-04 hand-coloured restoration 2160p.mkv', 0.3],
    ['clips/part-02-of-04 tinted, full length 1080p.mkv', 0.25],
    ['clips/part-03-of-04 from the nitrate print 1080p.mkv', 0.25],
    ['clips/part-04-of-04 alternative ending 1080p.mkv', 0.18],
    ['metadata/booklet with essays (72 pages).pdf', 0.01],
    ['metadata/checksums.txt', 0.01],
  ]
  let at = 0
  return parts.map(([path, share], index) => {
    const length = Math.round(size * share)
    const firstPiece = Math.floor(at / PIECE_LENGTH)
    at += length
    return {
      index,
      path: `${top}/${path}`,
      length,
      firstPiece,
      lastPiece: Math.floor(Math.max(0, at - 1) / PIECE_LENGTH),
    }
  })
}

export function mockPieceInfo(piece: number): PieceInfo {
  return {
    piece,
    length: PIECE_LENGTH,
    state: PIECE.HAVE,
    availability: 12,
    files: [{ path: 'clips/part-01-of-04.mkv', from: 0, to: PIECE_LENGTH }],
    peers: ['203.0.113.41:51413', '198.51.100.9:6881'],
    peerCount: 12,
  }
}

export function mockDetail(
  row: TorrentRow,
  stats: StatsRow,
  parts: readonly DetailPart[],
  withFileList: boolean,
): DetailFrame {
  const has = (part: DetailPart) => parts.includes(part)
  const files = row.hasMetadata ? mockFiles(row.totalSize, row.name) : []
  const progress = stats[1]
  return {
    id: row.id,
    overview: has('overview')
      ? {
          id: row.id,
          webSeeds: [],
          magnet: `magnet:?xt=urn:btih:${row.id}&dn=${encodeURIComponent(row.name)}`,
          corrupt: 2 ** 21,
          redundant: 2 ** 16,
          piecesHave: Math.floor(row.pieceCount * progress),
          availability: 18.4,
          activeSeconds: 372,
          seedingSeconds: progress === 1 ? 300 : 0,
          lastActivityAt: Date.now(),
        }
      : null,
    fileList: has('files') && withFileList ? files : null,
    fileStats: has('files') ? files.map(file => [file.index, Math.round(file.length * progress), 2]) : [],
    peers: has('peers') ? mockPeers() : null,
    trackers: has('trackers') ? mockTrackers() : null,
    pieces:
      has('pieces') || has('overview')
        ? {
            pieceCount: row.pieceCount,
            states: mockStates(row.pieceCount, progress),
            changes: [],
            availability: mockAvailability(row.pieceCount),
          }
        : null,
  }
}

/** A number that looks random and is the same each time: 0..1. */
const noise = (n: number) => Math.abs(Math.sin(n * 12.9898) * 43_758.5453) % 1

const mockStates = (count: number, progress: number) =>
  Uint8Array.from({ length: count }, (_, piece) => {
    const chance = noise(Math.floor(piece / 7)) * 0.7 + noise(piece) * 0.3
    if (chance < progress) return PIECE.HAVE
    return chance < progress + 0.02 ? PIECE.ACTIVE | (Math.floor(noise(piece + 0.5) * 15) << 4) : PIECE.MISSING
  })

const mockAvailability = (count: number) =>
  Uint8Array.from({ length: count }, (_, piece) => Math.floor(noise(piece / 3) * 24))

function mockPeers(): PeerRow[] {
  const clients = ['qBittorrent 5.1.2', 'libtorrent 2.0.11', 'Transmission 4.0.6', 'Deluge 2.2.0', 'Freshet 0.1', '']
  return Array.from({ length: 25 }, (_, n) => ({
    key: `203.0.113.${n + 10}:51413`,
    address: n % 5 === 1 ? `2001:db8:4:${n}::7` : `203.0.113.${n + 10}`,
    port: 51413,
    client: clients[n % clients.length] ?? '',
    source: 'tracker',
    incoming: n % 3 === 0,
    transport: 'tcp',
    encrypted: n % 2 === 0,
    progress: n < 14 ? 1 : noise(n),
    down: n < 10 ? Math.round((11 - n) * 200_000 * noise(n)) : 0,
    up: n >= 14 && n < 18 ? 40_000 : 0,
    downloaded: n < 14 ? (25 - n) * 2 ** 24 : 0,
    uploaded: n >= 14 ? n * 2 ** 20 : 0,
    amChoking: n < 14,
    amInterested: n < 14,
    peerChoking: n >= 10,
    peerInterested: n >= 14,
    snubbed: n === 12,
    optimistic: n === 17,
    requestsOut: n < 10 ? 16 : 0,
    requestsIn: n >= 14 && n < 18 ? 4 : 0,
    connectedAt: Date.now() - n * 60_000,
    hashFails: n === 13 ? 1 : 0,
  }))
}

function mockTrackers(): TrackerRow[] {
  const none = { seeds: null, leeches: null, completed: null, peersReceived: null, lastAnnounceAt: null }
  return [
    {
      ...none,
      tier: 0,
      url: 'https://bttracker.debian.example/announce',
      host: 'bttracker.debian.example',
      state: 'working',
      nextAnnounceAt: Date.now() + 1_490_000,
      announceAllowedAt: Date.now() + 250_000,
      lastAnnounceAt: Date.now() - 310_000,
      message: '',
      seeds: 412,
      leeches: 96,
      completed: 20_114,
      peersReceived: 50,
    },
    {
      ...none,
      tier: 1,
      url: 'https://tracker.archive.example/…',
      host: 'tracker.archive.example',
      state: 'refused',
      nextAnnounceAt: Date.now() + 720_000,
      announceAllowedAt: null,
      message: 'Too many requests',
    },
  ]
}
