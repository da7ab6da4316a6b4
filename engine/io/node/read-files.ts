import { close, constants, fstat, open, read, type Stats } from 'node:fs'
import { lstat, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { NO_FILE } from '../piece-disk.ts'
import type { JobSpan, NodeFileSet } from './file-set.ts'
import { diskError, diskFailure } from './disk-error.ts'
import { plain } from './plain.ts'

const openAsync = promisify(open)
const fstatAsync: (fd: number) => Promise<Stats> = promisify(fstat)
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

interface OpenFile {
  readonly fd: Promise<number>
  users: number
  isDoomed: boolean
}

/**
 * Reads for upload, in the thread pool of Node: they must not wait behind the writes of the disk worker.
 * Keeps the files used last open.
 */
export class ReadFiles {
  readonly #most: number
  /** Per set and file, least recently used first. */
  readonly #open = new Map<string, OpenFile>()

  constructor(most: number) {
    this.#most = most
  }

  /** @throws EngineError DISK_CHANGED when a file ends too early */
  async read(set: NodeFileSet, spans: readonly JobSpan[]): Promise<Uint8Array> {
    let length = 0
    for (const span of spans) length += span.length
    // Not zeroed first: it is handed out only when every byte of it was read.
    const bytes = Buffer.allocUnsafeSlow(length)
    let at = 0
    for (const span of spans) {
      if (span.file === NO_FILE) bytes.fill(0, at, at + span.length)
      else await this.#readSpan(set, span, bytes, at)
      at += span.length
    }
    return plain(bytes)
  }

  /** Closes what is open of a set, as soon as it is not being read. */
  forget(set: NodeFileSet): void {
    for (const [key, file] of this.#open) {
      if (!key.startsWith(`${set.id}:`)) continue
      this.#open.delete(key)
      closeWhenUnused(file)
    }
  }

  forgetAll(): void {
    for (const file of this.#open.values()) closeWhenUnused(file)
    this.#open.clear()
  }

  async #readSpan(set: NodeFileSet, span: JobSpan, bytes: Uint8Array, at: number): Promise<void> {
    const path = join(set.layout.root, span.path)
    const file = this.#use(set, span, path)
    try {
      const fd = await file.fd
      for (let done = 0; done < span.length;) {
        const count = await readOnce(fd, bytes, at + done, span.length - done, span.offset + done)
        if (count === 0) throw diskFailure('SHORT', 'read', path, 'disk')
        done += count
      }
    } catch (thrown) {
      throw diskError(thrown, 'read', path, 'disk')
    } finally {
      file.users--
      if (file.isDoomed && file.users === 0) closeWhenUnused(file)
    }
  }

  #use(set: NodeFileSet, span: JobSpan, path: string): OpenFile {
    const key = `${set.id}:${span.file}`
    let file = this.#open.get(key)
    if (file) this.#open.delete(key)
    else {
      file = { fd: openSafely(set.layout.root, path), users: 0, isDoomed: false }
      const opening = file
      opening.fd.catch(() => {
        if (this.#open.get(key) === opening) this.#open.delete(key)
      })
    }
    file.users++
    this.#open.set(key, file)
    for (const [oldest, other] of this.#open) {
      if (this.#open.size <= this.#most) break
      this.#open.delete(oldest)
      closeWhenUnused(other)
    }
    return file
  }
}

/** Without a promise per read from `promisify`, whose result object would be one allocation more. */
function readOnce(fd: number, bytes: Uint8Array, at: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, bytes, at, length, position, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

function closeWhenUnused(file: OpenFile): void {
  file.isDoomed = true
  if (file.users > 0) return
  file.fd.then(
    fd => close(fd, () => undefined),
    () => undefined,
  )
}

/** A plain file that no link below the root leads to. */
async function openSafely(root: string, path: string): Promise<number> {
  const realRoot = await realpath(root).catch((thrown: unknown) => {
    throw diskFailure('ROOT_MISSING', 'use', root, 'disk', thrown)
  })
  const folder = dirname(path)
  const isHome = (await realpath(folder)) === join(realRoot, folder.slice(join(root, '.').length))
  if (!isHome) throw diskFailure('UNSAFE', 'open', path, 'disk')
  if (constants.O_NOFOLLOW === undefined && (await lstat(path)).isSymbolicLink()) {
    throw diskFailure('UNSAFE', 'open', path, 'disk')
  }
  const fd = await openAsync(path, FLAGS)
  if ((await fstatAsync(fd)).isFile()) return fd
  close(fd, () => undefined)
  throw diskFailure('UNSAFE', 'open', path, 'disk')
}
