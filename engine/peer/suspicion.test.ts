import { expect, test } from 'vitest'
import { Suspicion } from './suspicion.ts'

const digests = (...bytes: number[]) => bytes.map(byte => Uint8Array.of(byte))

test('the only sender of a bad piece is guilty at once', () => {
  expect(new Suspicion().pieceFailed(1, ['liar', 'liar'], digests(1, 2))).toEqual(['liar'])
})

test('among several senders nobody is accused until the good piece shows whose block differed', () => {
  const suspicion = new Suspicion()
  expect(suspicion.pieceFailed(1, ['a', 'liar', 'b', 'c'], digests(1, 66, 3, 4))).toEqual([])
  expect(suspicion.remembers(1)).toBe(true)
  expect(suspicion.pieceVerified(1, digests(1, 2, 3, 4))).toEqual(['liar'])
  expect(suspicion.remembers(1)).toBe(false)
})

test('one liar among four honest peers is the only one accused over many pieces', () => {
  const suspicion = new Suspicion()
  const accused = new Set<string>()
  for (let piece = 0; piece < 100; piece++) {
    const senders = ['a', 'b', 'c', 'd', 'liar'].map((_, nth, all) => all[(nth + piece) % 5]!)
    const bad = senders.map((sender, nth) => Uint8Array.of(sender === 'liar' ? 99 : nth))
    for (const name of suspicion.pieceFailed(piece, senders, bad)) accused.add(name)
    for (const name of suspicion.pieceVerified(piece, digests(0, 1, 2, 3, 4))) accused.add(name)
    suspicion.noteGood(senders.filter(sender => sender !== 'liar'))
    if (accused.has('liar')) break
  }
  expect([...accused]).toEqual(['liar'])
})
