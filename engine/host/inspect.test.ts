import { expect, test } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import { makeTorrent } from '#engine/testing/sim-torrent.ts'
import { inspectSource } from './inspect.ts'

const { bytes, metainfo } = makeTorrent('film', [{ path: ['a.bin'], bytes: new Uint8Array(5) }])

test('a file tells its name and files, a magnet link its name', () => {
  const view = inspectSource({ kind: 'bytes', bytes })
  expect(view).toMatchObject({ name: 'film' })
  const hash = Buffer.from(metainfo.infoHashV1!).toString('hex')
  expect(inspectSource({ kind: 'magnet', uri: `magnet:?xt=urn:btih:${hash}&dn=film` })).toMatchObject({ name: 'film' })
})

test.each([
  [{ kind: 'bytes', bytes: utf8('<html>') } as const, { blame: 'input' }],
  [{ kind: 'magnet', uri: 'magnet:?dn=x' } as const, { code: 'MAGNET_INVALID' }],
  [{ kind: 'url', url: 'http://example.com/x.torrent' } as const, { code: 'UNSUPPORTED' }],
])('%j is refused', (source, error) => {
  expect(() => inspectSource(source)).toThrow(expect.objectContaining(error))
})
