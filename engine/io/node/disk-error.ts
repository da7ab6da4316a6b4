import { EngineError, type Blame, type ErrorCode } from '#engine/base/errors.ts'
import { errnoOf } from './net-error.ts'

const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['DISK_FULL', 'the disk is full. Free some space, then resume'],
  EDQUOT: ['DISK_FULL', 'your quota on this disk is used up. Free some space, then resume'],
  EACCES: ['DISK_DENIED', 'the system does not allow it. Check the permissions of the file and its folder'],
  EPERM: ['DISK_DENIED', 'the system does not allow it. Check the permissions of the file and its folder'],
  EROFS: ['DISK_READ_ONLY', 'the disk is read-only. Make it writable or choose another folder'],
  ENOENT: ['DISK_MISSING', 'it is not there. Connect its drive or put it back, then check the torrent'],
  ROOT_MISSING: ['DISK_MISSING', 'the folder is not there. Connect its drive or set the location, then resume'],
  DELETED: ['DISK_MISSING', 'it was deleted while it was in use. Check the torrent to download it again'],
  SHORT: ['DISK_CHANGED', 'it is shorter than it was. Check the torrent'],
  UNSAFE: ['PATH_UNSAFE', 'a link or something that is no plain file lies in the way. Remove it, then resume'],
  ELOOP: ['PATH_UNSAFE', 'a link lies in the way. Remove it, then resume'],
  ENOTDIR: ['PATH_UNSAFE', 'a file lies where a folder has to be. Move it away, then resume'],
  EISDIR: ['PATH_UNSAFE', 'a folder lies where a file has to be. Move it away, then resume'],
  EFBIG: ['DISK_IO', 'this disk cannot hold a file of that size. Choose another one'],
  EMFILE: ['DISK_IO', 'too many files are open. Raise the limit of open files'],
  ENFILE: ['DISK_IO', 'too many files are open. Close other programs'],
  EIO: ['DISK_IO', 'the disk reported an error. Check the disk'],
}

/** What a file operation failed with, said to a person. `errno` is the system's code or one of our own above. */
export function diskFailure(errno: string, doing: string, path: string, blame: Blame, cause?: unknown): EngineError {
  const [code, reason] = CODES[errno] ?? [
    'DISK_IO',
    `the system says ${errno === '' ? 'no more' : errno}. Check the disk`,
  ]
  return new EngineError(code, blame, `Cannot ${doing} ${path}: ${reason}`, { cause })
}

/** The same for what a call of `node:fs` threw; an EngineError passes unchanged. */
export function diskError(thrown: unknown, doing: string, path: string, blame: Blame): EngineError {
  return thrown instanceof EngineError ? thrown : diskFailure(errnoOf(thrown), doing, path, blame, thrown)
}
