import { doubtfulPieces } from './check.ts'
import type { Content } from './content.ts'
import type { FileStamp, TorrentResume } from './types.ts'

/** How far what lies on disk is known: remembered from last time and to be looked at, or found by a look, or made by us. */
export class Belief {
  /** What lies on disk is as `have` says. */
  #isTrusted = false
  /** Until it is believed. */
  #remembered: TorrentResume | null
  #stamps: readonly (FileStamp | undefined)[] | null
  #isClean: boolean

  constructor(resume: TorrentResume | null) {
    this.#remembered = resume
    this.#stamps = resume?.stamps ?? null
    this.#isClean = resume?.clean ?? false
  }

  get isTrusted(): boolean {
    return this.#isTrusted
  }
  /** The files were out of our hands: since the last start of the program, or since the torrent rested. */
  get wantsLook(): boolean {
    return !this.#isTrusted || (this.#isClean && this.#stamps !== null)
  }
  /** What nobody has checked yet is not ours to claim. */
  get mayClaim(): boolean {
    return this.#isTrusted || this.#remembered !== null
  }
  get stamps(): readonly (FileStamp | undefined)[] | null {
    return this.#stamps
  }
  get isClean(): boolean {
    const isDoubted = !this.#isTrusted && this.#remembered !== null
    return isDoubted ? (this.#remembered?.clean ?? false) : this.#isClean
  }

  trust(): void {
    this.#isTrusted = true
    this.#remembered = null
  }

  /** What is claimed stays claimed; before it is believed, the disk is looked at again. */
  doubt(claimed: TorrentResume): void {
    this.#remembered = claimed
    this.#isTrusted = false
  }

  /** Files are written to from here on: their stamps say little. */
  touch(): void {
    this.#isClean = false
  }

  /** As the files are is how they are known to be: the next start need not look again. */
  async stamp(content: Content): Promise<void> {
    if (!this.#isTrusted) return
    this.#stamps = await content.store.stamps()
    this.#isClean = true
  }

  /** Pieces that must be hashed before the torrent may run. @throws EngineError DISK_MISSING when claimed files are gone */
  async suspects(content: Content): Promise<readonly number[] | 'all'> {
    if (this.#isTrusted) return doubtfulPieces(content, { clean: this.#isClean, stamps: this.#stamps })
    const resume = this.#remembered
    if (!resume?.have) return (await content.store.hasAnyData()) ? 'all' : []
    // What a failed sync left unclaimed may not be on the disk, whatever its files look like.
    return [...new Set([...(await doubtfulPieces(content, resume)), ...content.unclaimed])]
  }
}
