import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { EngineError } from '#engine/base/errors.ts'
import { toHex } from '#engine/base/ids.ts'
import { NO_FILE, type CheckItem, type CheckProgress } from '../piece-disk.ts'
import { aborted } from './abort.ts'
import { diskFailure } from './disk-error.ts'
import type { NodeFileSet } from './file-set.ts'

/** Enough to keep every thread busy while the next batch is packed, which happens on this thread. */
const BATCH_ITEMS = 512
const BATCH_SPANS = 4096
const BATCHES_AHEAD = 2
const THREADS = 8

interface Answer {
  readonly results?: readonly number[]
  readonly isDone?: boolean
  readonly failure?: { errno: string; doing: string; path: string }
}

/**
 * Checks items on several threads that share a counter, and ends them.
 * @param spare threads fewer than the machine has, for other work that is under way
 */
export function checkItems(
  url: URL,
  set: NodeFileSet,
  items: Iterable<CheckItem>,
  onResult: (results: readonly CheckProgress[]) => void,
  spare: number,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return Promise.reject(aborted('disk'))
  return new Promise((resolve, reject) => {
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const feed = items[Symbol.iterator]()
    const count = Math.max(1, Math.min(THREADS, availableParallelism() - spare))
    const workers = Array.from(
      { length: count },
      () => new Worker(url, { workerData: { root: set.layout.root, stop }, name: 'check' }),
    )
    /** Answers still to come, per batch under way. */
    const open: number[] = []
    let isFed = false
    let isOver = false

    const end = (error?: Error) => {
      if (isOver) return
      isOver = true
      Atomics.store(stop, 0, 1)
      signal.removeEventListener('abort', onAbort)
      for (const worker of workers) void worker.terminate()
      if (error) reject(error)
      else resolve()
    }
    const onAbort = () => end(aborted('disk'))
    const refill = () => {
      while (!isFed && open.length < BATCHES_AHEAD) {
        const batch = pack(set, feed)
        isFed = batch.pieces.length === 0
        if (isFed) break
        open.push(count)
        for (const worker of workers) worker.postMessage(batch)
      }
      if (isFed && open.length === 0) end()
    }
    const onAnswer = ({ results = [], isDone, failure }: Answer) => {
      if (isOver) return
      if (failure) {
        end(diskFailure(failure.errno, failure.doing, failure.path, 'disk'))
        return
      }
      if (results.length > 0) onResult(unpack(results))
      if (!isDone) return
      // Each thread takes batches in order, so the first to be open is the first to be done by all.
      open[0]!--
      if (open[0] === 0) open.shift()
      refill()
    }
    const guarded = (work: () => void) => {
      try {
        work()
      } catch (thrown) {
        end(thrown instanceof Error ? thrown : new Error(String(thrown)))
      }
    }

    signal.addEventListener('abort', onAbort, { once: true })
    for (const worker of workers) {
      worker.on('message', (answer: Answer) => guarded(() => onAnswer(answer)))
      worker.on('error', thrown => end(crashed(thrown)))
      worker.on('exit', () => end(crashed(new Error('it ended'))))
    }
    guarded(refill)
  })
}

const crashed = (cause: Error) =>
  new EngineError('DISK_IO', 'disk', `The check was not finished: ${cause.message}. Check again`, { cause })

function unpack(results: readonly number[]): CheckProgress[] {
  const told: CheckProgress[] = []
  for (let at = 0; at < results.length; at += 2) told.push({ piece: results[at]!, ok: results[at + 1] === 1 })
  return told
}

/** The next items as the flat shapes that `workers/check-worker.mjs` takes; nothing in it at the end. */
function pack(set: NodeFileSet, feed: Iterator<CheckItem>) {
  const pieces: number[] = []
  const firstSpan = [0]
  const files: number[] = []
  const offsets: number[] = []
  const lengths: number[] = []
  const paths = new Map<number, string>()
  let digests = ''
  while (pieces.length < BATCH_ITEMS && files.length < BATCH_SPANS) {
    const next = feed.next()
    if (next.done === true) break
    pieces.push(next.value.piece)
    digests += toHex(next.value.expected)
    for (const given of next.value.spans) {
      const span = set.spanAt(given)
      if (span.file !== NO_FILE) paths.set(span.file, span.path)
      files.push(span.file)
      offsets.push(span.offset)
      lengths.push(span.length)
    }
    firstSpan.push(files.length)
  }
  return {
    next: new Int32Array(new SharedArrayBuffer(4)),
    pieces: Int32Array.from(pieces),
    digests,
    firstSpan: Int32Array.from(firstSpan),
    files: Int32Array.from(files),
    offsets: Float64Array.from(offsets),
    lengths: Float64Array.from(lengths),
    paths: [...paths],
  }
}
