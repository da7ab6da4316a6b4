// @ts-check
import { createHash, hash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * All writing of piece data, one job after the other. Only small messages come and go: the bytes lie in shared slots.
 * A job names its files by path, so that a worker that was started anew needs no memory of the one before.
 *
 * @typedef {{ id: number, root: string, mayCreateRoot: boolean }} JobSet
 * @typedef {{ file: number, path: string, offset: number, length: number }} JobSpan `path` relative, `/` between elements
 * @typedef {{ file: number, path: string }} JobFile
 * @typedef {{ bytes: Uint8Array, length: number }} JobSlot
 * @typedef {{ errno: string, doing: string, path: string }} JobFailure
 * @typedef {{ fd: number, isWritable: boolean, users: number, isDoomed: boolean }} OpenFile
 */

const { O_CREAT, O_RDONLY, O_RDWR } = fs.constants
// Windows has neither flag; there a link is found by lstat before opening.
const SAFELY = (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0)
const READ_BYTES = 256 * 1024
const COPY_BYTES = 1024 * 1024
const SYNCS_AT_ONCE = 2
/** In place of a file: padding, which is never written and is zeros when read. */
const NO_FILE = -1

/** @type {{ openFiles: number }} */
const { openFiles } = workerData
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)

/** A failure with a code of our own or of the system, and what it was about. */
class Failure extends Error {
  /** @param {string} errno @param {string} doing @param {string} path */
  constructor(errno, doing, path) {
    super(`${doing} ${path}: ${errno}`)
    this.failure = { errno, doing, path }
  }
}

/**
 * @template T
 * @param {string} doing @param {string} path @param {() => T} work
 * @returns {T}
 */
function attempt(doing, path, work) {
  try {
    return work()
  } catch (thrown) {
    throw thrown instanceof Failure ? thrown : new Failure(errnoOf(thrown), doing, path)
  }
}

/** @param {unknown} thrown */
const errnoOf = thrown =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : String(thrown)

// ---- open files: the least recently used ones are closed first

/** By `keyOf`. @type {Map<number, OpenFile>} */
const open = new Map()
/** Files with bytes that no sync has covered yet. @type {Set<number>} */
const written = new Set()
/** Folders below a root that were seen to be real folders, not links. By set. @type {Map<number, Set<string>>} */
const folders = new Map()
/** Folders with names that no sync has covered yet. By set. @type {Map<number, Set<string>>} */
const grown = new Map()

const FILES_PER_SET = 2 ** 24
/** @param {number} set @param {number} file */
const keyOf = (set, file) => set * FILES_PER_SET + file

/** @param {OpenFile} file */
function closeWhenUnused(file) {
  file.isDoomed = true
  if (file.users === 0) fs.closeSync(file.fd)
}

/** @param {number} most */
function closeOldest(most) {
  for (const [key, file] of open) {
    if (open.size <= most) break
    open.delete(key)
    closeWhenUnused(file)
  }
}

/** @param {number} set */
function forgetSet(set) {
  for (const [key, file] of open) {
    if (Math.floor(key / FILES_PER_SET) !== set) continue
    open.delete(key)
    closeWhenUnused(file)
  }
  folders.delete(set)
}

/**
 * The folder of a file, made where it is missing. Every element below the root is looked at without following it.
 * @param {JobSet} set @param {string} folder relative; '' is the root @param {boolean} mayCreate
 */
function ensureFolder(set, folder, mayCreate) {
  let known = folders.get(set.id)
  if (!known) folders.set(set.id, (known = new Set()))
  if (known.has(folder)) return
  const full = join(set.root, folder)
  if (folder === '') ensureRoot(set, mayCreate)
  else {
    const parent = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : ''
    ensureFolder(set, parent, mayCreate)
    attempt('use', full, () => {
      if (mayCreate) {
        try {
          fs.mkdirSync(full)
          noteName(set.id, join(set.root, parent))
        } catch (thrown) {
          if (errnoOf(thrown) !== 'EEXIST') throw thrown
        }
      }
      const found = fs.lstatSync(full)
      if (found.isSymbolicLink()) throw new Failure('UNSAFE', 'use', full)
      if (!found.isDirectory()) throw new Failure('ENOTDIR', 'use', full)
    })
  }
  known.add(folder)
}

/** @param {JobSet} set @param {boolean} mayCreate */
function ensureRoot(set, mayCreate) {
  attempt('use', set.root, () => {
    if (mayCreate && set.mayCreateRoot) fs.mkdirSync(set.root, { recursive: true })
    const found = fs.statSync(set.root, { throwIfNoEntry: false })
    if (!found) throw new Failure('ROOT_MISSING', 'use', set.root)
    if (!found.isDirectory()) throw new Failure('ENOTDIR', 'use', set.root)
  })
}

/** @param {number} set @param {string} folder */
function noteName(set, folder) {
  let names = grown.get(set)
  if (!names) grown.set(set, (names = new Set()))
  names.add(folder)
}

/**
 * @param {JobSet} set @param {JobFile} at
 * @param {boolean} toWrite opens for writing and creates what is missing; else only for reading
 * @returns {OpenFile}
 */
function openFile(set, at, toWrite) {
  const key = keyOf(set.id, at.file)
  const kept = open.get(key)
  if (kept) {
    open.delete(key)
    if (kept.isWritable || !toWrite) {
      open.set(key, kept)
      return kept
    }
    closeWhenUnused(kept)
  }
  closeOldest(openFiles - 1)
  let fresh
  try {
    fresh = openAnew(set, at, toWrite)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    const { errno } = thrown.failure
    // Folders that were there may be gone, and the system may have fewer open files to give than we hoped for.
    if (errno !== 'ENOENT' && errno !== 'EMFILE' && errno !== 'ENFILE') throw thrown
    folders.delete(set.id)
    if (errno !== 'ENOENT') closeOldest(0)
    fresh = openAnew(set, at, toWrite)
  }
  open.set(key, fresh)
  return fresh
}

/** @param {JobSet} set @param {JobFile} at @param {boolean} toWrite @returns {OpenFile} */
function openAnew(set, at, toWrite) {
  const cut = at.path.lastIndexOf('/')
  const folder = cut < 0 ? '' : at.path.slice(0, cut)
  ensureFolder(set, folder, toWrite)
  const full = join(set.root, at.path)
  return attempt('open', full, () => {
    if (fs.constants.O_NOFOLLOW === undefined) refuseLink(full)
    const existed = !toWrite || fs.existsSync(full)
    const fd = fs.openSync(full, (toWrite ? O_RDWR | O_CREAT : O_RDONLY) | SAFELY, 0o666)
    if (!existed) noteName(set.id, join(set.root, folder))
    if (!fs.fstatSync(fd).isFile()) {
      fs.closeSync(fd)
      throw new Failure('UNSAFE', 'open', full)
    }
    return { fd, isWritable: toWrite, users: 0, isDoomed: false }
  })
}

/** @param {string} full */
function refuseLink(full) {
  if (fs.lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink()) throw new Failure('UNSAFE', 'open', full)
}

// ---- jobs

/** @param {JobSet} set @param {JobSlot} slot @param {readonly JobSpan[]} spans */
function writeSpans(set, slot, spans) {
  let at = 0
  for (const span of spans) {
    if (span.file === NO_FILE) {
      at += span.length
      continue
    }
    const { fd } = openFile(set, span, true)
    written.add(keyOf(set.id, span.file))
    attempt('write', join(set.root, span.path), () => {
      // A write may be short (signals, nearly full disks); what is left is simply written next.
      for (let done = 0; done < span.length;) {
        done += fs.writeSync(fd, slot.bytes, at + done, span.length - done, span.offset + done)
      }
    })
    at += span.length
  }
}

/** @param {JobSet} set @param {JobSlot} slot @param {string} expected hex @param {readonly JobSpan[]} spans */
function verifyAndWrite(set, slot, expected, spans) {
  if (hash('sha1', slot.bytes.subarray(0, slot.length)) !== expected) return 'mismatch'
  writeSpans(set, slot, spans)
  return 'ok'
}

const stretch = new Uint8Array(READ_BYTES)
const zeros = new Uint8Array(64 * 1024)

/** @param {JobSet} set @param {string} expected hex @param {readonly JobSpan[]} spans */
function verify(set, expected, spans) {
  const digest = createHash('sha1')
  for (const span of spans) {
    if (span.file === NO_FILE) {
      for (let done = 0; done < span.length; done += zeros.length) digest.update(zeros.subarray(0, span.length - done))
      continue
    }
    let file
    try {
      file = openFile(set, span, false)
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.failure.errno === 'ENOENT') return 'mismatch'
      throw thrown
    }
    const { fd } = file
    const isWhole = attempt('read', join(set.root, span.path), () => {
      for (let done = 0; done < span.length;) {
        const count = fs.readSync(fd, stretch, 0, Math.min(READ_BYTES, span.length - done), span.offset + done)
        if (count === 0) return false
        digest.update(count === READ_BYTES ? stretch : stretch.subarray(0, count))
        done += count
      }
      return true
    })
    if (!isWhole) return 'mismatch'
  }
  return digest.digest('hex') === expected ? 'ok' : 'mismatch'
}

/** @param {JobSet} set @param {JobSpan} from @param {JobSpan} to */
function copy(set, from, to) {
  const bytes = new Uint8Array(Math.min(COPY_BYTES, from.length))
  for (let done = 0; done < from.length;) {
    const source = openFile(set, from, false)
    const count = attempt('read', join(set.root, from.path), () =>
      fs.readSync(source.fd, bytes, 0, Math.min(bytes.length, from.length - done), from.offset + done),
    )
    if (count === 0) throw new Failure('SHORT', 'read', join(set.root, from.path))
    writeSpans(set, { bytes, length: count }, [{ ...to, offset: to.offset + done, length: count }])
    done += count
  }
}

/**
 * Makes what was written durable, bytes first and names after them. Runs beside other jobs: a slow disk must not keep
 * the next piece waiting.
 * @param {JobSet} set @param {readonly JobFile[]} files
 */
async function sync(set, files) {
  const dirty = files.filter(at => written.delete(keyOf(set.id, at.file)))
  const names = grown.get(set.id)
  grown.delete(set.id)
  let next = 0
  const work = async () => {
    while (next < dirty.length) {
      const at = /** @type {JobFile} */ (dirty[next++])
      try {
        await syncFile(set, at)
      } catch (thrown) {
        written.add(keyOf(set.id, at.file))
        throw thrown
      }
    }
  }
  try {
    const outcomes = await Promise.allSettled(Array.from({ length: SYNCS_AT_ONCE }, work))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
    if (process.platform !== 'win32') for (const name of names ?? []) syncFolder(name)
  } catch (thrown) {
    for (const name of names ?? []) noteName(set.id, name)
    throw thrown
  }
}

/** @param {JobSet} set @param {JobFile} at */
async function syncFile(set, at) {
  const full = join(set.root, at.path)
  const file = openFile(set, at, process.platform === 'win32')
  file.users++
  try {
    await new Promise((resolve, reject) => {
      fs.fdatasync(file.fd, error => (error ? reject(new Failure(errnoOf(error), 'save', full)) : resolve(undefined)))
    })
    // A file without a name is gone when it is closed: nothing in it may be claimed.
    if (fs.fstatSync(file.fd).nlink === 0) throw new Failure('DELETED', 'save', full)
  } finally {
    file.users--
    if (file.isDoomed && file.users === 0) fs.closeSync(file.fd)
  }
}

/** @param {string} path */
function syncFolder(path) {
  attempt('save', path, () => {
    const fd = fs.openSync(path, O_RDONLY)
    try {
      fs.fsyncSync(fd)
    } catch (thrown) {
      // Some network file systems refuse to sync a folder; there is nothing more that could be done.
      if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes(errnoOf(thrown))) throw thrown
    } finally {
      fs.closeSync(fd)
    }
  })
}

/**
 * Size and mtime, two numbers per file; size -1 where there is no plain file.
 * @param {JobSet} set @param {readonly JobFile[]} files
 */
function stamps(set, files) {
  if (!set.mayCreateRoot && !fs.existsSync(set.root)) throw new Failure('ROOT_MISSING', 'look at', set.root)
  const found = new Float64Array(files.length * 2).fill(-1)
  files.forEach(({ path }, index) => {
    const full = join(set.root, path)
    const stat = attempt('look at', full, () => lstatOrNothing(full))
    if (!stat?.isFile()) return
    found[index * 2] = stat.size
    found[index * 2 + 1] = stat.mtimeMs
  })
  return found
}

/** @param {string} full */
function lstatOrNothing(full) {
  try {
    return fs.lstatSync(full)
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(thrown))) return undefined
    throw thrown
  }
}

/**
 * Deletes these files, then their folders inside the torrent's own that hold nothing any more.
 * @param {JobSet} set @param {readonly JobFile[]} files @param {string} topFolder '' when there is none
 */
function deleteFiles(set, files, topFolder) {
  forgetSet(set.id)
  let deleted = 0
  let missing = 0
  /** @type {string[]} */
  const kept = []
  /** @type {Set<string>} */
  const parents = new Set()
  for (const { file, path } of files) {
    const outcome = deleteOne(set, path)
    written.delete(keyOf(set.id, file))
    if (outcome === 'deleted') deleted++
    else if (outcome === 'missing') missing++
    else kept.push(path)
    for (const folder of foldersWithin(topFolder, path)) parents.add(folder)
  }
  // Deepest first: a folder can only be empty when those inside are gone.
  const deepest = [...parents].sort((a, b) => b.split('/').length - a.split('/').length)
  for (const folder of deepest) if (!removeFolder(set, folder)) kept.push(folder)
  forgetSet(set.id)
  return { deleted, missing, kept }
}

/** The folders of a file, from its own up to and including `topFolder`. @param {string} topFolder @param {string} path */
function foldersWithin(topFolder, path) {
  /** @type {string[]} */
  const found = []
  if (topFolder === '' || !path.startsWith(`${topFolder}/`)) return found
  for (let cut = path.lastIndexOf('/'); cut >= topFolder.length; cut = path.lastIndexOf('/', cut - 1)) {
    found.push(path.slice(0, cut))
  }
  return found
}

/** @param {JobSet} set @param {string} path */
function deleteOne(set, path) {
  const full = join(set.root, path)
  try {
    const cut = path.lastIndexOf('/')
    ensureFolder(set, cut < 0 ? '' : path.slice(0, cut), false)
    // A link has the name of our file and is not our file.
    if (!fs.lstatSync(full).isFile()) return 'kept'
    fs.unlinkSync(full)
    return 'deleted'
  } catch (thrown) {
    const errno = thrown instanceof Failure ? thrown.failure.errno : errnoOf(thrown)
    return ['ENOENT', 'ROOT_MISSING'].includes(errno) ? 'missing' : 'kept'
  }
}

/** Whether the folder is gone. @param {JobSet} set @param {string} folder */
function removeFolder(set, folder) {
  try {
    ensureFolder(set, folder, false)
    fs.rmdirSync(join(set.root, folder))
    return true
  } catch (thrown) {
    const errno = thrown instanceof Failure ? thrown.failure.errno : errnoOf(thrown)
    return ['ENOENT', 'ROOT_MISSING'].includes(errno)
  }
}

// ---- messages

/** Slots by number, as long as the pool keeps them. @type {Map<number, Uint8Array>} */
const slots = new Map()

/** @param {{ slot: number, memory?: SharedArrayBuffer, length: number }} job @returns {JobSlot} */
function slotOf(job) {
  if (job.memory) slots.set(job.slot, new Uint8Array(job.memory))
  return { bytes: /** @type {Uint8Array} */ (slots.get(job.slot)), length: job.length }
}

/** @param {any} job one of the shapes that `DiskThread` sends */
function run(job) {
  switch (job.kind) {
    case 'verifyAndWrite':
      return verifyAndWrite(job.set, slotOf(job), job.expected, job.spans)
    case 'write':
      return writeSpans(job.set, slotOf(job), job.spans)
    case 'verify':
      return verify(job.set, job.expected, job.spans)
    case 'copy':
      return copy(job.set, job.from, job.to)
    case 'touch':
      return void openFile(job.set, job.at, true)
    case 'sync':
      return sync(job.set, job.files)
    case 'stamps':
      return stamps(job.set, job.files)
    case 'delete':
      return deleteFiles(job.set, job.files, job.topFolder)
    case 'close':
      return forgetSet(job.set.id)
    default:
      throw new Error(`unknown job ${job.kind}`)
  }
}

/** @param {number} id @param {unknown} thrown */
function fail(id, thrown) {
  const failure =
    thrown instanceof Failure ? thrown.failure : { errno: String(thrown), doing: 'finish a job on', path: 'the disk' }
  port.postMessage({ id, failure })
}

port.on('message', job => {
  if (job.kind === 'forgetSlot') {
    slots.delete(job.slot)
    return
  }
  try {
    const result = run(job)
    if (result instanceof Promise) {
      result.then(
        () => port.postMessage({ id: job.id }),
        thrown => fail(job.id, thrown),
      )
    } else {
      port.postMessage({ id: job.id, result })
    }
  } catch (thrown) {
    fail(job.id, thrown)
  }
})
