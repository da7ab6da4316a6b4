import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { NodeDh } from '#engine/io/node/dh.ts'
import { isPublicKey } from '#engine/io/crypto.ts'
import { SimDh } from '#engine/io/sim/sim-dh.ts'
import { nodeHashes as hashes } from '#engine/testing/hashes.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { ciphersOf, hiddenTorrentHash, syncHash } from './keys.ts'
import { Rc4 } from './rc4.ts'

const hex = (text: string) => fromHex(text)!

test.each([
  // Well-known answers for RC4 itself, and RFC 6229 (40 bits) at offset 1024.
  ['Key', 'Plaintext', 'bbf316e8d940af0ad3'],
  ['Wiki', 'pedia', '1021bf0420'],
  ['Secret', 'Attack at dawn', '45a01f645fc35b383552544b9bf5'],
])('encrypts with the key %s as everybody does', (key, text, expected) => {
  const bytes = utf8(text)
  new Rc4(utf8(key), 0).apply(bytes)
  expect(toHex(bytes)).toBe(expected)
})

test('throws the first 1024 bytes away', () => {
  const bytes = new Uint8Array(16)
  new Rc4(hex('0102030405')).apply(bytes)
  expect(toHex(bytes)).toBe('30abbcc7c20b01609f23ee2d5f6bb7df')
})

test('gives one stream, however it is cut, in place or beside', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const key = utf8('key')
      const whole = bytes.slice()
      new Rc4(key).apply(whole)
      const parts = new Uint8Array(bytes.length)
      const rc4 = new Rc4(key)
      rc4.copy(bytes.subarray(0, cut), parts, 0)
      rc4.copy(bytes.subarray(cut), parts, Math.min(cut, bytes.length))
      expect(parts).toEqual(whole)
      new Rc4(key).apply(whole)
      expect(whole).toEqual(bytes)
    }),
  )
})

const vectors = sharedData('vectors/mse.json')

test.skipIf(!vectors)('agrees with the shared vectors on keys, secrets, hashes and streams', () => {
  type Vector = Record<string, string>
  for (const vector of (JSON.parse(readFileSync(vectors!, 'utf8')) as { vectors: Vector[] }).vectors) {
    const v = (name: string) => hex(vector[name]!)
    for (const Dh of [NodeDh, SimDh]) {
      const a = new Dh({ bytes: () => v('Xa') }).keys()
      const b = new Dh({ bytes: () => v('Xb') }).keys()
      expect([toHex(a.publicKey), toHex(b.publicKey)]).toEqual([vector['Ya'], vector['Yb']])
      expect([toHex(a.secret(v('Yb'))), toHex(b.secret(v('Ya')))]).toEqual([vector['S'], vector['S']])
    }
    expect(toHex(syncHash(v('S'), hashes))).toBe(vector['req1'])
    expect(toHex(hiddenTorrentHash(v('SKEY'), v('S'), hashes))).toBe(vector['req2_xor_req3'])
    const streams = ciphersOf(v('SKEY'), v('S'), hashes)
    const start = (rc4: Rc4) => {
      const bytes = new Uint8Array(32)
      rc4.apply(bytes)
      return toHex(bytes)
    }
    expect(start(streams.a)).toBe(vector['keystreamA_after_1024'])
    expect(start(streams.b)).toBe(vector['keystreamB_after_1024'])
  }
})

test('one group serves many pairs at the same time', () => {
  const dh = new NodeDh()
  const [a, b, c] = [dh.keys(), dh.keys(), dh.keys()]
  expect(a.secret(b.publicKey)).toEqual(b.secret(a.publicKey))
  expect(c.secret(a.publicKey)).toEqual(a.secret(c.publicKey))
  expect(a.publicKey).not.toEqual(b.publicKey)
})

test('a public key is neither 0, 1, nor the prime or its neighbour', () => {
  const P =
    'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a362100000000000905'
  const small = (last: number) => Uint8Array.from({ length: 96 }, (_, at) => (at === 95 ? last : 0))
  const near = (last: string) => hex(P + last)
  expect([0, 1, 2].map(last => isPublicKey(small(last)))).toEqual([false, false, true])
  expect(['61', '62', '63', '64'].map(last => isPublicKey(near(last)))).toEqual([true, false, false, false])
  expect(isPublicKey(new Uint8Array(95).fill(7))).toBe(false)
})
