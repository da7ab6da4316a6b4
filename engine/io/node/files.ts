import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, stat, statfs, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EngineError, type Blame } from '#engine/base/errors.ts'
import type { AppendFile, Files, FileStat } from '../files.ts'
import { NodeAppendFile } from './append-file.ts'
import { diskError } from './disk-error.ts'
import { lockPath } from './lock.ts'
import { errnoOf } from './net-error.ts'
import { plain } from './plain.ts'

/** Settings and state name keys and torrents: they are for their owner only. */
const OWNER_ONLY = 0o600
const BLAME: Blame = 'state'

export class NodeFiles implements Files {
  /** Writes of one path under way: the last one asked for is the one that stays. */
  readonly #writing = new Map<string, Promise<void>>()
  #written = 0

  async read(path: string, maxBytes: number): Promise<Uint8Array> {
    return await attempt('read', path, async () => {
      const file = await open(path, constants.O_RDONLY)
      try {
        const { size } = await file.stat()
        if (size > maxBytes) {
          throw new EngineError('DISK_IO', BLAME, `Cannot read ${path}: it has ${size} bytes, more than ${maxBytes}`)
        }
        return plain(await file.readFile())
      } finally {
        await file.close()
      }
    })
  }

  writeAtomic(path: string, bytes: Uint8Array): Promise<void> {
    const before = this.#writing.get(path)
    const write = () =>
      attempt('write', path, () => replace(path, `${path}.${process.pid}-${++this.#written}.tmp`, bytes))
    const done = before ? before.then(write, write) : write()
    this.#writing.set(path, done)
    const forget = () => {
      if (this.#writing.get(path) === done) this.#writing.delete(path)
    }
    done.then(forget, forget)
    return done
  }

  async openAppend(path: string): Promise<AppendFile> {
    return await attempt('open', path, async () => {
      const isNew = (await statOf(path)) === undefined
      const file = await open(path, 'a+', OWNER_ONLY)
      const { size } = await file.stat()
      if (isNew) await syncFolder(dirname(path))
      return new NodeAppendFile(file, path, size)
    })
  }

  async makeFolder(path: string): Promise<void> {
    await attempt('make the folder', path, () => mkdir(path, { recursive: true }))
  }

  async list(path: string): Promise<readonly string[]> {
    return await attempt('list', path, () => readdir(path).catch(orIfMissing<string[]>([])))
  }

  async stat(path: string): Promise<FileStat | undefined> {
    return await attempt('look at', path, () => statOf(path))
  }

  async rename(from: string, to: string): Promise<void> {
    await attempt('rename', from, async () => {
      await rename(from, to)
      await syncFolder(dirname(to))
    })
  }

  async remove(path: string): Promise<void> {
    await attempt('delete', path, () => unlink(path).catch(orIfMissing(undefined)))
  }

  async space(path: string): Promise<{ free: number; total: number }> {
    return await attempt('measure', path, async () => {
      let at = path
      while ((await statOf(at)) === undefined && dirname(at) !== at) at = dirname(at)
      const { bavail, blocks, bsize } = await statfs(at)
      return { free: bavail * bsize, total: blocks * bsize }
    })
  }

  lock(path: string): Promise<Disposable> {
    return lockPath(path)
  }
}

async function attempt<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw diskError(thrown, doing, path, BLAME)
  }
}

const orIfMissing =
  <T>(value: T) =>
  (thrown: unknown): T => {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(thrown))) return value
    throw thrown
  }

async function statOf(path: string): Promise<FileStat | undefined> {
  const found = await stat(path).catch(orIfMissing(undefined))
  if (!found) return undefined
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other'
  return { kind, size: found.size, mtimeMs: found.mtimeMs }
}

async function replace(path: string, temporary: string, bytes: Uint8Array): Promise<void> {
  let file: FileHandle | undefined
  try {
    file = await open(temporary, 'wx', OWNER_ONLY)
    await file.writeFile(bytes)
    await file.sync()
    await file.close()
    file = undefined
    await rename(temporary, path)
  } catch (thrown) {
    await file?.close().catch(() => undefined)
    await unlink(temporary).catch(() => undefined)
    throw thrown
  }
  await syncFolder(dirname(path))
}

/** Makes names durable: a file can be synced and yet be gone after a power cut, because its folder was not. */
async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders for this and journals names by itself.
  if (process.platform === 'win32') return
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } catch (thrown) {
    // Some network file systems refuse to sync a folder; there is nothing more that could be done.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(errnoOf(thrown))) throw thrown
  } finally {
    await folder.close()
  }
}
