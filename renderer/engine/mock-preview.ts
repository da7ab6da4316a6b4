import type { TorrentPreview, TorrentSource } from '#engine/api/commands.ts'
import { ApiError } from '#engine/api/failures.ts'
import type { FileEntry } from '#engine/api/model.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const PIECE_LENGTH = 4 * MIB

const SHORTS: readonly (readonly [path: string, bytes: number])[] = [
  ['1902–1912 Georges Méliès/A Trip to the Moon (1902) hand-coloured restoration 2160p.mkv', 3.1 * GIB],
  ['1902–1912 Georges Méliès/The Impossible Voyage (1904) tinted, full length 1080p.mkv', 2.4 * GIB],
  ['1902–1912 Georges Méliès/The Conquest of the Pole (1912) from nitrate print 1080p.mkv', 2.4 * GIB],
  ['1916–1922 Slapstick/The Rink (1916) Mutual comedy, new score 1080p.mkv', 2.2 * GIB],
  ['1916–1922 Slapstick/One Week (1920) Keaton, 4K scan of the camera negative.mkv', 4.9 * GIB],
  ['1916–1922 Slapstick/Cops (1922) Keaton, alternative ending from the Danish print.mkv', 4.1 * GIB],
  ['1916–1922 Slapstick/The Paleface (1922) Keaton, 1080p with intertitles.mkv', 3 * GIB],
  ['1924–1929 Avant-garde/Ballet mécanique (1924) with the Antheil score 1080p.mkv', 2.6 * GIB],
  ['1924–1929 Avant-garde/Rain (1929) Joris Ivens, restored 2160p.mkv', 3.9 * GIB],
  ['1924–1929 Avant-garde/Un chien andalou (1929) 1080p, Spanish intertitles.mkv', 2.3 * GIB],
  ['Booklet with essays and restoration notes (72 pages).pdf', 118 * MIB],
  ['Checksums and licence statements, all shorts.txt', 14 * 1024],
]

/** Bytes that read as a word stand for a case: "#…" no torrent, "cut" cut off, "huge" 100,000 files, "here" a duplicate, "odd" refused. */
export function mockPreview(source: TorrentSource, firstId: string): TorrentPreview {
  if (source.kind === 'magnet') return magnetPreview(source.uri)
  const word = source.kind === 'bytes' ? new TextDecoder().decode(source.bytes.subarray(0, 64)).trim() : source.url
  if (word.startsWith('#')) {
    throw new ApiError({ code: 'BENCODE_SYNTAX', message: 'Not a torrent: it begins with “#”', offset: 0 })
  }
  if (word === 'cut') throw new ApiError({ code: 'BENCODE_TRUNCATED', message: 'The file is cut off', offset: 41_902 })
  const name = word === 'huge' ? 'imagenet-sketch, every picture' : word === '' ? 'Silent Film Shorts 1902–1929' : word
  const files = entries(word === 'huge' ? hugeList() : SHORTS, name)
  const id = word === 'here' ? firstId : hashOf(word)
  return {
    ...blankPreview(id, name),
    kind: 'hybrid',
    infohashV2: id.slice(0, 32).repeat(2),
    hasMetadata: true,
    totalSize: files.reduce((sum, file) => sum + file.length, 0),
    pieceCount: (files.at(-1)?.lastPiece ?? 0) + 1,
    files,
    comment: 'Public domain collection',
    createdBy: 'mktorrent 1.1',
    creationDate: 1_790_700_000,
    duplicate: word === 'here',
    warnings: word === 'warn' ? ['2 names were too long for this system and are shortened.'] : [],
    refusal: word === 'odd' ? 'Its pieces are 3 GiB long, more than Freshet can hold.' : null,
  }
}

const hugeList = () =>
  Array.from({ length: 100_000 }, (_, n): readonly [string, number] => [
    `n0${1_440_764 + Math.floor(n / 100) * 13}/sketch_${n}.JPEG`,
    40_000 + ((n * 7919) % 90_000),
  ])

function entries(list: readonly (readonly [path: string, bytes: number])[], top: string): FileEntry[] {
  let at = 0
  return list.map(([path, bytes], index) => {
    const length = Math.round(bytes)
    const firstPiece = Math.floor(at / PIECE_LENGTH)
    at += length
    const lastPiece = Math.floor(Math.max(0, at - 1) / PIECE_LENGTH)
    return { index, path: `${top}/${path}`, length, firstPiece, lastPiece }
  })
}

function magnetPreview(uri: string): TorrentPreview {
  const query = new URLSearchParams(uri.slice(uri.indexOf('?') + 1))
  const id = (/urn:btih:([0-9a-f]{40})/i.exec(uri)?.[1] ?? hashOf(uri)).toLowerCase()
  return { ...blankPreview(id, query.get('dn') ?? id), trackers: query.getAll('tr').map(tracker => [tracker]) }
}

const blankPreview = (id: string, name: string): TorrentPreview => ({
  id,
  name,
  kind: 'v1',
  infohashV1: id,
  infohashV2: null,
  hasMetadata: false,
  totalSize: 0,
  pieceLength: PIECE_LENGTH,
  pieceCount: 0,
  files: [],
  trackers: [['https://tracker.archive.example/announce'], ['udp://tracker.linux.example:1337/announce']],
  webSeeds: [],
  private: false,
  comment: '',
  createdBy: '',
  creationDate: null,
  duplicate: false,
  warnings: [],
  refusal: null,
})

/** Another id for another word; not a hash of anything. */
function hashOf(word: string): string {
  let state = 0xbeef
  for (const letter of word) state = (state * 31 + (letter.codePointAt(0) ?? 0)) % 0xffffffff
  return state.toString(16).padStart(8, '0').repeat(5)
}
