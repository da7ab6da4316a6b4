import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { EngineError } from '#engine/base/errors.ts'
import { aborted } from './abort.ts'
import { diskFailure } from './disk-error.ts'
import { hashWorkerUrl } from './worker-url.ts'

const THREADS = 8
const PROGRESS_MS = 100

/** A file with bytes, as it was found; at its place in the byte space of pieces. */
export interface HashFile {
  /** Whole path. */
  readonly path: string
  readonly offset: number
  readonly length: number
  /** ms, as `stat` tells it. */
  readonly mtimeMs: number
}

export interface HashJob {
  /** In torrent order, at least one. With v2 each begins a piece. */
  readonly files: readonly HashFile[]
  readonly pieceLength: number
  readonly pieceCount: number
  readonly spaceLength: number
  readonly wantsV1: boolean
  readonly wantsV2: boolean
}

interface Answer {
  readonly isDone?: boolean
  readonly failure?: { readonly errno: string; readonly path: string }
}

/**
 * Hashes of all pieces, made on all cores; shapes as in `metainfo/build.ts`, empty where not wanted.
 * Memory: 256 KiB per thread, besides the hashes.
 * @param onProgress bytes of files that were hashed so far
 * @throws EngineError DISK_CHANGED naming the file whose size or time of change is not what it was; DISK_* naming one that cannot
 *   be read; ABORTED
 */
export function hashPieces(
  job: HashJob,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<{ v1: Uint8Array; v2: Uint8Array }> {
  if (signal.aborted) return Promise.reject(aborted('disk'))
  return new Promise((resolve, reject) => {
    const control = new Int32Array(new SharedArrayBuffer(8))
    const done = new BigInt64Array(new SharedArrayBuffer(8))
    const v1 = sharedBytes(job.wantsV1 ? job.pieceCount * 20 : 0)
    const v2 = sharedBytes(job.wantsV2 ? job.pieceCount * 32 : 0)
    const workerData = {
      ...tablesOf(job),
      pieceLength: job.pieceLength,
      pieceCount: job.pieceCount,
      v1,
      v2,
      control,
      done,
    }
    const count = Math.max(1, Math.min(THREADS, availableParallelism(), job.pieceCount))
    let left = count
    let isOver = false
    const workers = Array.from(
      { length: count },
      () => new Worker(hashWorkerUrl(), { workerData: { ...workerData, spaceLength: job.spaceLength }, name: 'hash' }),
    )
    const end = (error?: Error) => {
      if (isOver) return
      isOver = true
      Atomics.store(control, 1, 1)
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
      for (const worker of workers) void worker.terminate()
      if (error) reject(error)
      else resolve({ v1, v2 })
    }
    const onAbort = () => end(aborted('disk'))
    const onAnswer = ({ isDone, failure }: Answer) => {
      if (failure) end(failureOf(failure))
      else if (isDone && --left === 0) end()
    }
    const timer = setInterval(() => onProgress(Number(Atomics.load(done, 0))), PROGRESS_MS)
    signal.addEventListener('abort', onAbort, { once: true })
    for (const worker of workers) {
      let hasAnswered = false
      worker.on('message', (answer: Answer) => {
        hasAnswered = true
        onAnswer(answer)
      })
      worker.on('error', thrown => end(crashed(thrown)))
      worker.on('exit', () => {
        if (!hasAnswered) end(crashed(new Error('a thread ended')))
      })
    }
  })
}

function tablesOf({ files, pieceLength }: HashJob) {
  const firstPieces = new Float64Array(files.length + 1)
  for (const [index, { length }] of files.entries())
    firstPieces[index + 1] = firstPieces[index]! + Math.ceil(length / pieceLength)
  return {
    paths: files.map(({ path }) => path),
    offsets: Float64Array.from(files, ({ offset }) => offset),
    lengths: Float64Array.from(files, ({ length }) => length),
    times: Float64Array.from(files, ({ mtimeMs }) => mtimeMs),
    firstPieces,
  }
}

const sharedBytes = (length: number) => new Uint8Array(new SharedArrayBuffer(length))

export const fileChanged = (path: string) =>
  new EngineError(
    'DISK_CHANGED',
    'disk',
    `${path} was changed while the torrent was made. Wait until nothing writes to it, then start again`,
  )

const failureOf = ({ errno, path }: NonNullable<Answer['failure']>) =>
  errno === 'CHANGED' || errno === 'ENOENT' ? fileChanged(path) : diskFailure(errno, 'read', path, 'disk')

const crashed = (cause: Error) =>
  new EngineError('DISK_IO', 'disk', `The files were not hashed to the end: ${cause.message}. Start again`, { cause })
