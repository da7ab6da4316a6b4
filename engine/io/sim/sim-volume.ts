import { EngineError } from '#engine/base/errors.ts'
import type { SimClock } from './sim-clock.ts'
import type { SimRandom } from './sim-random.ts'

interface SimFile {
  bytes: Uint8Array
  /** What is there after a power cut: the last synced content. */
  synced: Uint8Array
  mtimeMs: number
}

/** Storage of one simulated computer: files with a synced and an unsynced state, a size, a delay and faults. */
export class SimVolume {
  readonly files = new Map<string, SimFile>()
  readonly folders = new Set<string>()
  readonly locks = new Set<string>()
  capacity = 2 ** 40
  delayMs = 0
  /** Thrown by every write from here on. */
  writeFault: EngineError | undefined
  /** Thrown by every sync, and every read, of piece data. */
  syncFault: EngineError | undefined
  readFault: EngineError | undefined
  readonly #clock: SimClock
  readonly #random: SimRandom

  constructor(clock: SimClock, random: SimRandom) {
    this.#clock = clock
    this.#random = random
  }

  get free(): number {
    let used = 0
    for (const file of this.files.values()) used += file.bytes.length
    return this.capacity - used
  }

  delay(): Promise<void> {
    if (this.delayMs === 0) return Promise.resolve()
    return new Promise(resolve => void this.#clock.after(this.delayMs, resolve))
  }

  hasFolder(path: string): boolean {
    if (this.folders.has(path)) return true
    for (const name of [...this.files.keys(), ...this.folders]) if (name.startsWith(`${path}/`)) return true
    return false
  }

  /** @returns whether it is gone: a folder with something in it stays */
  removeFolder(path: string): boolean {
    this.folders.delete(path)
    return !this.hasFolder(path)
  }

  write(path: string, offset: number, bytes: Uint8Array, replace = false): void {
    if (this.writeFault) throw this.writeFault
    const file = this.files.get(path) ?? { bytes: new Uint8Array(0), synced: new Uint8Array(0), mtimeMs: 0 }
    const before = replace ? new Uint8Array(0) : file.bytes
    const length = Math.max(before.length, offset + bytes.length)
    if (length - file.bytes.length > this.free) {
      throw new EngineError('DISK_FULL', 'disk', `No room left for ${path}: free some space, then resume.`)
    }
    const grown = length === before.length ? before : new Uint8Array(length)
    if (grown !== before) grown.set(before)
    grown.set(bytes, offset)
    file.bytes = grown
    file.mtimeMs = this.#clock.wall()
    this.files.set(path, file)
  }

  truncate(path: string, size: number): void {
    const file = this.files.get(path)
    if (file) file.bytes = file.bytes.slice(0, size)
  }

  sync(path: string): void {
    const file = this.files.get(path)
    if (file) file.synced = file.bytes.slice()
  }

  rename(from: string, to: string): void {
    const file = this.files.get(from)
    if (!file) throw new EngineError('DISK_MISSING', 'disk', `${from} does not exist`)
    this.files.delete(from)
    this.files.set(to, file)
  }

  /** The power goes: of what was not synced, some bytes are there and some are not. Locks die with the process. */
  crash(): void {
    for (const [path, file] of this.files) {
      const { bytes, synced } = file
      if (synced.length === 0 && this.#random.next() < 0.3) {
        this.files.delete(path)
        continue
      }
      const length = synced.length + Math.floor(this.#random.next() * (bytes.length - synced.length + 1))
      const torn = new Uint8Array(Math.max(0, length))
      for (let at = 0; at < torn.length; at += 4096) {
        const source = this.#random.next() < 0.5 ? bytes : synced
        torn.set(source.subarray(at, Math.min(at + 4096, torn.length)), at)
      }
      file.bytes = torn
      file.synced = torn.slice()
    }
    this.locks.clear()
  }
}
