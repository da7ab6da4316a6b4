import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listPages } from '#engine/host/web-pages.ts'
import { isAppUrl, respond } from './app-protocol.ts'

vi.mock('electron', () => ({ protocol: {} }))

let folder = ''
let pages: ReadonlyMap<string, string> = new Map()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-pages-'))
  await mkdir(join(folder, 'renderer/assets'), { recursive: true })
  await writeFile(join(folder, 'secret.html'), 'secret')
  await writeFile(join(folder, 'renderer/index.html'), '<!doctype html>')
  await writeFile(join(folder, 'renderer/assets/app.js'), '1')
  await writeFile(join(folder, 'renderer/notes.txt'), 'of no kind we serve')
  pages = await listPages(join(folder, 'renderer'))
})
afterAll(() => rm(folder, { recursive: true }))

test('pages are served with their type and the whole policy', async () => {
  const response = await respond(new Request('app://freshet/'), pages)
  expect([response.status, await response.text()]).toEqual([200, '<!doctype html>'])
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(response.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
      "frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
  )
  const script = await respond(new Request('app://freshet/assets/app.js'), pages)
  expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8'])
})

test.each([
  'app://freshet/../secret.html',
  'app://freshet/%2e%2e/secret.html',
  'app://freshet/..%2fsecret.html',
  'app://freshet/..%5csecret.html',
  'app://freshet/assets/../../secret.html',
  'app://freshet/assets/..;/index.html',
  'app://freshet//index.html',
  'app://freshet/%69ndex.html',
  'app://freshet/index.html%00.js',
  'app://freshet/notes.txt',
  'app://freshet/__proto__',
  'app://other/index.html',
  'app://user@freshet/index.html',
  'app://freshet:80/index.html',
])('%s is not found', async address => {
  // `Request` refuses addresses with a user in them; what reaches a handler is only ever read for these two fields.
  const request = { url: address, method: 'GET' } as Request
  expect((await respond(request, pages)).status).toBe(404)
})

test('only GET is answered', async () => {
  expect((await respond(new Request('app://freshet/index.html', { method: 'POST' }), pages)).status).toBe(404)
})

test.each([
  ['app://freshet/index.html', true],
  ['app://freshet', true],
  ['app://freshet.example/', false],
  ['https://freshet/', false],
  ['file:///app://freshet/', false],
  ['about:blank', false],
  ['', false],
])('%s is an address of ours: %s', (address, ours) => {
  expect(isAppUrl(address)).toBe(ours)
})
