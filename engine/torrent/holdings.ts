import { Bitfield } from '#engine/base/bitfield.ts'
import { EngineError } from '#engine/base/errors.ts'
import { parseInfo } from '#engine/metainfo/metainfo.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import { Belief } from './belief.ts'
import { Claims, type ClaimsHost } from './claims.ts'
import { Content } from './content.ts'
import type { Ledger } from './ledger.ts'
import type { TorrentHost, TorrentSpec } from './types.ts'

/** What is known of one torrent and held of it: the metainfo, the content made from that, and how far it is believed. */
export class Holdings {
  readonly belief: Belief
  readonly #spec: TorrentSpec
  readonly #session: TorrentHost
  readonly #ledger: Ledger
  readonly #host: ClaimsHost
  #metainfo: Metainfo | null
  #content: Content | null = null
  /** As long as there is content. */
  #claims: Claims | undefined
  #wasComplete = false

  constructor(spec: TorrentSpec, session: TorrentHost, ledger: Ledger, host: ClaimsHost) {
    this.#spec = spec
    this.#session = session
    this.#ledger = ledger
    this.#host = host
    this.belief = new Belief(spec.resume)
    this.#metainfo = spec.metainfo
    if (spec.metainfo) this.#open(spec.metainfo, spec.sequential)
  }

  get metainfo(): Metainfo | null {
    return this.#metainfo
  }
  get content(): Content | null {
    return this.#content
  }
  get claims(): Claims | undefined {
    return this.#claims
  }

  /**
   * A magnet becomes whole. The hash was right: these bytes are what the link names, and no peer is to blame for them.
   * @throws EngineError METAINFO_*, UNSUPPORTED
   */
  adopt(infoBytes: Uint8Array, trackers: readonly (readonly string[])[], isSequential: boolean): void {
    const { magnet } = this.#spec
    const metainfo = parseInfo(infoBytes, this.#session.io.hashes, { trackers, webSeeds: magnet?.webSeeds ?? [] })
    this.#metainfo = metainfo
    this.#open(metainfo, isSequential)
    if (!this.#content) {
      throw new EngineError(
        'UNSUPPORTED',
        'input',
        'This torrent is BitTorrent v2 only, which this version cannot download yet.',
      )
    }
    if (magnet?.selectOnly) this.#content.selectOnly(magnet.selectOnly)
  }

  /** What lies on disk is known to be `have`. */
  believe(content: Content, have: Bitfield): void {
    this.belief.trust()
    this.#wasComplete = content.isComplete
    if (content.isComplete && this.#ledger.completedAt === null && !have.isEmpty)
      this.#ledger.completedAt = this.#session.io.clock.wall()
  }

  /** Other files are wanted: that alone finishes nothing. */
  prioritiesChanged(content: Content): void {
    this.#wasComplete = content.isComplete
  }

  /** @returns whether this piece was the last one wanted */
  pieceVerified(): boolean {
    this.#claims?.pieceVerified()
    if (this.#wasComplete || !this.#content?.isComplete) return false
    this.#wasComplete = true
    this.#ledger.completedAt = this.#session.io.clock.wall()
    return true
  }

  #open(metainfo: Metainfo, isSequential: boolean): void {
    if (metainfo.pieceHashes.length === 0) return
    const { resume, skipCheck, savePath } = this.#spec
    const { io, readCache } = this.#session
    const content = new Content(metainfo, { io, readCache, savePath, resume, sequential: isSequential })
    this.#content = content
    this.#claims = new Claims(content, this.#host)
    if (skipCheck && !resume?.have) {
      const all = new Bitfield(content.geometry.pieceCount)
      all.fill()
      content.picker.restore(all)
      this.believe(content, all)
    }
    this.#wasComplete = content.isComplete
  }
}
