import { EngineError } from '#engine/base/errors.ts'
import { NO_FILE, type FileSet, type FileSetLayout, type FileSpan } from '../piece-disk.ts'

/** What a job knows of its set. */
export interface JobSet {
  readonly id: number
  readonly root: string
  readonly mayCreateRoot: boolean
}

export interface JobFile {
  readonly file: number
  readonly path: string
}

export type JobSpan = JobFile & FileSpan

/** A registered set, and the jobs that are under way for it. */
export class NodeFileSet implements FileSet {
  readonly id: number
  readonly layout: FileSetLayout
  /** Whether data was written: from then on a root that is gone is not made again. */
  hasWritten = false
  isOver = false
  #jobs = 0
  #whenIdle: (() => void)[] = []

  constructor(id: number, layout: FileSetLayout) {
    this.id = id
    this.layout = layout
  }

  get job(): JobSet {
    const { root, mayCreateRoot } = this.layout
    return { id: this.id, root, mayCreateRoot: mayCreateRoot && !this.hasWritten }
  }

  fileAt(file: number): JobFile {
    const path = this.layout.paths[file]
    if (path === undefined)
      throw new EngineError('INTERNAL', 'bug', `file ${file} of a set of ${this.layout.paths.length}`)
    return { file, path }
  }

  spanAt(span: FileSpan): JobSpan {
    if (span.file === NO_FILE) return { file: NO_FILE, path: '', offset: 0, length: span.length }
    const { file, path } = this.fileAt(span.file)
    const most = this.layout.lengths[file] ?? 0
    if (span.offset < 0 || span.length < 0 || span.offset + span.length > most) {
      throw new EngineError('INTERNAL', 'bug', `bytes ${span.offset} + ${span.length} of a file of ${most} bytes`)
    }
    return { file, path, offset: span.offset, length: span.length }
  }

  /** Counts `work` as under way until it settles. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.isOver) throw new EngineError('INTERNAL', 'bug', 'a file set was used after it was unregistered')
    this.#jobs++
    try {
      return await work()
    } finally {
      this.#jobs--
      if (this.#jobs === 0) for (const tell of this.#whenIdle.splice(0)) tell()
    }
  }

  idle(): Promise<void> {
    return this.#jobs === 0 ? Promise.resolve() : new Promise(resolve => this.#whenIdle.push(resolve))
  }
}
