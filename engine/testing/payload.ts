/** Torrents with data of noise, on a real disk. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { toHex } from '#engine/base/ids.ts'
import { makeTorrent } from './sim-torrent.ts'

/** Path below a folder, with `/`, to SHA-256 in hex. */
export type Tree = Readonly<Record<string, string>>

export interface Payload {
  readonly name: string
  /** Hex. */
  readonly infohash: string
  readonly magnet: string
  /** The .torrent, and the same with trackers where they were given. */
  readonly torrent: string
  /** What a client calls its save path; everything is there. */
  readonly folder: string
  /** Bytes. */
  readonly size: number
  readonly tree: Tree
}

export interface PayloadOptions {
  /** Path to length; '' for a torrent of one file. */
  readonly files: Readonly<Record<string, number>>
  readonly pieceLength?: number
  readonly trackers?: readonly string[]
  readonly isPrivate?: boolean
}

/** A temporary folder, with everything of one test file in it. */
export class Workshop {
  readonly path = mkdtempSync(join(tmpdir(), 'freshet-test-'))
  #folders = 0

  /** An empty folder of its own. */
  folder(name = 'folder'): string {
    const path = join(this.path, `${name}-${this.#folders++}`)
    mkdirSync(path)
    return path
  }

  /** The same name and options give the same bytes, and so the same infohash. */
  payload(name: string, { files, ...options }: PayloadOptions): Payload {
    const folder = this.folder(name)
    const parts = Object.entries(files).map(([path, length]) => {
      const bytes = noise(`${name}/${path}`, length)
      const file = join(folder, name, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, bytes)
      return { path: path === '' ? [] : path.split('/'), bytes }
    })
    const { metainfo, bytes, payload } = makeTorrent(name, parts, options)
    const torrent = join(this.path, `${name}-${this.#folders++}.torrent`)
    writeFileSync(torrent, bytes)
    const infohash = toHex(metainfo.infoHashV1!)
    const query = [`xt=urn:btih:${infohash}`, `dn=${encodeURIComponent(name)}`]
    for (const tracker of options.trackers ?? []) query.push(`tr=${encodeURIComponent(tracker)}`)
    const magnet = `magnet:?${query.join('&')}`
    return { name, infohash, magnet, torrent, folder, size: payload.length, tree: readTree(folder) }
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

export function readTree(folder: string): Tree {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const digests = files.map(file => {
    const path = join(file.parentPath, file.name)
    const digest = createHash('sha256').update(readFileSync(path)).digest('hex')
    return [relative(folder, path).replaceAll(sep, '/'), digest] as const
  })
  return Object.fromEntries(digests.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Bytes that no two pieces share, told by their seed. */
function noise(seed: string, length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0)
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(seed).digest())
}

/** A tree without the files that have no bytes. */
export const withoutEmpty = (tree: Tree): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([, digest]) => digest !== EMPTY))

const EMPTY = createHash('sha256').digest('hex')
