import type { TorrentId } from '#engine/api/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Files } from '#engine/io/files.ts'

/** Our copies of .torrent files, named by infohash and never by anything that a stranger chose. */
export class TorrentFiles {
  readonly #files: Files
  readonly #folder: string

  constructor(files: Files, folder: string) {
    this.#files = files
    this.#folder = folder
  }

  #path(id: TorrentId): string {
    return `${this.#folder}/${id}.torrent`
  }

  /** On disk when settled. */
  async write(id: TorrentId, bytes: Uint8Array): Promise<void> {
    await this.#files.makeFolder(this.#folder)
    await this.#files.writeAtomic(this.#path(id), bytes)
  }

  /** @throws EngineError DISK_MISSING and other DISK_* codes */
  read(id: TorrentId): Promise<Uint8Array> {
    return this.#files.read(this.#path(id), LIMITS.metainfo.bytes)
  }

  remove(id: TorrentId): Promise<void> {
    return this.#files.remove(this.#path(id))
  }
}
