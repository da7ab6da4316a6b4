import { constants } from 'node:fs'
import { access, lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { strictText } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { SourceFile } from '#engine/metainfo/piece-plan.ts'

export interface FoundFile extends SourceFile {
  /** Whole path. */
  readonly place: string
  readonly mtimeMs: number
}

export interface LeftOut {
  /** Below the folder, with `/`; of a whole folder with one at the end. */
  readonly path: string
  readonly why: 'hidden' | 'system' | 'excluded' | 'link' | 'special'
}

export interface FoundTree {
  readonly name: string
  /** In the order of the disk. */
  readonly files: readonly FoundFile[]
  readonly leftOut: readonly LeftOut[]
}

/** What Windows leaves in folders, in lower case; what other systems leave is hidden. */
const SYSTEM_FILES: ReadonlySet<string> = new Set(['thumbs.db', 'desktop.ini'])
const UNREADABLE_NAMED = 5
const AT_ONCE = 64

/**
 * The files below a path, or the one at it. Links below it are not followed; hidden files and those of the system are left out.
 * @param excludes asked for files and folders: path below the top with `/`
 * @throws EngineError DISK_MISSING, DISK_DENIED naming what cannot be read, INVALID_INPUT for names that are not UTF-8 and for an
 *   empty folder, ABORTED
 */
export async function findFiles(
  path: string,
  excludes: (path: string) => boolean,
  signal: AbortSignal,
): Promise<FoundTree> {
  const whole = resolve(path)
  // The one link that is followed is the one that was named.
  const top = await realpath(whole).catch((thrown: unknown) => Promise.reject(unreadable(whole, thrown)))
  const name = basename(whole)
  if (name === '') throw new EngineError('INVALID_INPUT', 'input', `${whole} is a whole drive. Choose a folder in it`)
  const found = await stat(top)
  if (!found.isDirectory() && !found.isFile())
    throw new EngineError('INVALID_INPUT', 'input', `${whole} is neither a file nor a folder`)
  const walk = new Walk(excludes, signal)
  if (found.isDirectory()) await walk.folder(top, [])
  else await walk.file(top, [])
  const { files, leftOut, unreadableFiles } = walk
  if (unreadableFiles.length > 0) {
    const more = unreadableFiles.length - UNREADABLE_NAMED
    const named = unreadableFiles.toSorted().slice(0, UNREADABLE_NAMED).join(', ')
    throw new EngineError(
      'DISK_DENIED',
      'disk',
      `Cannot read ${named}${more > 0 ? ` and ${more} more` : ''}. Check the permissions, or exclude them`,
    )
  }
  if (files.every(({ length }) => length === 0)) {
    const why =
      files.length > 0 ? 'every file in it is empty' : leftOut.length > 0 ? 'everything in it was left out' : ''
    throw new EngineError('INVALID_INPUT', 'input', `There is nothing to share in ${whole}${why && `: ${why}`}`)
  }
  return { name, files, leftOut }
}

class Walk {
  readonly files: FoundFile[] = []
  readonly leftOut: LeftOut[] = []
  readonly unreadableFiles: string[] = []
  readonly #excludes: (path: string) => boolean
  readonly #signal: AbortSignal

  constructor(excludes: (path: string) => boolean, signal: AbortSignal) {
    this.#excludes = excludes
    this.#signal = signal
  }

  async folder(place: string, path: readonly string[]): Promise<void> {
    if (path.length > LIMITS.metainfo.pathDepth)
      throw new EngineError('INVALID_INPUT', 'input', `${place} lies too deep: clients refuse such paths`)
    // As bytes: a name that is not UTF-8 must not turn into another one.
    const entries = await readdir(place, { withFileTypes: true, encoding: 'buffer' }).catch((thrown: unknown) =>
      Promise.reject(unreadable(place, thrown)),
    )
    const files: string[] = []
    for (const entry of entries) {
      if (this.#signal.aborted) throw stopped()
      const name = strictText(entry.name)
      if (name === undefined)
        throw new EngineError(
          'INVALID_INPUT',
          'input',
          `A name in ${place} is not UTF-8: ${entry.name.toString('latin1')}. Rename it`,
        )
      const below = [...path, name]
      const why = this.#whyNot(name, below.join('/'), entry)
      if (why !== undefined) this.leftOut.push({ path: below.join('/') + (entry.isDirectory() ? '/' : ''), why })
      else if (entry.isDirectory()) await this.folder(join(place, name), below)
      else files.push(name)
    }
    await inBatches(files, this.#signal, name => this.file(join(place, name), [...path, name]))
  }

  async file(place: string, path: readonly string[]): Promise<void> {
    const found = await lstat(place).catch((thrown: unknown) => Promise.reject(unreadable(place, thrown)))
    const isReadable = await access(place, constants.R_OK).then(
      () => true,
      () => false,
    )
    if (!isReadable) this.unreadableFiles.push(place)
    if (this.files.length === LIMITS.metainfo.files)
      throw new EngineError('INVALID_INPUT', 'input', `More than ${LIMITS.metainfo.files} files: clients refuse that`)
    // Windows tells by the name whether a file can be run; that says nothing that the name does not.
    const isExecutable = process.platform !== 'win32' && (found.mode & constants.S_IXUSR) !== 0
    this.files.push({ place, path, length: found.size, mtimeMs: found.mtimeMs, isExecutable })
  }

  #whyNot(
    name: string,
    path: string,
    entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean },
  ): LeftOut['why'] | undefined {
    if (name.startsWith('.')) return 'hidden'
    if (SYSTEM_FILES.has(name.toLowerCase())) return 'system'
    if (this.#excludes(path)) return 'excluded'
    if (entry.isSymbolicLink()) return 'link'
    return entry.isFile() || entry.isDirectory() ? undefined : 'special'
  }
}

const stopped = () => new EngineError('ABORTED', 'disk', 'Stopped before it was done')

/** A disk answers many questions as fast as one. @throws EngineError ABORTED; what `work` rejects with */
export async function inBatches<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    if (signal.aborted) throw stopped()
    await Promise.all(items.slice(at, at + AT_ONCE).map(work))
  }
}

function unreadable(path: string, thrown: unknown): EngineError {
  const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  return errno === 'ENOENT' || errno === 'ENOTDIR'
    ? new EngineError('DISK_MISSING', 'disk', `${path} is not there`, { cause: thrown })
    : new EngineError('DISK_DENIED', 'disk', `Cannot read ${path} (${errno}). Check its permissions`, { cause: thrown })
}
