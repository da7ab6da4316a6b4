import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from '#engine/base/bitfield.ts'
import { BlockList } from './block-list.ts'
import { BLOCK_LENGTH, Geometry } from './geometry.ts'
import { PIECE_STATE } from './piece-state.ts'
import { Picker } from './picker.ts'

const PIECES = 12
const PEERS = 6
const { MISSING, ACTIVE, VERIFYING, HAVE, SKIPPED } = PIECE_STATE

/** What can happen; what happens often stands here often. */
const kinds =
  'join leave have lost-piece pick pick pick pick-of arrive arrive arrive arrive arrive ' +
  'lose-block gone ok ok bad priorities lose room sequential stray'

const step = fc.record({
  kind: fc.constantFrom(...kinds.split(' ')),
  peer: fc.nat(PEERS - 1),
  piece: fc.nat(PIECES - 1),
  number: fc.nat(1_000_000),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** `expect` costs too much for millions of small claims. */
function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What the picker should know, kept in the plainest way: one set of requesters and one sender per block. */
class Model {
  readonly geometry: Geometry
  readonly picker: Picker
  readonly padding: (piece: number) => number[]
  readonly fields: (Bitfield | undefined)[] = Array.from({ length: PEERS }, () => undefined)
  readonly asked: Set<number>[][]
  readonly senders: (number | undefined)[][]
  readonly states = Array.from({ length: PIECES }, (): number => MISSING)
  readonly priorities = new Uint8Array(PIECES).fill(2)
  readonly openRuns = new Set<string>()
  room = 6

  constructor(pieceLength: number, hasPadding: boolean) {
    const spaceLength = PIECES * pieceLength - 5_000
    this.geometry = Geometry.of({ pieceLength, pieceCount: PIECES, spaceLength })
    this.padding = piece => (hasPadding && piece % 3 === 0 ? [this.geometry.blockCount(piece) - 1] : [])
    const host = {
      openRun: (piece: number, run: number) => {
        claim(!this.openRuns.has(`${piece}.${run}`), 'a run is opened once')
        if (this.openRuns.size >= this.room) return false
        this.openRuns.add(`${piece}.${run}`)
        return true
      },
      closeRun: (piece: number, run: number) => claim(this.openRuns.delete(`${piece}.${run}`), 'a run is closed once'),
    }
    this.picker = new Picker(this.geometry, host, { random: () => 0.6, paddingBlocks: this.padding })
    this.asked = this.perBlock(() => new Set<number>())
    this.senders = this.perBlock(() => undefined)
  }

  perBlock<T>(make: () => T): T[][] {
    return Array.from({ length: PIECES }, (_, piece) => Array.from({ length: this.geometry.blockCount(piece) }, make))
  }
  isPadding(piece: number, block: number): boolean {
    return this.padding(piece).includes(block)
  }
  isHere(piece: number, block: number): boolean {
    return this.isPadding(piece, block) || this.senders[piece]![block] !== undefined
  }
  requests(): (readonly [piece: number, block: number, peer: number])[] {
    return this.asked.flatMap((blocks, piece) =>
      blocks.flatMap((peers, block) => Array.from(peers, peer => [piece, block, peer] as const)),
    )
  }
  runOf(block: number): number {
    return Math.floor(block / this.geometry.blocksPerRun)
  }

  forget(piece: number): void {
    for (const peers of this.asked[piece]!) peers.clear()
    this.senders[piece]!.fill(undefined)
    this.states[piece] = this.priorities[piece] === 0 ? SKIPPED : MISSING
  }
  /** What gives a started piece up: nobody asked, and nothing here or nothing wanted. */
  settle(piece: number): void {
    if (this.states[piece] !== ACTIVE || this.asked[piece]!.some(peers => peers.size > 0)) return
    const isEmpty = this.senders[piece]!.every(sender => sender === undefined)
    if (isEmpty || this.priorities[piece] === 0) this.forget(piece)
  }

  /** Blocks that could be given to this peer without asking twice, were there endless memory. */
  freeFor(field: Bitfield): number {
    let free = 0
    for (let piece = 0; piece < PIECES; piece++) {
      const isOpen = this.states[piece] === MISSING || this.states[piece] === ACTIVE
      if (!isOpen || !field.has(piece) || this.priorities[piece] === 0) continue
      for (let block = 0; block < this.asked[piece]!.length; block++) {
        if (!this.isHere(piece, block) && this.asked[piece]![block]!.size === 0) free++
      }
    }
    return free
  }

  pick(peer: number, count: number): void {
    const field = this.fields[peer]
    if (!field) return
    const list = new BlockList()
    const freeBefore = this.freeFor(field)
    this.picker.pick(peer, field, count, list)
    let fresh = 0
    for (let i = 0; i < list.length; i++) {
      const piece = list.piece(i)
      claim(field.has(piece), 'it has what it is asked for')
      fresh += this.take(piece, list.block(i), peer)
    }
    claim(list.length <= count, 'no more than asked')
    // With room for all, everything that is free is given out before anything is asked twice.
    if (this.room > 100) claim(fresh === Math.min(count, freeBefore), 'all that is free')
  }

  /** @returns 1 when nobody was asked for that block before */
  take(piece: number, block: number, peer: number): number {
    claim(this.states[piece] === MISSING || this.states[piece] === ACTIVE, 'it can be asked for')
    claim(!this.isHere(piece, block), 'it is not here')
    claim(this.openRuns.has(`${piece}.${this.runOf(block)}`), 'there is memory for it')
    const peers = this.asked[piece]![block]!
    claim(!peers.has(peer), 'nobody is asked twice')
    claim(peers.size < 3, 'three are enough')
    claim(this.priorities[piece]! > 0, 'it is wanted')
    peers.add(peer)
    this.states[piece] = ACTIVE
    return peers.size === 1 ? 1 : 0
  }

  arrive(piece: number, block: number, peer: number): void {
    const others = [...this.asked[piece]![block]!].filter(other => other !== peer)
    this.asked[piece]![block]!.clear()
    this.senders[piece]![block] = peer
    const arrival = { ...this.picker.blockArrived(peer, piece, block) }
    claim(same(sorted(this.picker.toCancel), sorted(others)), 'the others are to be cancelled')
    const isWhole = this.senders[piece]!.every((_, nth) => this.isHere(piece, nth))
    const isRunWhole = this.senders[piece]!.every(
      (_, nth) => this.runOf(nth) !== this.runOf(block) || this.isHere(piece, nth),
    )
    claim(
      same(arrival, { result: 'accepted', runComplete: isRunWhole, pieceComplete: isWhole }),
      'it is accepted, and may complete its run and piece',
    )
    if (isWhole) this.states[piece] = VERIFYING
    else this.settle(piece)
  }

  gone(peer: number): void {
    this.picker.peerGone(peer)
    for (const blocks of this.asked) for (const peers of blocks) peers.delete(peer)
    for (let piece = 0; piece < PIECES; piece++) this.settle(piece)
  }

  join(peer: number, number: number): void {
    if (this.fields[peer]) return
    const field = new Bitfield(PIECES)
    if (number % 4 === 0) field.fill()
    else for (let piece = 0; piece < PIECES; piece++) if (((number >>> piece) & 1) === 1) field.set(piece)
    this.fields[peer] = field
    this.picker.peerJoined(field)
  }

  apply({ kind, peer, piece, number }: Step): void {
    const { picker } = this
    const field = this.fields[peer]
    const requests = this.requests()
    const [askedPiece, askedBlock, askedPeer] = requests[number % Math.max(1, requests.length)] ?? [-1, -1, -1]
    const verifying = this.states.indexOf(VERIFYING)
    if (kind === 'join') this.join(peer, number)
    if (kind === 'leave' && field) {
      picker.peerLeft(field)
      this.gone(peer)
      this.fields[peer] = undefined
    }
    if (kind === 'have' && field?.set(piece)) picker.peerHas(piece, field)
    if (kind === 'lost-piece' && field?.has(piece)) {
      picker.peerLost(piece, field)
      field.clear(piece)
    }
    if (kind === 'pick') this.pick(peer, 1 + (number % (this.geometry.runCount(0) > 1 ? 150 : 12)))
    if (kind === 'pick-of' && field?.has(piece)) {
      const list = new BlockList()
      picker.pickOf(piece, peer, 1 + (number % 3), list)
      for (let i = 0; i < list.length; i++) claim(this.take(piece, list.block(i), peer) === 1, 'it was free')
    }
    if (kind === 'arrive' && askedPiece >= 0) this.arrive(askedPiece, askedBlock, askedPeer)
    if (kind === 'lose-block' && askedPiece >= 0) {
      picker.blockLost(askedPeer, askedPiece, askedBlock)
      this.asked[askedPiece]![askedBlock]!.delete(askedPeer)
      this.settle(askedPiece)
    }
    if (kind === 'gone') this.gone(peer)
    if (kind === 'ok' && verifying >= 0) {
      picker.verified(verifying)
      this.forget(verifying)
      this.states[verifying] = HAVE
    }
    if (kind === 'bad' && verifying >= 0) {
      picker.failed(verifying)
      this.forget(verifying)
    }
    if (kind === 'priorities') {
      for (let nth = 0; nth < PIECES; nth++) this.priorities[nth] = (number >>> nth) % 4
      picker.setPriorities(this.priorities)
      for (let nth = 0; nth < PIECES; nth++) {
        if (this.states[nth] === MISSING || this.states[nth] === SKIPPED) this.forget(nth)
        this.settle(nth)
      }
    }
    if (kind === 'lose' && this.states[piece] === HAVE) {
      picker.lose(piece)
      this.forget(piece)
    }
    if (kind === 'room') this.room = number % 2 === 0 ? 1_000 : number % 8
    if (kind === 'sequential') picker.setSequential(number % 2 === 0)
    if (kind === 'stray') {
      const block = number % this.geometry.blockCount(piece)
      if (this.asked[piece]![block]!.has(peer)) return
      const isStarted = this.states[piece] === ACTIVE || this.states[piece] === VERIFYING
      const isKnown = this.states[piece] === HAVE || (isStarted && this.isHere(piece, block))
      const { result } = picker.blockArrived(peer, piece, block)
      claim(result === (isKnown ? 'duplicate' : 'unrequested'), 'what nobody asked for is not taken')
    }
  }

  firstDifference(steps: readonly Step[]) {
    for (const one of steps) {
      this.apply(one)
      const { said, truth } = this.compare()
      if (!same(said, truth)) return { said, truth }
    }
    return undefined
  }

  /** All that the picker says of itself beside what the model says. */
  compare() {
    const { picker, geometry } = this
    const pieces = Array.from({ length: PIECES }, (_, piece) => piece)
    const wanted = pieces.filter(piece => this.priorities[piece]! > 0 && this.states[piece] !== HAVE)
    const started = pieces.filter(piece => this.states[piece] === ACTIVE || this.states[piece] === VERIFYING)
    const bytesOf = (piece: number) =>
      this.senders[piece]!.reduce(
        (bytes: number, sender, block) => (sender === undefined ? bytes : bytes + geometry.blockSize(piece, block)),
        0,
      )
    const sum = (numbers: number[]): number => numbers.reduce((all, one) => all + one, 0)
    const said = {
      states: pieces.map(piece => picker.stateOf(piece)),
      have: pieces.filter(piece => picker.have.has(piece)),
      copies: pieces.map(piece => picker.availability(piece)),
      wantedLeft: picker.wantedLeft,
      bytesLeft: picker.bytesLeft(),
      bytesPending: picker.bytesPending(),
      active: sorted([...picker.activePieces()]),
      activeCount: picker.activeCount,
      requested: pieces.map(piece => this.asked[piece]!.map((_, block) => picker.isRequested(piece, block))),
      senders: started.map(piece => this.senders[piece]!.map((_, block) => picker.senderOf(piece, block))),
    }
    const truth = {
      states: this.states,
      have: pieces.filter(piece => this.states[piece] === HAVE),
      copies: pieces.map(piece => this.fields.filter(field => field?.has(piece)).length),
      wantedLeft: wanted.length,
      bytesLeft: sum(wanted.map(piece => geometry.pieceSize(piece))),
      bytesPending: sum(started.map(bytesOf)),
      active: pieces.filter(piece => this.states[piece] === ACTIVE),
      activeCount: pieces.filter(piece => this.states[piece] === ACTIVE).length,
      requested: this.asked.map(blocks => blocks.map(peers => peers.size > 0)),
      senders: started.map(piece => this.senders[piece]!.map(sender => sender ?? -1)),
    }
    for (const run of this.openRuns) claim(started.includes(Number(run.split('.')[0])), 'memory is for started pieces')
    return { said, truth }
  }
}

test.each([
  ['small pieces', 3 * BLOCK_LENGTH + 100, false, 120],
  ['pieces of one block', 10_000, false, 80],
  ['padding', 4 * BLOCK_LENGTH, true, 80],
  ['pieces of many runs', 5 * 1024 * 1024, true, 8],
])(
  'agrees with the plain model after any history: %s',
  (_, pieceLength, hasPadding, numRuns) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), steps => {
        const model = new Model(pieceLength, hasPadding)
        for (let peer = 0; peer < 4; peer++) model.join(peer, peer === 0 ? 4 : 0b1011_0110_1101 >> peer)
        const difference = model.firstDifference(steps)
        expect(difference?.said).toEqual(difference?.truth)
      }),
      { numRuns },
    )
  },
  20_000,
)
