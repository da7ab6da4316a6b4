import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Bitfield } from './bitfield.ts'

test('counts what is set, whatever happens to it', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('set', 'clear'), fc.nat(18)))
  fc.assert(
    fc.property(steps, given => {
      const field = new Bitfield(19)
      const model = new Set<number>()
      for (const [step, index] of given) {
        const changed = step === 'set' ? field.set(index) : field.clear(index)
        expect(changed).toBe(step === 'set' ? !model.has(index) : model.has(index))
        if (step === 'set') model.add(index)
        else model.delete(index)
      }
      const inOrder = [...model].sort((a, b) => a - b)
      expect([field.count, [...field.indices()], field.isEmpty, field.isFull]).toEqual([
        model.size,
        inOrder,
        model.size === 0,
        model.size === 19,
      ])
      expect(Bitfield.parse(field.clone().bytes, 19).count).toBe(model.size)
    }),
  )
})

test.each([1, 7, 8, 9, 16])('a full field of %i has no spare bit', length => {
  const field = new Bitfield(length)
  field.fill()
  expect([field.count, field.isFull, Bitfield.parse(field.bytes, length).count]).toEqual([length, true, length])
})

test.each([
  ['short', Uint8Array.of(0xff), 9],
  ['long', Uint8Array.of(0xff, 0x80, 0), 9],
  ['with spare bits', Uint8Array.of(0xff, 0xc0), 9],
])('a field that is %s blames the peer', (_, bytes, length) => {
  expect(() => Bitfield.parse(bytes, length)).toThrow(expect.objectContaining({ code: 'WIRE_PROTOCOL', blame: 'peer' }))
})

test('what is parsed is a copy', () => {
  const bytes = Uint8Array.of(0x80)
  const field = Bitfield.parse(bytes, 8)
  bytes[0] = 0
  expect(field.has(0)).toBe(true)
})
