import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { parseMetainfo } from './metainfo.ts'
import { foldName } from './safe-path.ts'
import type { Metainfo } from './types.ts'
import { inspectView } from './view.ts'

interface Facts {
  infohash_v1: string | null
  infohash_v2: string | null
  name: string
  piece_length: number
  num_pieces: number
  num_files: number
  num_pad_files: number
  total_size: number
  private: boolean
  num_trackers: number
  web_seeds: number
  dht_nodes: number
  trackers_first3?: string[]
  web_seed_first?: string
  comment?: string
  creation_date?: number
  executables?: number
  symlinks?: [string, string][]
  'first_paths_as_libtorrent_2.0.8_sanitises'?: string[]
}
interface Entry extends Partial<Facts> {
  file: string
  expected: 'ok' | 'error' | 'either' | 'reject' | 'safe'
  facts?: Facts
  payload?: { files: [string, number][] }
  'libtorrent_2.0.8'?: { infohash_v1?: string | null; infohash_v2?: string | null }
}

function entriesOf(folder: string): (Entry & { path: string })[] {
  const manifest = sharedData(`fixtures/${folder}/MANIFEST.json`)
  if (!manifest) return []
  const { files } = JSON.parse(readFileSync(manifest, 'utf8')) as { files: Entry[] }
  return files.map(entry => ({ ...entry, path: manifest.replace('MANIFEST.json', entry.file) }))
}

const all = [...entriesOf('torrents'), ...entriesOf('generated')]

/** What we answer differently, and why. */
const exceptions: Record<string, 'refused'> = {
  // Its layer does not hash to its root, which is what makes v2_invalid_piece_layer_root and gen-v2-layers-bogus errors:
  // nothing tells the three apart. libtorrent refuses it too, when it is added instead of parsed.
  'v2_invalid_root_hash.torrent': 'refused',
}
const isAccepted = ({ expected, file }: Entry) => expected === 'ok' && exceptions[file] === undefined
const isRefused = ({ expected, file }: Entry) =>
  expected === 'error' || expected === 'reject' || exceptions[file] === 'refused'

const parse = (path: string): Metainfo => parseMetainfo(readFileSync(path), nodeHashes)

const refusal = expect.objectContaining({
  code: expect.stringMatching(/^(BENCODE|METAINFO)_/) as string,
  blame: 'input',
}) as Error

const count = ({ files }: Metainfo, attribute: 'padding' | 'executable' | 'symlink') =>
  Array.from({ length: files.count }, (_, index) => files.attributes(index)).filter(attributes => attributes[attribute])
    .length

test.skipIf(all.length === 0)('finds the manifests whole', () => {
  expect(all.length).toBeGreaterThan(190)
})

test.skipIf(all.length === 0).each(all.filter(isAccepted))(
  'reads $file as libtorrent does',
  ({ path, facts, ...entry }) => {
    // Entries made with a payload have their facts in the entry; the other accepted ones are described by an infohash.
    const expected: Partial<Facts> = facts ?? (entry.payload ? entry : { ...entry['libtorrent_2.0.8'] })
    const metainfo = parse(path)
    const view = inspectView(metainfo)
    const found: Required<Omit<Facts, 'symlinks' | 'first_paths_as_libtorrent_2.0.8_sanitises'>> = {
      infohash_v1: view.infohashV1,
      infohash_v2: view.infohashV2,
      name: view.name!,
      piece_length: view.pieceLength!,
      num_pieces: view.pieceCount!,
      num_files: view.files.length,
      // v2 has no padding files; libtorrent makes them up.
      num_pad_files: metainfo.kind === 'v2' ? (expected.num_pad_files ?? 0) : count(metainfo, 'padding'),
      total_size: view.totalSize!,
      private: view.private,
      num_trackers: view.trackers.length,
      web_seeds: view.webSeeds.length,
      dht_nodes: metainfo.nodes.length,
      trackers_first3: view.trackers.slice(0, 3),
      web_seed_first: view.webSeeds[0]!,
      comment: view.comment?.slice(0, 80) ?? '',
      creation_date: view.creationDate ?? 0,
      executables: count(metainfo, 'executable'),
    }
    const compared = Object.fromEntries(
      Object.keys(found).flatMap(key => {
        const value = expected[key as keyof Facts]
        return value === undefined ? [] : [[key, value]]
      }),
    )
    expect(found).toMatchObject(compared)
    expect(Object.keys(compared).length).toBeGreaterThan(facts ? 10 : 1)
    expect(count(metainfo, 'symlink')).toBe(expected.symlinks?.length ?? count(metainfo, 'symlink'))
    const paths = expected['first_paths_as_libtorrent_2.0.8_sanitises'] ?? []
    const real = paths.filter(file => !/\.pad\/|padding_file_?/.test(file))
    expect(view.files.slice(0, real.length).map(file => file.path)).toEqual(real)
  },
)

test.skipIf(all.length === 0).each(all.filter(entry => entry.payload !== undefined))(
  'lists the files of $file',
  ({ path, payload }) => {
    const view = inspectView(parse(path))
    const bare = view.files.map(({ path: file, length }) => [file.split('/').slice(1).join('/') || file, length])
    expect(new Map(bare as [string, number][])).toEqual(new Map(payload!.files))
  },
)

test.skipIf(all.length === 0).each(all.filter(isRefused))('refuses $file', ({ path }) => {
  expect(() => parse(path)).toThrow(refusal)
})

/** The torrent, or `undefined` when it is refused in the way of refusals. */
function parseIfAccepted(path: string): Metainfo | undefined {
  try {
    return parse(path)
  } catch (error) {
    if (error instanceof EngineError && error.blame === 'input') return undefined
    throw error
  }
}

const forbidden = /^$|^\.\.?$|[. ]$|[/\\<>:"|?*\p{Cc}\u202a-\u202e]|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu

test.skipIf(all.length === 0).each(all)('keeps every path of $file inside, on every system', ({ path }) => {
  const files = parseIfAccepted(path)?.files
  const paths = Array.from({ length: files?.count ?? 0 }, (_, index) => files!.path(index))
  const elements = paths.flatMap(file => file.split('/'))
  expect(elements.filter(element => forbidden.test(element) || utf8(element).length > 240)).toEqual([])
  expect(new Set(paths.map(file => file.split('/').map(foldName).join('/'))).size).toBe(paths.length)
})

test.skipIf(all.length === 0).each(all.filter(({ expected }) => expected === 'safe' || expected === 'either'))(
  'takes the infohash of $file from its bytes as they stand, if at all',
  ({ path, 'libtorrent_2.0.8': libtorrent }) => {
    const metainfo = parseIfAccepted(path)
    const view = metainfo && inspectView(metainfo)
    const expected = { infohashV1: libtorrent?.infohash_v1, infohashV2: libtorrent?.infohash_v2 }
    const found = { infohashV1: view?.infohashV1, infohashV2: view?.infohashV2 }
    // Refused by either of the two, there is nothing to compare.
    expect(found).toEqual(view && libtorrent?.infohash_v1 !== undefined ? expected : found)
  },
)
