import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { fromHex } from '#engine/base/ids.ts'
import { sharedData } from '#engine/testing/shared-data.ts'
import { encodeExtendedHandshake, parseExtendedHandshake } from './extension.ts'

const nothing = parseExtendedHandshake(new Uint8Array(0))

test('encodes only what is said, and reads it back', () => {
  const bytes = encodeExtendedHandshake({
    ids: { utMetadata: 1, dontHave: 7 },
    client: 'Freshet 0.1.0',
    port: 6881,
    reqq: 500,
    yourIp: Uint8Array.of(80, 4, 4, 200),
    metadataSize: 34_256,
    uploadOnly: true,
  })
  expect(parseExtendedHandshake(bytes)).toEqual({
    ...nothing,
    ids: { utMetadata: 1, dontHave: 7 },
    client: 'Freshet 0.1.0',
    port: 6881,
    reqq: 500,
    yourIp: Uint8Array.of(80, 4, 4, 200),
    metadataSize: 34_256,
    uploadOnly: true,
  })
  expect(encodeExtendedHandshake({ ids: {} })).toEqual(utf8('d1:mdee'))
})

test.each([
  ['garbage', 'garbage', {}],
  ['a list of extensions', 'd1:mli1eee', {}],
  ['numbers that are no message ids', 'd1:md11:ut_metadatai-1e6:ut_pexi300eee', {}],
  ['an extension turned off', 'd1:md6:ut_pexi0eee', { off: ['utPex'] }],
  ['metadata of 2 GB', 'd13:metadata_sizei2147483647ee', {}],
  ['metadata of less than nothing', 'd13:metadata_sizei-5ee', {}],
  ['a queue of everything', 'd4:reqqi4611686018427387904ee', {}],
  ['a queue beyond what we would fill', 'd4:reqqi100000ee', { reqq: 1_500 }],
  ['no queue', 'd4:reqqi0ee', {}],
  ['ports that are none', 'd1:pi70000ee', {}],
  ['addresses of other lengths', 'd4:ipv41:x4:ipv64:abcd6:yourip5:abcdee', {}],
  ['a name that hides and turns text', 'd1:v13:a\u202eb\u0000\n\u200bc\u00e4e', { client: 'abcä' }],
])('makes the best of %s', (_, text, expected) => {
  expect(parseExtendedHandshake(utf8(text))).toEqual({ ...nothing, ...expected })
})

test('cuts a name of 100 kB to 64 characters', () => {
  const bytes = utf8(`d1:v100000:${'v'.repeat(100_000)}e`)
  expect(parseExtendedHandshake(bytes).client).toBe('v'.repeat(64))
})

test('never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(parseExtendedHandshake(bytes)).toHaveProperty('ids')
    }),
    { numRuns: 1000 },
  )
})

const captured = sharedData('vectors/captured/rqbit--extended-handshake.bin')

test.skipIf(!captured)('reads what another client really sent, and its beginnings', () => {
  const bytes = readFileSync(captured!).subarray(6)
  expect(parseExtendedHandshake(bytes)).toEqual({
    ...nothing,
    ids: { dontHave: 7, uploadOnly: 3, utHolepunch: 4, utMetadata: 2, utPex: 1 },
    client: 'qBittorrent/4.4.0alpha1',
    reqq: 500,
    yourIp: Uint8Array.of(127, 0, 0, 1),
    metadataSize: 138_876,
    uploadOnly: true,
    completeAgo: 22_934,
  })
  for (let end = 0; end < bytes.length; end++) expect(parseExtendedHandshake(bytes.subarray(0, end))).toEqual(nothing)
})

const vectors = sharedData('vectors/peer-wire.json')

test.skipIf(!vectors)('survives the extended handshakes of the shared vectors', () => {
  const { bad } = JSON.parse(readFileSync(vectors!, 'utf8')) as { bad: { id: string; hex: string | null }[] }
  const parse = (id: string) => parseExtendedHandshake(fromHex(bad.find(vector => vector.id === id)!.hex!)!.subarray(6))
  for (const id of ['ext-handshake-garbage', 'ext-m-list']) expect(parse(id)).toEqual(nothing)
  expect(parse('ext-m-id-300').ids).toEqual({})
  expect(parse('ext-metadata-2g')).toEqual({ ...nothing, ids: { utMetadata: 2 } })
  expect(parse('ext-metadata-neg')).toEqual({ ...nothing, ids: { utMetadata: 2 } })
  expect(parse('ext-v-html').client).toBe('<img src=x onerror=alert(1)>')
  expect(parseExtendedHandshake(utf8('d1:a'.repeat(1000) + 'i1e' + 'e'.repeat(1000)))).toEqual(nothing)
})
