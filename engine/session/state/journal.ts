import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { AppendFile, Files } from '#engine/io/files.ts'
import { frameRecord, type RawRecord } from './framing.ts'

/** Appends records; when `append` has settled they survive a power cut. One call at a time. */
export class Journal {
  readonly #file: AppendFile
  #size: number
  #isTorn = false

  private constructor(file: AppendFile) {
    this.#file = file
    this.#size = file.size
  }

  /** @param keep bytes that are good: the rest, a torn tail, is cut off */
  static async open(files: Files, path: string, keep: number): Promise<Journal> {
    const file = await files.openAppend(path)
    const journal = new Journal(file)
    if (file.size > keep) await file.truncate(keep)
    journal.#size = Math.min(file.size, keep)
    return journal
  }

  /** Bytes, unfinished appends not counted. */
  get size(): number {
    return this.#size
  }

  /** @throws EngineError DISK_*: then none of these records is there, and the next call may try again */
  async append(records: readonly RawRecord[]): Promise<void> {
    const bytes = concat(records.map(frameRecord))
    try {
      // What an earlier failure left behind would stand between good records.
      if (this.#isTorn) await this.#file.truncate(this.#size)
      this.#isTorn = true
      await this.#file.append(bytes)
      await this.#file.datasync()
      this.#size += bytes.length
      this.#isTorn = false
    } catch (thrown) {
      if (thrown instanceof EngineError) throw thrown
      throw new EngineError('DISK_IO', 'disk', 'The list of torrents could not be saved.', { cause: thrown })
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}
