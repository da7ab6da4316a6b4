import { Worker } from 'node:worker_threads'
import { EngineError } from '#engine/base/errors.ts'
import type { Log } from '../log.ts'
import type { Slot } from '../piece-disk.ts'
import { diskFailure } from './disk-error.ts'
import type { JobFile, JobSet, JobSpan } from './file-set.ts'
import type { SlotPool } from './slot-pool.ts'

/** What the worker can do; the shapes are those of `workers/disk-worker.mjs`. */
export type DiskJob =
  | { kind: 'verify'; set: JobSet; expected: string; spans: readonly JobSpan[] }
  | { kind: 'copy'; set: JobSet; from: JobSpan; to: JobSpan }
  | { kind: 'touch'; set: JobSet; at: JobFile }
  | { kind: 'sync' | 'stamps'; set: JobSet; files: readonly JobFile[] }
  | { kind: 'delete'; set: JobSet; files: readonly JobFile[]; topFolder: string }
  | { kind: 'close'; set: JobSet }
/** The same for jobs on a slot, whose memory is sent once and then only named. */
export type SlotJob = { set: JobSet; length: number; spans: readonly JobSpan[] } & (
  { kind: 'verifyAndWrite'; expected: string } | { kind: 'write' }
)

type SlotMessage = SlotJob & { readonly slot: number; readonly memory: SharedArrayBuffer | undefined }

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly failure?: { errno: string; doing: string; path: string }
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** The disk worker, seen from here: started by the first job, and again by the next one after it crashed. */
export class DiskThread {
  readonly #url: URL
  readonly #openFiles: number
  readonly #pool: SlotPool
  readonly #log: Log
  #worker: Worker | undefined
  #nextId = 1
  readonly #waiting = new Map<number, Waiting>()
  /** Slots that the worker of the moment knows. */
  readonly #known = new Set<number>()

  constructor(url: URL, openFiles: number, pool: SlotPool, log: Log) {
    this.#url = url
    this.#openFiles = openFiles
    this.#pool = pool
    this.#log = log
  }

  get isRunning(): boolean {
    return this.#worker !== undefined
  }
  get queuedJobs(): number {
    return this.#waiting.size
  }

  run(job: DiskJob): Promise<unknown> {
    return this.#send({ ...job, id: this.#nextId++ })
  }

  runOnSlot(slot: Slot, job: SlotJob): Promise<unknown> {
    // Before the memory is announced: a new worker knows no slot.
    this.#start()
    const memory = this.#known.has(slot.id) ? undefined : this.#pool.memoryOf(slot)
    this.#known.add(slot.id)
    return this.#send({ ...job, id: this.#nextId++, slot: slot.id, memory })
  }

  forgetSlot(id: number): void {
    if (this.#known.delete(id)) this.#worker?.postMessage({ kind: 'forgetSlot', slot: id })
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
    this.#failAll('it was closed')
  }

  #send(message: { readonly id: number } & (DiskJob | SlotMessage)): Promise<unknown> {
    const worker = this.#start()
    return new Promise((resolve, reject) => {
      this.#waiting.set(message.id, { resolve, reject })
      // An idle worker is no reason for the process to stay; one with a job is.
      if (this.#waiting.size === 1) worker.ref()
      worker.postMessage(message)
    })
  }

  #start(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(this.#url, { workerData: { openFiles: this.#openFiles }, name: 'disk' })
    this.#worker = worker
    this.#known.clear()
    worker.on('message', (answer: Answer) => this.#settle(worker, answer))
    worker.on('error', thrown => this.#log.write('error', 'disk', `the disk thread crashed: ${thrown.message}`))
    worker.on('exit', () => {
      if (this.#worker !== worker) return
      this.#worker = undefined
      this.#failAll('the disk thread ended')
    })
    worker.unref()
    return worker
  }

  #settle(worker: Worker, { id, result, failure }: Answer): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) worker.unref()
    if (failure) waiting.reject(diskFailure(failure.errno, failure.doing, failure.path, 'disk'))
    else waiting.resolve(result)
  }

  #failAll(why: string): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of all) {
      reject(new EngineError('DISK_IO', 'disk', `The job on the disk was not finished: ${why}. Resume to try again`))
    }
  }
}
