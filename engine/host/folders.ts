import { constants } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { FolderInfo } from '#engine/api/commands.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Io } from '#engine/io/io.ts'

const ENTRIES_SHOWN = 2_000

/** What can be told of a folder before anything is put there. */
export async function folderInfo(io: Io, path: string): Promise<FolderInfo> {
  refuseRelative(path)
  const space = await io.files.space(path).catch(() => undefined)
  return {
    path,
    exists: await isFolder(path),
    writable: await isWritable(path),
    free: space?.free ?? null,
    total: space?.total ?? null,
  }
}

/** A folder that does not exist is writable where its nearest parent is. */
async function isWritable(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found)
      return (
        found.isDirectory() &&
        (await access(at, constants.W_OK).then(
          () => true,
          () => false,
        ))
      )
    if (dirname(at) === at) return false
  }
}

/** Folders inside a folder, for a browser that has no native dialog. Files are not told. */
export async function listFolders(
  path: string,
): Promise<{ path: string; parent: string | null; folders: readonly string[] }> {
  refuseRelative(path)
  const here = resolve(path)
  const entries = await readdir(here, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    const isAbsent = error.code === 'ENOENT' || error.code === 'ENOTDIR'
    const why =
      error.code === 'ENOENT' ? 'does not exist' : error.code === 'ENOTDIR' ? 'is not a folder' : 'cannot be opened'
    throw new EngineError(isAbsent ? 'DISK_MISSING' : 'DISK_DENIED', 'disk', `${here} ${why}. Choose another folder.`)
  })
  const shown = entries
    .filter(entry => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, ENTRIES_SHOWN)
  const folders: string[] = []
  for (const entry of shown) {
    if (entry.isDirectory() || (await isFolder(join(here, entry.name)))) folders.push(entry.name)
  }
  const parent = dirname(here)
  return { path: here, parent: parent === here ? null : parent, folders }
}

/** Behind a link, too: people keep their downloads on other drives. */
const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false

function refuseRelative(path: string): void {
  if (!isAbsolute(path) || path.includes('\0'))
    throw new EngineError('INVALID_INPUT', 'input', `"${path}" is not a whole path.`)
}
