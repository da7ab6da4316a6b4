import { expect, test } from 'vitest'
import { Bitfield } from '#engine/base/bitfield.ts'
import { BlockList } from './block-list.ts'
import { BLOCK_LENGTH, Geometry } from './geometry.ts'
import { PIECE_STATE } from './piece-state.ts'
import { Picker } from './picker.ts'

const { MISSING, ACTIVE, VERIFYING, HAVE, SKIPPED } = PIECE_STATE
const MiB = 1024 * 1024

interface Setup {
  readonly pieces: number
  readonly blocksPerPiece?: number
  readonly pieceLength?: number
  /** Runs that fit into memory. */
  readonly room?: number
  readonly padding?: (piece: number) => readonly number[]
}

/** A picker with its memory, and a log of what it opened (+) and closed (-). */
function pickerOf({ pieces, blocksPerPiece = 4, pieceLength, room = Infinity, padding = () => [] }: Setup) {
  const length = pieceLength ?? blocksPerPiece * BLOCK_LENGTH
  const geometry = Geometry.of({ pieceLength: length, pieceCount: pieces, spaceLength: pieces * length })
  const log: string[] = []
  const memory = { room }
  const host = {
    openRun(piece: number, run: number) {
      if (memory.room === 0) return false
      memory.room--
      log.push(`+${piece}.${run}`)
      return true
    },
    closeRun(piece: number, run: number) {
      memory.room++
      log.push(`-${piece}.${run}`)
    },
  }
  const picker = new Picker(geometry, host, { random: () => 0.42, paddingBlocks: padding })
  const list = new BlockList()
  return {
    picker,
    geometry,
    log,
    memory,
    /** Blocks as `piece.block`. */
    pick: (peer: number, field: Bitfield, count: number): string[] => {
      list.clear()
      expect(picker.pick(peer, field, count, list)).toBe(list.length)
      return Array.from({ length: list.length }, (_, i) => `${list.piece(i)}.${list.block(i)}`)
    },
    arrive: (peer: number, block: string) => {
      const [piece, nth] = block.split('.').map(Number)
      return { ...picker.blockArrived(peer, piece!, nth!) }
    },
    /** Asks one peer for whole pieces and delivers them. */
    fetch: (...wanted: number[]) => {
      for (const piece of wanted) {
        list.clear()
        picker.pickOf(piece, 99, 1_000, list)
        for (let i = 0; i < list.length; i++) picker.blockArrived(99, piece, list.block(i))
        picker.verified(piece)
      }
    },
  }
}

/** One character per piece; anything but a blank is a piece that is there. */
function fieldOf(pieces: string): Bitfield {
  const field = new Bitfield(pieces.length)
  for (let piece = 0; piece < pieces.length; piece++) if (pieces[piece] !== ' ') field.set(piece)
  return field
}

interface Board {
  /** Copies of each piece. */
  readonly availability: string
  /** * = we have it. */
  readonly have?: string
  /** 0 skip to 3 high. */
  readonly priority?: string
  /** * = the peer has it. */
  readonly theirs?: string
  readonly sequential?: boolean
}

/** The first piece that a peer is asked for. */
function pickOne({ availability, have, priority, theirs, sequential = false }: Board): number | undefined {
  const length = availability.length
  const { picker, pick } = pickerOf({ pieces: length, blocksPerPiece: 1 })
  picker.restore(fieldOf(have ?? ' '.repeat(length)))
  picker.setPriorities(Uint8Array.from(priority ?? '2'.repeat(length), Number))
  picker.setSequential(sequential)
  for (let copies = 1; copies < 10; copies++) {
    picker.peerJoined(fieldOf(Array.from(availability, digit => (Number(digit) >= copies ? '*' : ' ')).join('')))
  }
  const [block] = pick(1, fieldOf(theirs ?? '*'.repeat(length)), 1)
  return block === undefined ? undefined : Number(block.split('.')[0])
}

test('takes the rarest piece that we miss and want', () => {
  expect(
    pickOne({
      availability: '31224444',
      have: '    ****', // enough to trade, so rarity counts
      priority: '20222222',
    }),
  ).toSatisfy(piece => piece === 2 || piece === 3)
})

test('looks at rarity among what the peer has', () => {
  expect(pickOne({ availability: '31254444', have: '    ****', theirs: '*  *    ' })).toBe(0)
})

test('prefers the user’s priorities to rarity', () => {
  expect(pickOne({ availability: '15994444', have: '    ****', priority: '12232222' })).toBe(3)
  expect(pickOne({ availability: '15994444', have: '    ****', priority: '12122222' })).toBe(1)
})

test('goes from front to back in sequential mode, within a priority', () => {
  expect(pickOne({ availability: '91111', have: '*    ', sequential: true })).toBe(1)
  expect(pickOne({ availability: '91111', have: '*    ', sequential: true, priority: '22223' })).toBe(4)
})

test('begins with any piece while there is nothing to trade', () => {
  const rare = Array.from({ length: 30 }, (_, piece) => (piece === 7 ? '1' : '9')).join('')
  expect(pickOne({ availability: rare })).not.toBe(7)
})

test('has nothing for a peer that has only what we have or skip', () => {
  expect(pickOne({ availability: '1111', have: '**  ', priority: '2202', theirs: '*** ' })).toBeUndefined()
})

test('fills a started piece, in order, before it begins another', () => {
  const { pick } = pickerOf({ pieces: 8 })
  const all = fieldOf('********')
  const blocks = [pick(1, all, 3), pick(1, all, 3)].flat()
  const [first, second] = [blocks[0]!, blocks[4]!].map(block => block.split('.')[0])
  expect(blocks).toEqual([`${first}.0`, `${first}.1`, `${first}.2`, `${first}.3`, `${second}.0`, `${second}.1`])
})

test('slow peers share a piece; a fast one has its own', () => {
  const { pick, picker } = pickerOf({ pieces: 8, blocksPerPiece: 64 })
  const all = fieldOf('********')
  const piece = pick(1, all, 2)[0]!.split('.')[0]
  expect(pick(2, all, 2)).toEqual([`${piece}.2`, `${piece}.3`])
  expect(pick(3, all, 32)[0]!.split('.')[0]).not.toBe(piece)
  expect(picker.activeCount).toBe(2)
})

test('a piece that its peer left half done goes to the next', () => {
  const { pick, picker, arrive } = pickerOf({ pieces: 8 })
  const all = fieldOf('********')
  const [block] = pick(1, all, 4)
  const piece = block!.split('.')[0]
  arrive(1, block!)
  picker.peerGone(1)
  expect(pick(2, all, 4).slice(0, 3)).toEqual([`${piece}.1`, `${piece}.2`, `${piece}.3`])
})

test('a piece is verified when its last block is here, and had when it is verified', () => {
  const { pick, picker, arrive, log } = pickerOf({ pieces: 1, blocksPerPiece: 2 })
  pick(1, fieldOf('*'), 2)
  expect(picker.stateOf(0)).toBe(ACTIVE)
  expect(arrive(1, '0.1')).toEqual({ result: 'accepted', runComplete: false, pieceComplete: false })
  expect([picker.arrivedFraction(0), picker.bytesPending()]).toEqual([0.5, BLOCK_LENGTH])
  expect(arrive(1, '0.0')).toEqual({ result: 'accepted', runComplete: true, pieceComplete: true })
  expect(picker.stateOf(0)).toBe(VERIFYING)
  picker.verified(0)
  expect([picker.stateOf(0), picker.have.has(0), picker.isComplete]).toEqual([HAVE, true, true])
  expect([picker.bytesLeft(), picker.bytesPending(), picker.arrivedFraction(0)]).toEqual([0, 0, 1])
  expect(log).toEqual(['+0.0', '-0.0'])
})

test('a piece that fails begins again, and is remembered for it', () => {
  const { pick, picker, arrive, log } = pickerOf({ pieces: 1, blocksPerPiece: 2 })
  pick(1, fieldOf('*'), 1)
  pick(2, fieldOf('*'), 1)
  arrive(1, '0.0')
  arrive(2, '0.1')
  expect([picker.sendersOf(0), picker.senderOf(0, 1)]).toEqual([[1, 2], 2])
  picker.failed(0)
  expect([picker.stateOf(0), picker.failedBefore(0), picker.wantedLeft]).toEqual([MISSING, true, 1])
  expect(pick(3, fieldOf('*'), 9)).toEqual(['0.0', '0.1'])
  expect(log).toEqual(['+0.0', '-0.0', '+0.0'])
})

test('tells duplicates from what nobody asked for', () => {
  const { pick, arrive } = pickerOf({ pieces: 2, blocksPerPiece: 2 })
  const [block] = pick(1, fieldOf('**'), 1)
  const piece = block!.split('.')[0]
  expect(arrive(2, block!).result).toBe('unrequested')
  expect(arrive(1, `${piece}.1`).result).toBe('unrequested')
  expect(arrive(1, block!).result).toBe('accepted')
  expect(arrive(1, block!).result).toBe('duplicate')
})

test('gives memory back when nothing came and nobody is asked any more', () => {
  const { pick, picker, log } = pickerOf({ pieces: 1 })
  pick(1, fieldOf('*'), 2)
  picker.blockLost(1, 0, 0)
  expect(picker.stateOf(0)).toBe(ACTIVE)
  picker.blockLost(1, 0, 1)
  expect([picker.stateOf(0), log]).toEqual([MISSING, ['+0.0', '-0.0']])
})

test('stops where memory ends, shares what is started, and goes on when there is room', () => {
  const { pick, memory } = pickerOf({ pieces: 4, room: 1 })
  const all = fieldOf('****')
  expect(pick(1, all, 3)).toHaveLength(3)
  expect(pick(2, all, 9)).toHaveLength(1)
  expect(pick(3, all, 9)).toHaveLength(0)
  memory.room = 1
  expect(pick(3, all, 9)).toHaveLength(4)
})

test('a large piece is opened run by run, in order', () => {
  const { pick, log, arrive, memory } = pickerOf({ pieces: 1, pieceLength: 8 * MiB, room: 2 })
  expect(pick(1, fieldOf('*'), 200)).toHaveLength(128)
  expect(log).toEqual(['+0.0', '+0.1'])
  for (let block = 0; block < 63; block++) arrive(1, `0.${block}`)
  expect(arrive(1, '0.63')).toEqual({ result: 'accepted', runComplete: true, pieceComplete: false })
  memory.room = 1
  expect(pick(1, fieldOf('*'), 1)).toEqual(['0.128'])
})

test('runs of a large piece that wait in vain are closed; those with data stay', () => {
  const { pick, log, arrive, picker } = pickerOf({ pieces: 1, pieceLength: 8 * MiB })
  pick(1, fieldOf('*'), 130)
  arrive(1, '0.0')
  picker.peerGone(1)
  expect(log).toEqual(['+0.0', '+0.1', '+0.2', '-0.2', '-0.1'])
  expect(pick(2, fieldOf('*'), 1)).toEqual(['0.1'])
})

test('never asks for padding, and never opens a run of nothing else', () => {
  const padding = () => Array.from({ length: 65 }, (_, nth) => 512 - 65 + nth) // the last run, and a block before it
  const { pick, log, picker } = pickerOf({ pieces: 1, pieceLength: 8 * MiB, padding })
  const blocks = pick(1, fieldOf('*'), 1000)
  expect([blocks.length, blocks.at(-1)]).toEqual([512 - 65, '0.446'])
  expect([log.at(-1), picker.runsToFill(0)]).toEqual(['+0.6', 7])
})

test('near the end asks several peers for the same block, and names whom to cancel', () => {
  const { pick, picker, arrive } = pickerOf({ pieces: 1, blocksPerPiece: 2 })
  const all = fieldOf('*')
  expect(pick(1, all, 9)).toEqual(['0.0', '0.1'])
  expect(pick(2, all, 1)).toEqual(['0.0'])
  expect(pick(3, all, 9)).toEqual(['0.1', '0.0'])
  expect(pick(4, all, 9)).toEqual(['0.1'])
  expect(pick(5, all, 9)).toEqual([]) // three are enough
  expect(picker.requestersOf(0, 0, 2)).toBe(3)
  expect(arrive(2, '0.0').result).toBe('accepted')
  expect(new Set(picker.toCancel)).toEqual(new Set([1, 3]))
  expect(arrive(1, '0.0').result).toBe('duplicate')
})

test('near the end helps out whoever has not delivered for the longest time', () => {
  const { pick, arrive } = pickerOf({ pieces: 3, blocksPerPiece: 2 })
  const all = fieldOf('***')
  const slow = pick(1, all, 2)
  const quick = pick(2, all, 4)
  for (const block of quick.slice(0, 3)) arrive(2, block)
  expect(pick(3, all, 3)).toEqual([...slow, quick[3]])
})

test('a block that one of several loses stays with the others', () => {
  const { pick, picker, arrive } = pickerOf({ pieces: 1, blocksPerPiece: 1 })
  for (const peer of [1, 2, 3]) pick(peer, fieldOf('*'), 1)
  picker.blockLost(1, 0, 0)
  picker.peerGone(3)
  expect([1, 2, 3].map(peer => picker.requestersOf(0, 0, peer))).toEqual([0, 1, 0])
  expect(arrive(2, '0.0').pieceComplete).toBe(true)
})

test('a started piece that is skipped ends when nothing is under way', () => {
  const { pick, picker, arrive, log } = pickerOf({ pieces: 2 })
  const [first, second] = pick(1, fieldOf('**'), 2)
  const piece = Number(first!.split('.')[0])
  arrive(1, first!)
  picker.setPriorities(Uint8Array.of(0, 0))
  expect([picker.stateOf(piece), picker.stateOf(1 - piece), picker.wantedLeft]).toEqual([ACTIVE, SKIPPED, 0])
  expect(pick(2, fieldOf('**'), 9)).toEqual([])
  arrive(1, second!)
  expect([picker.stateOf(piece), log]).toEqual([SKIPPED, [`+${piece}.0`, `-${piece}.0`]])
  picker.setPriorities(Uint8Array.of(2, 2))
  expect([picker.stateOf(piece), picker.wantedLeft]).toEqual([MISSING, 2])
})

test('counts copies, seeds included, through joins, haves and leaves', () => {
  const { picker } = pickerOf({ pieces: 3 })
  const copies = () => [0, 1, 2].map(piece => picker.availability(piece))
  const leech = fieldOf('*  ')
  picker.peerJoined(fieldOf('***'))
  picker.peerJoined(leech)
  expect(copies()).toEqual([2, 1, 1])
  for (const piece of [1, 2]) {
    leech.set(piece)
    picker.peerHas(piece, leech)
  }
  expect(copies()).toEqual([2, 2, 2])
  picker.peerLost(1, leech)
  leech.clear(1)
  expect(copies()).toEqual([2, 1, 2])
  picker.peerLeft(leech)
  expect(copies()).toEqual([1, 1, 1])
})

test('counts what a peer has that we want', () => {
  const { picker } = pickerOf({ pieces: 4 })
  picker.restore(fieldOf('*   '))
  picker.setPriorities(Uint8Array.of(2, 2, 0, 2))
  expect(
    [fieldOf('****'), fieldOf('***  '.slice(0, 4)), fieldOf('    ')].map(field => picker.countWanted(field)),
  ).toEqual([2, 1, 0])
})

test('notes each changed piece once until it is asked', () => {
  const { picker, fetch } = pickerOf({ pieces: 3 })
  fetch(2, 0)
  expect(picker.takeChanged()).toEqual([2, 0])
  expect(picker.takeChanged()).toEqual([])
  picker.lose(2)
  expect([picker.takeChanged(), picker.stateOf(2), picker.wantedLeft]).toEqual([[2], MISSING, 2])
})

test('restoring is exact: what a check did not find is missing', () => {
  const { picker } = pickerOf({ pieces: 3 })
  picker.restore(fieldOf('** '))
  picker.restore(fieldOf(' **'))
  expect([0, 1, 2].map(piece => picker.stateOf(piece))).toEqual([MISSING, HAVE, HAVE])
  expect([picker.wantedLeft, picker.have.count]).toEqual([1, 2])
})

test('gives only blocks of the piece that is named, for peers that choke us', () => {
  const { picker } = pickerOf({ pieces: 3, blocksPerPiece: 2 })
  const list = new BlockList()
  expect(picker.pickOf(1, 5, 9, list)).toBe(2)
  expect([list.piece(0), list.block(0), list.piece(1), list.block(1)]).toEqual([1, 0, 1, 1])
  expect(picker.pickOf(1, 6, 9, list)).toBe(0)
  picker.abandonActive()
  expect([picker.stateOf(1), picker.activeCount]).toEqual([MISSING, 0])
})

test('a piece cannot be verified without having been fetched', () => {
  const { picker } = pickerOf({ pieces: 1 })
  expect(() => picker.verified(0)).toThrow(expect.objectContaining({ code: 'INTERNAL', blame: 'bug' }))
})
