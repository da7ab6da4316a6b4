// @ts-check
import { createHash, hash } from 'node:crypto'
import fs from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

/**
 * Hashes pieces of files that a torrent is made from. Several of these share the work: each takes the next batch of pieces from a
 * common counter, and puts its digests where they belong in shared memory.
 *
 * @typedef {object} Work
 * @property {readonly string[]} paths whole, in torrent order, files without bytes left out
 * @property {Float64Array} offsets of each file in the byte space of pieces
 * @property {Float64Array} lengths
 * @property {Float64Array} times mtime in ms, as planned
 * @property {Float64Array} firstPieces v2: index of each file's first piece; one more at the end
 * @property {number} pieceLength
 * @property {number} spaceLength what is between files is hashed as zeros
 * @property {number} pieceCount
 * @property {Uint8Array} v1 shared, 20 bytes per piece; empty when not wanted
 * @property {Uint8Array} v2 shared, 32 bytes per piece; empty when not wanted
 * @property {Int32Array} control shared: next batch, whether to stop
 * @property {BigInt64Array} done shared: bytes of files hashed
 */

/** Fits into the L2 cache, where both hashes find it. A multiple of the v2 block. */
const READ_BYTES = 256 * 1024
const BLOCK = 16 * 1024
const SHA1 = 20
const SHA256 = 32
/** Pieces are taken in batches, so that a disk reads forward. */
const BATCH_BYTES = 4 * 1024 * 1024
const NEXT = 0
const STOP = 1
const FLAGS = fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0)

/** @type {Work} */
const work = workerData
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const { offsets, lengths, times, firstPieces, pieceLength, control, done } = work
const wantsV1 = work.v1.length > 0
const wantsV2 = work.v2.length > 0
const stretch = new Uint8Array(READ_BYTES)
const zeros = new Uint8Array(64 * 1024)
/** Room for the leaves of a piece, then for the layers above them. */
const leaves = wantsV2 ? new Uint8Array(Math.max(1, pieceLength / BLOCK) * SHA256) : new Uint8Array(0)

let openIndex = -1
let openFd = -1

class Failure extends Error {
  /** @param {string} errno the system's code, or CHANGED @param {string} path */
  constructor(errno, path) {
    super(path)
    this.failure = { errno, path }
  }
}

class Stopped extends Error {}

/** @param {Float64Array} values ascending @param {number} wanted @returns {number} last index whose value is not above */
function lastAtMost(values, wanted, count = values.length) {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (/** @type {number} */ (values[middle]) <= wanted) low = middle
    else high = middle - 1
  }
  return low
}

/** @param {number} index */
const pathOf = index => /** @type {string} */ (work.paths[index])

/** @template T @param {number} index @param {() => T} call @returns {T} */
function told(index, call) {
  try {
    return call()
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown
    throw new Failure(thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown), pathOf(index))
  }
}

/** Names a file that is not what it was when the torrent was planned. @param {number} index @param {number} fd */
function checkUnchanged(index, fd) {
  const found = told(index, () => fs.fstatSync(fd))
  if (!found.isFile() || found.size !== lengths[index] || found.mtimeMs !== times[index])
    throw new Failure('CHANGED', pathOf(index))
}

function closeFile() {
  if (openFd < 0) return
  const fd = openFd
  openFd = -1
  try {
    checkUnchanged(openIndex, fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** @param {number} index */
function openFile(index) {
  if (openFd >= 0 && openIndex === index) return openFd
  closeFile()
  openFd = told(index, () => fs.openSync(pathOf(index), FLAGS))
  openIndex = index
  checkUnchanged(index, openFd)
  return openFd
}

/** Fills the stretch from a file. @param {number} index @param {number} position @param {number} length @returns {Uint8Array} */
function read(index, position, length) {
  if (Atomics.load(control, STOP) === 1) throw new Stopped()
  const fd = openFile(index)
  for (let at = 0; at < length;) {
    const count = told(index, () => fs.readSync(fd, stretch, at, length - at, position + at))
    if (count === 0) throw new Failure('CHANGED', pathOf(index))
    at += count
  }
  Atomics.add(done, 0, BigInt(length))
  return length === READ_BYTES ? stretch : stretch.subarray(0, length)
}

/** @param {import('node:crypto').Hash} digest @param {number} length */
function updateZeros(digest, length) {
  for (let at = 0; at < length; at += zeros.length) digest.update(zeros.subarray(0, length - at))
}

/** A piece of v1 alone, which may span many files. @param {number} piece */
function hashAcrossFiles(piece) {
  const digest = createHash('sha1')
  const end = Math.min((piece + 1) * pieceLength, work.spaceLength)
  let at = piece * pieceLength
  for (let index = lastAtMost(offsets, at); at < end; index++) {
    const offset = /** @type {number} */ (offsets[index])
    const stop = Math.min(offset + /** @type {number} */ (lengths[index]), end)
    while (at < stop) {
      const bytes = read(index, at - offset, Math.min(READ_BYTES, stop - at))
      digest.update(bytes)
      at += bytes.length
    }
  }
  work.v1.set(digest.digest(), piece * SHA1)
}

/** A piece of one file, which both kinds of hash are taken of in one go. @param {number} piece */
function hashInFile(piece) {
  const index = lastAtMost(firstPieces, piece, firstPieces.length - 1)
  const length = /** @type {number} */ (lengths[index])
  const begin = (piece - /** @type {number} */ (firstPieces[index])) * pieceLength
  const end = Math.min(begin + pieceLength, length)
  const digest = wantsV1 ? createHash('sha1') : undefined
  let count = 0
  for (let at = begin; at < end;) {
    const bytes = read(index, at, Math.min(READ_BYTES, end - at))
    digest?.update(bytes)
    for (let block = 0; block < bytes.length; block += BLOCK)
      leaves.set(hash('sha256', bytes.subarray(block, block + BLOCK), 'buffer'), count++ * SHA256)
    at += bytes.length
  }
  if (digest) {
    const space = Math.min(pieceLength, work.spaceLength - piece * pieceLength)
    updateZeros(digest, space - (end - begin))
    work.v1.set(digest.digest(), piece * SHA1)
  }
  const width = length > pieceLength ? pieceLength / BLOCK : 2 ** Math.ceil(Math.log2(count))
  work.v2.set(rootOf(count, width), piece * SHA256)
}

/** Root over `count` leaves, the rest of `width` being zeros (BEP 52). @param {number} count @param {number} width */
function rootOf(count, width) {
  leaves.fill(0, count * SHA256, width * SHA256)
  for (let row = width; row > 1; row /= 2) {
    for (let pair = 0; pair < row / 2; pair++)
      leaves.set(hash('sha256', leaves.subarray(pair * 2 * SHA256, (pair + 1) * 2 * SHA256), 'buffer'), pair * SHA256)
  }
  return leaves.subarray(0, SHA256)
}

function hashAll() {
  const perBatch = Math.max(1, Math.floor(BATCH_BYTES / pieceLength))
  for (;;) {
    const first = Atomics.add(control, NEXT, 1) * perBatch
    if (first >= work.pieceCount) break
    for (let piece = first; piece < first + perBatch && piece < work.pieceCount; piece++) {
      if (wantsV2) hashInFile(piece)
      else hashAcrossFiles(piece)
    }
    if (openFd >= 0) checkUnchanged(openIndex, openFd)
  }
  closeFile()
}

try {
  hashAll()
  port.postMessage({ isDone: true })
} catch (thrown) {
  if (thrown instanceof Failure) port.postMessage({ failure: thrown.failure })
  else if (!(thrown instanceof Stopped)) throw thrown
}
