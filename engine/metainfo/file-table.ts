import { LIMITS } from '#engine/base/limits.ts'
import { invalid, tooLarge } from './problems.ts'
import { safePaths } from './safe-path.ts'
import type { FileAttributes, FileTable } from './types.ts'

/** Bits of `flags`, after the letters of BEP 47. */
export const PADDING = 1
const EXECUTABLE = 2
const HIDDEN = 4
export const SYMLINK = 8
const HAS_ROOT = 16

/** Most path bytes that every system takes, below a download folder of ordinary length. */
const PATH_BYTES = 3_500

const combinations: readonly FileAttributes[] = Array.from({ length: 16 }, (_, flags) => ({
  padding: (flags & PADDING) !== 0,
  executable: (flags & EXECUTABLE) !== 0,
  hidden: (flags & HIDDEN) !== 0,
  symlink: (flags & SYMLINK) !== 0,
}))

/** Bits of an `attr` string (BEP 47); letters that nobody knows are left out. */
export function flagsOf(attr: Uint8Array | undefined): number {
  let flags = 0
  for (const letter of attr ?? []) {
    if (letter === 0x70) flags |= PADDING
    else if (letter === 0x78) flags |= EXECUTABLE
    else if (letter === 0x68) flags |= HIDDEN
    else if (letter === 0x6c) flags |= SYMLINK
  }
  return flags
}

/** Where the path elements of a file come from, as the torrent spells them. */
export type ElementsOf = (index: number) => readonly Uint8Array[]

/** Collects files as they are parsed; `table` makes them one FileTable. Offsets are the caller's: v1 counts on, v2 aligns. */
export class FileList {
  #lengths = new Float64Array(16)
  #offsets = new Float64Array(16)
  #flags = new Uint8Array(16)
  #roots = new Uint8Array(0)
  #count = 0
  #contentLength = 0

  get count(): number {
    return this.#count
  }

  /** Bytes that are not padding. */
  get contentLength(): number {
    return this.#contentLength
  }

  length(index: number): number {
    return this.#lengths[index]!
  }

  offset(index: number): number {
    return this.#offsets[index]!
  }

  isPadding(index: number): boolean {
    return (this.#flags[index]! & PADDING) !== 0
  }

  /** 32 bytes, a view. */
  root(index: number): Uint8Array | undefined {
    return rootAt(this.#flags, this.#roots, index)
  }

  /** @throws EngineError METAINFO_INVALID, METAINFO_LIMIT */
  add(length: number | undefined, offset: number, flags: number): void {
    if (length === undefined || length < 0) throw invalid(`file ${this.#count + 1} has no valid length`)
    if (this.#count === LIMITS.metainfo.files) throw tooLarge(`more than ${LIMITS.metainfo.files} files`)
    if (offset + length > LIMITS.metainfo.totalBytes) throw tooLarge(`more than ${LIMITS.metainfo.totalBytes} bytes`)
    if (this.#count === this.#lengths.length) this.#grow()
    this.#lengths[this.#count] = length
    this.#offsets[this.#count] = offset
    this.#flags[this.#count] = flags
    this.#count++
    if ((flags & PADDING) === 0) this.#contentLength += length
  }

  /** @param root 32 bytes, copied: it outlives the torrent file */
  setRoot(index: number, root: Uint8Array): void {
    if (this.#roots.length < this.#lengths.length * 32) {
      const roots = new Uint8Array(this.#lengths.length * 32)
      roots.set(this.#roots)
      this.#roots = roots
    }
    this.#roots.set(root, index * 32)
    this.#flags[index]! |= HAS_ROOT
  }

  /** @param topFolder safe name, '' for a single file */
  table(topFolder: string, elementsOf: ElementsOf): FileTable {
    return new Table(
      topFolder,
      this.#lengths.slice(0, this.#count),
      this.#offsets.slice(0, this.#count),
      this.#flags.slice(0, this.#count),
      this.#roots,
      elementsOf,
    )
  }

  #grow(): void {
    const room = this.#count * 2
    const lengths = new Float64Array(room)
    lengths.set(this.#lengths)
    this.#lengths = lengths
    const offsets = new Float64Array(room)
    offsets.set(this.#offsets)
    this.#offsets = offsets
    const flags = new Uint8Array(room)
    flags.set(this.#flags)
    this.#flags = flags
  }
}

/**
 * Refuses a path before it is made.
 * @param byteLength of all elements as spelled, one more for each
 * @throws EngineError METAINFO_LIMIT
 */
export function checkPath(depth: number, byteLength: number): void {
  if (depth > LIMITS.metainfo.pathDepth)
    throw tooLarge(`a file lies more than ${LIMITS.metainfo.pathDepth} folders deep`)
  if (byteLength > PATH_BYTES) throw tooLarge(`a path is longer than the ${PATH_BYTES} bytes that every system takes`)
}

/** What an element counts in `checkPath`: long ones are shortened, endless ones are not even read. */
export const pathCost = ({ length }: Uint8Array): number =>
  1 + (length > PATH_BYTES ? length : Math.min(length, LIMITS.metainfo.nameBytes))

class Table implements FileTable {
  readonly count: number
  readonly lengths: Float64Array
  readonly offsets: Float64Array
  readonly #flags: Uint8Array
  readonly #roots: Uint8Array
  readonly #topFolder: string
  #elementsOf: ElementsOf | undefined
  #paths: readonly string[] = []

  constructor(
    topFolder: string,
    lengths: Float64Array,
    offsets: Float64Array,
    flags: Uint8Array,
    roots: Uint8Array,
    elementsOf: ElementsOf,
  ) {
    this.#topFolder = topFolder
    this.count = lengths.length
    this.lengths = lengths
    this.offsets = offsets
    this.#flags = flags
    this.#roots = roots
    this.#elementsOf = elementsOf
  }

  /** All paths are made at the first call, since each depends on the ones before; the parsed torrent file is then let go. */
  path(index: number): string {
    if (this.#elementsOf) {
      this.#paths = safePaths(this.#topFolder, this.count, this.#elementsOf)
      this.#elementsOf = undefined
    }
    return this.#paths[index]!
  }

  attributes(index: number): FileAttributes {
    return combinations[this.#flags[index]! & 15]!
  }

  piecesRoot(index: number): Uint8Array | undefined {
    return rootAt(this.#flags, this.#roots, index)
  }
}

const rootAt = (flags: Uint8Array, roots: Uint8Array, index: number): Uint8Array | undefined =>
  (flags[index]! & HAS_ROOT) === 0 ? undefined : roots.subarray(index * 32, index * 32 + 32)
