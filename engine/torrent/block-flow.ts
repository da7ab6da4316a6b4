import { EngineError, toEngineError } from '#engine/base/errors.ts'
import type { Io } from '#engine/io/io.ts'
import type { Slot } from '#engine/io/piece-disk.ts'
import { BlockList } from '#engine/pieces/block-list.ts'
import { BLOCK_LENGTH } from '#engine/pieces/geometry.ts'
import type { PickerHost } from '#engine/pieces/picker.ts'
import type { PeerSession } from '#engine/peer/peer-session.ts'
import { Suspicion } from '#engine/peer/suspicion.ts'
import { encodeCancel } from '#engine/wire/encoder.ts'
import type { Content } from './content.ts'

/** Blocks in flight that a peer may always have. */
const LEAST_SHARE = 16

/** What block flow asks of its torrent. */
export interface BlockFlowHost {
  readonly peers: Iterable<PeerSession>
  peerOf(slot: number): PeerSession | undefined
  /** Address, or name of the web seed, that once held this slot number, also after it left. */
  addressOf(slot: number): string
  /** A piece with blocks of this one failed. */
  onHashFail(slot: number): void
  onDownloaded(bytes: number): void
  onRedundant(bytes: number): void
  onCorrupt(bytes: number): void
  /** Verified and written. `wasWanted` = it had not been skipped meanwhile. */
  onPiece(piece: number, wasWanted: boolean): void
  onGuilty(address: string, reason: string): void
  onDiskError(error: EngineError): void
}

/** Block → piece → verified and written → have: the hot path. Holds the memory of started pieces while the torrent runs. */
export class BlockFlow implements PickerHost {
  readonly #content: Content
  readonly #host: BlockFlowHost
  readonly #io: Io
  readonly #slots = new Map<number, Slot>()
  /** Runs of large pieces that are on disk. */
  readonly #runsWritten = new Map<number, number>()
  /** On their way to disk: the disk's until it answers, whatever becomes of their piece. */
  readonly #writing = new Set<Slot>()
  readonly #suspicion = new Suspicion()
  readonly #list = new BlockList()
  readonly #room: Disposable
  readonly #runsPerPiece: number
  /** A block with several requesters is filled by one at a time: two writers would mix their bytes. */
  readonly #writers = new Map<number, number>()
  #isStarved = false
  #isClosed = false
  #jobs = 0
  #onIdle: (() => void) | undefined

  constructor(content: Content, io: Io, host: BlockFlowHost) {
    this.#content = content
    this.#io = io
    this.#host = host
    this.#runsPerPiece = Math.ceil(content.geometry.pieceLength / content.geometry.runLength)
    content.slotOwner = this
    this.#room = io.disk.onRoom(() => this.#feedStarved())
  }

  // ---- memory (PickerHost)

  openRun(piece: number, run: number): boolean {
    if (this.#isClosed) return false
    const slot = this.#io.disk.acquire(this.#content.geometry.runSize(piece, run))
    if (!slot) {
      this.#isStarved = true
      return false
    }
    // Slots are used again; padding is never asked for, and must hash as the zeros that it is.
    for (const block of this.#content.spans.paddingBlocks(piece)) {
      const at = block * BLOCK_LENGTH - run * this.#content.geometry.runLength
      if (at >= 0 && at < slot.bytes.length) slot.bytes.fill(0, at, at + BLOCK_LENGTH)
    }
    this.#slots.set(piece * this.#runsPerPiece + run, slot)
    return true
  }

  closeRun(piece: number, run: number): void {
    const key = piece * this.#runsPerPiece + run
    const slot = this.#slots.get(key)
    // A run that is on disk already gave its slot back: it ends with its piece.
    if (!slot) this.#runsWritten.delete(piece)
    this.#slots.delete(key)
    if (slot && !this.#writing.has(slot)) this.#io.disk.release(slot)
  }

  // ---- requests

  /** Asks this peer for as much as its window has room for: one write. */
  topUp(peer: PeerSession): void {
    if (peer.peerChoking || !peer.amInterested || !peer.field || this.#isClosed) return
    const room = peer.window.room()
    if (room === 0) return
    const list = this.#list
    list.clear()
    // Whoever gives nothing must not fill the places of those that could help to finish a block.
    this.#content.picker.pick(peer.slot, peer.field, room, list, !peer.isSnubbed)
    if (list.length === 0) return
    peer.window.sent(list.length, this.#io.clock.now())
    peer.sendRequests(list, this.#content.geometry)
  }

  /**
   * Divides the memory for blocks in flight among the peers that send: a fast peer with a window for all of it would
   * leave the others idle. A quarter stays for pieces that are being verified.
   */
  shareMemory(): void {
    let senders = 0
    for (const peer of this.#host.peers) if (!peer.peerChoking && peer.amInterested) senders++
    const blocks = (this.#io.disk.stats.slotBudget * 0.75) / BLOCK_LENGTH
    const share = Math.max(LEAST_SHARE, Math.floor(blocks / Math.max(1, senders)))
    for (const peer of this.#host.peers) peer.window.share = share
  }

  #feedStarved(): void {
    if (!this.#isStarved) return
    this.#isStarved = false
    for (const peer of this.#host.peers) this.topUp(peer)
  }

  // ---- blocks

  placeFor(from: PeerSession, piece: number, begin: number, length: number): Uint8Array | undefined {
    return this.#placeFor(from.slot, piece, begin, length)
  }

  #placeFor(from: number, piece: number, begin: number, length: number): Uint8Array | undefined {
    const { geometry, picker } = this.#content
    if (begin % BLOCK_LENGTH !== 0 || !geometry.isPiece(piece)) return undefined
    const block = begin / BLOCK_LENGTH
    if (block >= geometry.blockCount(piece) || length !== geometry.blockSize(piece, block)) return undefined
    const requesters = picker.requestersOf(piece, block, from)
    if (requesters === 0) return undefined
    if (requesters > 1 || this.#writers.size > 0) {
      const key = piece * geometry.blocksPerPiece + block
      const writer = this.#writers.get(key)
      if (writer !== undefined && writer !== from) return undefined
      this.#writers.set(key, from)
    }
    const run = Math.floor(begin / geometry.runLength)
    const at = begin - run * geometry.runLength
    return this.#slots.get(piece * this.#runsPerPiece + run)?.bytes.subarray(at, at + length)
  }

  onBlock(from: PeerSession, piece: number, begin: number, length: number, placed: boolean): void {
    const { geometry, picker } = this.#content
    const block = begin / BLOCK_LENGTH
    const isBlock = begin % BLOCK_LENGTH === 0 && geometry.isPiece(piece) && begin < geometry.pieceSize(piece)
    if (!isBlock || length !== geometry.blockSize(piece, block))
      throw new EngineError('WIRE_PROTOCOL', 'peer', `sends ${length} bytes at ${begin} of piece ${piece}`)
    // What was not asked, or not any more, is no answer: nobody stays in favour by sending rubbish.
    if (placed || picker.requestersOf(piece, block, from.slot) > 0) from.window.arrived(this.#io.clock.now())
    this.#arrived(from.slot, piece, begin, length, placed)
  }

  /**
   * A block that was asked of somebody who is no peer on the wire: a web seed. Copied.
   * @param from as the picker knows it
   * @returns whether it was of use
   */
  deliver(from: number, piece: number, begin: number, bytes: Uint8Array): boolean {
    const place = this.#isClosed ? undefined : this.#placeFor(from, piece, begin, bytes.length)
    place?.set(bytes)
    return this.#arrived(from, piece, begin, bytes.length, place !== undefined)
  }

  #arrived(from: number, piece: number, begin: number, length: number, placed: boolean): boolean {
    const { geometry, picker } = this.#content
    const block = begin / BLOCK_LENGTH
    if (this.#writers.size > 0) {
      const key = piece * geometry.blocksPerPiece + block
      if (this.#writers.get(key) === from) this.#writers.delete(key)
    }
    if (!placed) {
      picker.blockLost(from, piece, block)
      this.#host.onRedundant(length)
      return false
    }
    const arrival = picker.blockArrived(from, piece, block)
    if (arrival.result !== 'accepted') {
      this.#host.onRedundant(length)
      return false
    }
    this.#host.onDownloaded(length)
    if (picker.toCancel.length > 0) this.#cancelElsewhere(piece, begin, length)
    if (arrival.runComplete) this.#runArrived(piece, Math.floor(begin / geometry.runLength))
    return true
  }

  #cancelElsewhere(piece: number, begin: number, length: number): void {
    for (const slot of this.#content.picker.toCancel) {
      const peer = this.#host.peerOf(slot)
      if (!peer) continue
      peer.window.lost(1)
      peer.send(encodeCancel(piece, begin, length))
    }
  }

  onReject(from: PeerSession, piece: number, begin: number): void {
    const { geometry, picker } = this.#content
    if (begin % BLOCK_LENGTH !== 0 || !geometry.isPiece(piece) || begin >= geometry.pieceSize(piece)) return
    if (picker.requestersOf(piece, begin / BLOCK_LENGTH, from.slot) === 0) return
    picker.blockLost(from.slot, piece, begin / BLOCK_LENGTH)
    if (from.window.rejected()) this.requestsLost(from)
  }

  /** Everything asked of this peer will not come: choked, snubbed or gone. */
  requestsLost(peer: PeerSession): void {
    this.#content.picker.peerGone(peer.slot)
    peer.requestsVoided()
    for (const [key, writer] of this.#writers) if (writer === peer.slot) this.#writers.delete(key)
  }

  // ---- pieces

  #runArrived(piece: number, run: number): void {
    const slot = this.#slots.get(piece * this.#runsPerPiece + run)
    if (!slot) return
    if (this.#content.geometry.runCount(piece) === 1) {
      this.#job(piece, this.#content.store.verifyAndWrite(piece, slot))
      return
    }
    // A large piece never sits whole in memory: its runs go to disk as they fill, unclaimed, and are verified from there.
    this.#jobs++
    this.#writing.add(slot)
    this.#content.store.writeRun(piece, run, slot).then(
      () => {
        this.#jobs--
        if (this.#takeBack(piece, run, slot)) this.#runWritten(piece)
        this.#settleIdle()
      },
      (thrown: unknown) => {
        this.#jobs--
        this.#takeBack(piece, run, slot)
        this.#diskFailed(piece, thrown)
      },
    )
  }

  /** The disk is done with it. @returns whether its piece is still the one that it was filled for */
  #takeBack(piece: number, run: number, slot: Slot): boolean {
    const key = piece * this.#runsPerPiece + run
    const isCurrent = this.#slots.get(key) === slot
    if (isCurrent) this.#slots.delete(key)
    this.#writing.delete(slot)
    this.#io.disk.release(slot)
    return isCurrent
  }

  #runWritten(piece: number): void {
    const written = (this.#runsWritten.get(piece) ?? 0) + 1
    this.#runsWritten.set(piece, written)
    if (written < this.#content.picker.runsToFill(piece)) return
    this.#runsWritten.delete(piece)
    this.#job(piece, this.#content.store.verify(piece))
  }

  #job(piece: number, verdict: Promise<'ok' | 'mismatch'>): void {
    this.#jobs++
    verdict.then(
      result => {
        this.#jobs--
        if (result === 'ok') this.#verified(piece)
        else this.#mismatched(piece)
        this.#settleIdle()
      },
      (thrown: unknown) => {
        this.#jobs--
        this.#diskFailed(piece, thrown)
      },
    )
  }

  #verified(piece: number): void {
    const { picker } = this.#content
    const senders = new Set(picker.sendersOf(piece).map(slot => this.#host.addressOf(slot)))
    if (this.#suspicion.remembers(piece)) {
      for (const address of this.#suspicion.pieceVerified(piece, this.#digests(piece))) {
        this.#host.onGuilty(address, 'sent a block that failed its hash')
      }
    }
    this.#suspicion.noteGood(senders)
    const wasWanted = picker.isWanted(piece)
    picker.verified(piece)
    this.#content.unclaimed.push(piece)
    this.#host.onPiece(piece, wasWanted)
  }

  #mismatched(piece: number): void {
    const { picker, geometry } = this.#content
    const senders = Array.from({ length: geometry.blockCount(piece) }, (_, block) => {
      const slot = picker.senderOf(piece, block)
      return slot < 0 ? '' : this.#host.addressOf(slot)
    })
    const digests = this.#digests(piece)
    for (const slot of picker.sendersOf(piece)) this.#host.onHashFail(slot)
    this.#host.onCorrupt(geometry.pieceSize(piece))
    picker.failed(piece)
    const named = senders.filter(address => address !== '')
    for (const address of this.#suspicion.pieceFailed(piece, named, named.length === senders.length ? digests : [])) {
      this.#host.onGuilty(address, 'sent data that failed its hash')
    }
    this.#feedStarved()
  }

  /** SHA-1 of each block while the piece is still in memory; empty for large pieces, whose runs are on disk. */
  #digests(piece: number): Uint8Array[] {
    const { geometry } = this.#content
    const slot = geometry.runCount(piece) === 1 ? this.#slots.get(piece * this.#runsPerPiece) : undefined
    if (!slot) return []
    return Array.from({ length: geometry.blockCount(piece) }, (_, block) =>
      this.#io.hashes.sha1(
        slot.bytes.subarray(block * BLOCK_LENGTH, block * BLOCK_LENGTH + geometry.blockSize(piece, block)),
      ),
    )
  }

  #diskFailed(piece: number, thrown: unknown): void {
    this.#runsWritten.delete(piece)
    this.#content.picker.failed(piece)
    this.#host.onDiskError(toEngineError(thrown))
    this.#settleIdle()
  }

  #settleIdle(): void {
    if (this.#jobs === 0) this.#onIdle?.()
  }

  /** No new pieces from here on; settles when the disk has answered for those under way. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#room[Symbol.dispose]()
    if (this.#jobs > 0) await new Promise<void>(resolve => (this.#onIdle = resolve))
    this.#content.picker.abandonActive()
    for (const slot of this.#slots.values()) this.#io.disk.release(slot)
    this.#slots.clear()
    this.#content.slotOwner = { openRun: () => false, closeRun: () => {} }
  }
}
