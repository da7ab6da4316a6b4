import type { FileHandle } from 'node:fs/promises'
import type { AppendFile } from '../files.ts'
import { diskError } from './disk-error.ts'

/** A file that only grows, one append after the other however they are called. */
export class NodeAppendFile implements AppendFile {
  readonly #file: FileHandle
  readonly #path: string
  #size: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(file: FileHandle, path: string, size: number) {
    this.#file = file
    this.#path = path
    this.#size = size
  }

  get size(): number {
    return this.#size
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#inTurn('write', async () => {
      try {
        for (let done = 0; done < bytes.length;) {
          const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done)
          done += bytesWritten
        }
      } catch (thrown) {
        // Half a record would be followed by whole ones that nobody can find.
        await this.#file.truncate(this.#size).catch(() => undefined)
        throw thrown
      }
      this.#size += bytes.length
    })
  }

  datasync(): Promise<void> {
    return this.#inTurn('save', () => this.#file.datasync())
  }

  truncate(size: number): Promise<void> {
    return this.#inTurn('shorten', async () => {
      await this.#file.truncate(size)
      this.#size = size
    })
  }

  close(): Promise<void> {
    return this.#inTurn('close', () => this.#file.close())
  }

  #inTurn(doing: string, work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work).catch((thrown: unknown) => {
      throw diskError(thrown, doing, this.#path, 'state')
    })
    this.#last = done.catch(() => undefined)
    return done
  }
}
