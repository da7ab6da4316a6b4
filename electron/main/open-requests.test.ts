import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { OpenRequest } from '#electron/api/shell.ts'
import { OpenRequests, requestFor } from './open-requests.ts'

const magnet = 'magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-open-'))
  await mkdir(join(folder, 'below'))
  await writeFile(join(folder, 'a.torrent'), 'A')
  await writeFile(join(folder, 'below/ü b.torrent'), 'B')
  await writeFile(join(folder, 'huge.torrent'), '')
  await truncate(join(folder, 'huge.torrent'), 64 * 1024 * 1024 + 1)
})
afterAll(() => rm(folder, { recursive: true }))

const bytes = (name: string, text: string): OpenRequest => ({
  kind: 'bytes',
  name,
  bytes: new TextEncoder().encode(text),
})

test('a path is relative to the folder in which the command was given', async () => {
  expect(await requestFor('a.torrent', folder)).toEqual(bytes('a.torrent', 'A'))
  expect(await requestFor('../a.torrent', join(folder, 'below'))).toEqual(bytes('a.torrent', 'A'))
  expect(await requestFor(join(folder, 'a.torrent'), '/')).toEqual(bytes('a.torrent', 'A'))
})

test('a file manager may give file:// addresses', async () => {
  const address = pathToFileURL(join(folder, 'below/ü b.torrent')).href
  expect(await requestFor(address, '/')).toEqual(bytes('ü b.torrent', 'B'))
  expect(await requestFor('file://server/share/x.torrent', '/')).toMatchObject({ kind: 'refused' })
})

test.each([magnet, magnet.replace('magnet', 'MAGNET'), `${magnet}&dn=${'x'.repeat(60_000)}`])(
  'a magnet link is told by its scheme, however long it is',
  async uri => {
    expect(await requestFor(uri, folder)).toEqual({ kind: 'magnet', uri })
  },
)

test.each([
  ['a magnet link of absurd length', `${magnet}&dn=${'x'.repeat(70_000)}`, /characters long/],
  ['an address', 'https://example.org/a.torrent', /"https:" addresses/],
  ['a folder', 'below', /is not a file/],
  ['a file that is not there', 'b.torrent', /does not exist/],
  ['a path through a file', 'a.torrent/b.torrent', /does not exist/],
  ['a file larger than any torrent', 'huge.torrent', /too large/],
  ['a path with a NUL', 'a\0.torrent', /cannot be read/],
])('%s is refused with a sentence', async (_, argument, reason) => {
  const request = await requestFor(argument, folder)
  expect(request).toEqual({ kind: 'refused', name: expect.any(String), reason: expect.stringMatching(reason) })
  expect(request.kind === 'refused' && request.name.length).toBeLessThan(130)
})

test.skipIf(process.getuid?.() === 0)('a file that may not be read is refused with a sentence', async () => {
  await writeFile(join(folder, 'closed.torrent'), '')
  await chmod(join(folder, 'closed.torrent'), 0)
  expect(await requestFor('closed.torrent', folder)).toMatchObject({ kind: 'refused', reason: /may not be read/ })
})

test('requests wait for the page, come in order, and wait again while it reloads', async () => {
  const requests = new OpenRequests()
  const seen: string[] = []
  const name = (request: OpenRequest) => seen.push(request.kind === 'magnet' ? 'magnet' : request.name)
  requests.fromCommandLine(['--flag', 'a.torrent', magnet, 'below/ü b.torrent'], folder)
  requests.open('nowhere.torrent', folder)
  expect(seen).toEqual([])
  requests.deliverTo(name)
  await vi.waitFor(() => expect(seen).toEqual(['a.torrent', 'magnet', 'ü b.torrent', 'nowhere.torrent']))
  requests.hold()
  requests.open(magnet, folder)
  await new Promise(resolve => setTimeout(resolve, 20))
  expect(seen).toHaveLength(4)
  requests.deliverTo(name)
  expect(seen.at(-1)).toBe('magnet')
})
