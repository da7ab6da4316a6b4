import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { AppendFile, Files } from '#engine/io/files.ts'

/** `Files` in memory, for tests. Folders exist as far as something lies in them or `makeFolder` was called. */
export class MemoryFiles implements Files {
  readonly contents = new Map<string, Uint8Array>()
  readonly folders = new Set<string>()
  readonly locks = new Set<string>()
  /** Every change in order, as text: for tests about the order of things. */
  readonly journal: string[] = []
  /** Set to fail what writes. */
  failure: EngineError | undefined

  copy(): MemoryFiles {
    const copy = new MemoryFiles()
    for (const [path, bytes] of this.contents) copy.contents.set(path, bytes.slice())
    for (const folder of this.folders) copy.folders.add(folder)
    return copy
  }

  #change(what: string): void {
    if (this.failure) throw this.failure
    this.journal.push(what)
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array> {
    const bytes = this.contents.get(path)
    if (!bytes) throw new EngineError('DISK_MISSING', 'disk', `${path} is not there`)
    if (bytes.length > maxBytes) throw new EngineError('DISK_IO', 'disk', `${path} is too large`)
    return bytes.slice()
  }
  async writeAtomic(path: string, bytes: Uint8Array): Promise<void> {
    this.#change(`write ${path}`)
    this.contents.set(path, bytes.slice())
  }
  async openAppend(path: string): Promise<AppendFile> {
    if (!this.contents.has(path)) this.contents.set(path, new Uint8Array(0))
    const sizeOf = () => this.contents.get(path)!.length
    return {
      get size() {
        return sizeOf()
      },
      append: async bytes => {
        this.#change(`append ${path}`)
        this.contents.set(path, concat([this.contents.get(path)!, bytes]))
      },
      datasync: async () => this.#change(`sync ${path}`),
      truncate: async size => void this.contents.set(path, this.contents.get(path)!.slice(0, size)),
      close: async () => {},
    }
  }
  async makeFolder(path: string): Promise<void> {
    this.folders.add(path)
  }
  async list(path: string): Promise<readonly string[]> {
    const names = new Set<string>()
    for (const one of [...this.contents.keys(), ...this.folders]) {
      if (one.startsWith(`${path}/`)) names.add(one.slice(path.length + 1).split('/')[0]!)
    }
    return [...names].sort()
  }
  async stat(path: string): ReturnType<Files['stat']> {
    const bytes = this.contents.get(path)
    if (bytes) return { kind: 'file', size: bytes.length, mtimeMs: 0 }
    const isFolder = this.folders.has(path) || (await this.list(path)).length > 0
    return isFolder ? { kind: 'folder', size: 0, mtimeMs: 0 } : undefined
  }
  async rename(from: string, to: string): Promise<void> {
    this.#change(`rename ${from}`)
    this.contents.set(to, this.contents.get(from)!)
    this.contents.delete(from)
  }
  async remove(path: string): Promise<void> {
    this.#change(`remove ${path}`)
    this.contents.delete(path)
  }
  async space(): Promise<{ free: number; total: number }> {
    return { free: 50e9, total: 100e9 }
  }
  async lock(path: string): Promise<Disposable> {
    if (this.locks.has(path)) throw new EngineError('STATE_LOCKED', 'state', `${path} is in use`)
    this.locks.add(path)
    return { [Symbol.dispose]: () => void this.locks.delete(path) }
  }
}
