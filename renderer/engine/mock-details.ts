import type { DetailFrame, DetailPart } from '#engine/api/frame.ts'
import {
  PIECE,
  PIECE_FAILED_BIT,
  type FileEntry,
  type FilePriority,
  type PeerRow,
  type PieceInfo,
  type StatsRow,
  type TorrentRow,
  type TrackerRow,
} from '#engine/api/model.ts'

/** Some two to three thousand pieces, as people make them. */
export const pieceLengthOf = (size: number) => Math.max(2 ** 18, 2 ** Math.ceil(Math.log2(Math.max(1, size) / 3000)))

/** Six files in two folders that add up to `size`. */
function mockFiles(size: number, top: string): FileEntry[] {
  const parts: readonly (readonly [path: string, share: number])[] = [
    ['clips/part-01-of-04 hand-coloured restoration 2160p.mkv', 0.3],
    ['clips/part-02-of-04 tinted, full length 1080p.mkv', 0.25],
    ['clips/part-03-of-04 from the nitrate print 1080p.mkv', 0.25],
    ['clips/part-04-of-04 alternative ending 1080p.mkv', 0.18],
    ['metadata/booklet with essays (72 pages).pdf', 0.01],
    ['metadata/checksums.txt', 0.01],
  ]
  let at = 0
  const pieceLength = pieceLengthOf(size)
  return parts.map(([path, share], index) => {
    const length = Math.round(size * share)
    const firstPiece = Math.floor(at / pieceLength)
    at += length
    return {
      index,
      path: `${top}/${path}`,
      length,
      firstPiece,
      lastPiece: Math.floor(Math.max(0, at - 1) / pieceLength),
    }
  })
}

export function mockPieceInfo(name: string, piece: number): PieceInfo {
  const copies = copiesOf(piece)
  const from = piece * 2 ** 25
  return {
    piece,
    length: 2 ** 25,
    state: PIECE.MISSING,
    availability: copies,
    files: [{ path: `${name}/clips/part-02-of-04 tinted, full length 1080p.mkv`, from, to: from + 2 ** 25 }],
    peers: ['203.0.113.41:51413', '198.51.100.9:6881', '192.0.2.77:51413', '203.0.113.6:6881'].slice(0, copies),
    peerCount: copies,
  }
}

export function mockDetail(
  row: TorrentRow,
  stats: StatsRow,
  parts: readonly DetailPart[],
  withFileList: boolean,
  priorities: ReadonlyMap<number, FilePriority> = new Map(),
): DetailFrame {
  const has = (part: DetailPart) => parts.includes(part)
  const files = row.hasMetadata ? mockFiles(row.totalSize, row.name) : []
  const progress = stats[1]
  const doneOf = (file: FileEntry) => Math.round(file.length * fileProgress(progress, file.index))
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
    fileStats: has('files') ? files.map(file => [file.index, doneOf(file), priorities.get(file.index) ?? 2]) : [],
    peers: has('peers') ? mockPeers() : null,
    trackers: has('trackers') ? mockTrackers() : null,
    finders: has('trackers')
      ? [
          { kind: 'dht', state: 'on', peers: 6, nodes: 412 },
          { kind: 'pex', state: 'on', peers: 3, nodes: null },
          { kind: 'lsd', state: 'on', peers: 0, nodes: null },
        ]
      : null,
    pieces:
      has('pieces') || has('overview')
        ? {
            pieceCount: row.pieceCount,
            states: mockStates(row.pieceCount, progress, files, priorities),
            changes: [],
            availability: mockAvailability(row.pieceCount),
          }
        : null,
  }
}

/** A number that looks random and is the same each time: 0..1. */
const noise = (n: number) => Math.abs(Math.sin(n * 12.9898) * 43_758.5453) % 1

/** The first files are further on than the last, as in most torrents. */
const fileProgress = (progress: number, index: number) => Math.min(1, Math.max(0, progress * (2 - index * 0.45)))

function mockStates(
  count: number,
  progress: number,
  files: readonly FileEntry[],
  priorities: ReadonlyMap<number, FilePriority>,
): Uint8Array {
  const states = new Uint8Array(count)
  for (const file of files) {
    const part = fileProgress(progress, file.index)
    for (let piece = file.firstPiece; piece <= file.lastPiece; piece++) {
      if (noise(piece) < part) states[piece] = PIECE.HAVE
      else if (priorities.get(file.index) === 0) states[piece] = PIECE.SKIPPED
      else if (part > 0.1) states[piece] = busyState(piece)
    }
  }
  return states
}

function busyState(piece: number): number {
  const chance = noise(piece + 0.25)
  if (chance < 0.06) return PIECE.ACTIVE | (Math.floor(noise(piece + 0.5) * 15) << 4)
  if (chance < 0.1) return PIECE.ACTIVE
  if (chance < 0.11) return PIECE.VERIFYING
  return chance < 0.113 ? PIECE.ACTIVE | PIECE_FAILED_BIT | 0x30 : PIECE.MISSING
}

/** Neighbours are about equally rare; a few have no copy at all. */
function copiesOf(piece: number): number {
  if (noise(piece + 0.75) < 0.002) return 0
  const wave = 0.5 + 0.5 * Math.sin(piece / 41) * Math.cos(piece / 173)
  return 1 + Math.floor(wave * 34 * (0.8 + 0.2 * noise(piece)))
}

const mockAvailability = (count: number) => Uint8Array.from({ length: count }, (_, piece) => copiesOf(piece))

function mockPeers(): PeerRow[] {
  const clients = ['qBittorrent 5.1.2', 'libtorrent 2.0.11', 'Transmission 4.0.6', 'Deluge 2.2.0', 'Freshet 0.1', '']
  const addressOf = (n: number) => (n % 5 === 1 ? `2001:db8:4:${n}::7` : `203.0.113.${n + 10}`)
  return Array.from({ length: 25 }, (_, n) => ({
    key: n % 5 === 1 ? `[${addressOf(n)}]:51413` : `${addressOf(n)}:51413`,
    address: addressOf(n),
    port: 51413,
    client: clients[n % clients.length] ?? '',
    source: n % 3 === 0 ? 'incoming' : 'tracker',
    incoming: n % 3 === 0,
    transport: n % 4 === 1 ? 'utp' : 'tcp',
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
