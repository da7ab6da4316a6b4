import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from '#engine/base/bitfield.ts'
import { RarestOrder } from './rarest-order.ts'

const PIECES = 40

function fieldOf(pieces: readonly number[], length = PIECES): Bitfield {
  const field = new Bitfield(length)
  for (const piece of pieces) field.set(piece)
  return field
}

const piece = fc.nat(PIECES - 1)
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('add', 'remove', 'raise', 'lower', 'unsort'), piece }),
  fc.record({ kind: fc.constant('ask'), piece, field: fc.array(piece), priority: fc.integer({ min: 1, max: 3 }) }),
)

test('gives the rarest open piece of a priority that a field has, after any changes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: PIECES, maxLength: PIECES }),
      fc.array(step, { maxLength: 150 }),
      (priorities, steps) => {
        const copies = new Uint16Array(PIECES)
        const order = new RarestOrder(fieldOf([]), Uint8Array.from(priorities), copies, () => 0.3)
        const open = new Set<number>()
        for (const one of steps) {
          if (one.kind === 'add') {
            order.add(one.piece)
            open.add(one.piece)
          } else if (one.kind === 'remove') {
            order.remove(one.piece)
            open.delete(one.piece)
          } else if (one.kind === 'raise') {
            copies[one.piece]!++
            order.raised(one.piece)
          } else if (one.kind === 'lower' && copies[one.piece]! > 0) {
            copies[one.piece]!--
            order.lowered(one.piece)
          } else if (one.kind === 'unsort') order.unsort()
          if (!('field' in one)) continue
          const fitting = [...open].filter(p => priorities[p] === one.priority && one.field.includes(p))
          const field = fieldOf(one.field)
          const rarest = order.rarest(one.priority, field)
          expect(rarest < 0 ? -1 : copies[rarest]).toBe(
            fitting.length === 0 ? -1 : Math.min(...fitting.map(p => copies[p]!)),
          )
          expect(fitting.length === 0 ? [-1] : fitting).toContain(rarest)
          expect(fitting.length === 0 ? [-1] : fitting).toContain(order.anyOf(one.priority, field))
          expect(order.lowest(one.priority, field)).toBe(fitting.length === 0 ? -1 : Math.min(...fitting))
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('finds the one piece that a peer can give among a hundred thousand', () => {
  const length = 100_000
  const open = new Bitfield(length)
  open.fill()
  const order = new RarestOrder(open, new Uint8Array(length).fill(2), new Uint16Array(length), () => 0.7)
  expect(order.rarest(2, fieldOf([77_777], length))).toBe(77_777)
  expect(order.anyOf(2, fieldOf([77_777], length))).toBe(77_777)
  expect(order.rarest(2, fieldOf([], length))).toBe(-1)
})

test('breaks ties differently for different torrents and clients', () => {
  const first = (dice: number) => {
    const open = new Bitfield(1000)
    open.fill()
    const all = open.clone()
    return new RarestOrder(open, new Uint8Array(1000).fill(2), new Uint16Array(1000), () => dice).rarest(2, all)
  }
  expect(new Set([0.1, 0.2, 0.3, 0.4, 0.5].map(first)).size).toBeGreaterThan(3)
})
