import { EngineError } from '#engine/base/errors.ts'
import type { AppendFile, FileStat, Files } from '../files.ts'
import type { SimVolume } from './sim-volume.ts'

/** Our own files on a simulated volume. What was not synced may be torn by `SimVolume.crash`. */
export class SimFiles implements Files {
  readonly #volume: SimVolume

  constructor(volume: SimVolume) {
    this.#volume = volume
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array> {
    await this.#volume.delay()
    const file = this.#volume.files.get(path)
    if (!file) throw new EngineError('DISK_MISSING', 'disk', `${path} does not exist`)
    if (file.bytes.length > maxBytes)
      throw new EngineError('DISK_IO', 'disk', `${path} is larger than ${maxBytes} bytes`)
    return file.bytes.slice()
  }

  async writeAtomic(path: string, bytes: Uint8Array): Promise<void> {
    await this.#volume.delay()
    this.#volume.write(path, 0, bytes, true)
    this.#volume.sync(path)
  }

  async openAppend(path: string): Promise<AppendFile> {
    await this.#volume.delay()
    const volume = this.#volume
    if (!volume.files.has(path)) volume.write(path, 0, new Uint8Array(0), true)
    return {
      get size() {
        return volume.files.get(path)?.bytes.length ?? 0
      },
      append: async bytes => {
        await volume.delay()
        volume.write(path, volume.files.get(path)?.bytes.length ?? 0, bytes)
      },
      datasync: async () => {
        await volume.delay()
        volume.sync(path)
      },
      truncate: async size => {
        await volume.delay()
        volume.truncate(path, size)
      },
      close: () => Promise.resolve(),
    }
  }

  makeFolder(path: string): Promise<void> {
    this.#volume.folders.add(path)
    return Promise.resolve()
  }

  list(path: string): Promise<readonly string[]> {
    const prefix = `${path}/`
    const names = new Set<string>()
    for (const name of [...this.#volume.files.keys(), ...this.#volume.folders])
      if (name.startsWith(prefix)) names.add(name.slice(prefix.length).split('/')[0]!)
    return Promise.resolve([...names])
  }

  stat(path: string): Promise<FileStat | undefined> {
    const file = this.#volume.files.get(path)
    if (file) return Promise.resolve({ kind: 'file', size: file.bytes.length, mtimeMs: file.mtimeMs })
    return Promise.resolve(this.#volume.hasFolder(path) ? { kind: 'folder', size: 0, mtimeMs: 0 } : undefined)
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#volume.delay()
    this.#volume.rename(from, to)
  }

  remove(path: string): Promise<void> {
    this.#volume.files.delete(path)
    return Promise.resolve()
  }

  space(): Promise<{ free: number; total: number }> {
    return Promise.resolve({ free: this.#volume.free, total: this.#volume.capacity })
  }

  lock(path: string): Promise<Disposable> {
    if (this.#volume.locks.has(path)) {
      return Promise.reject(new EngineError('STATE_LOCKED', 'state', `${path} is in use by another Freshet`))
    }
    this.#volume.locks.add(path)
    return Promise.resolve({ [Symbol.dispose]: () => void this.#volume.locks.delete(path) })
  }
}
