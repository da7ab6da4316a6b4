import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { showablePath } from './shell.ts'

vi.mock('electron', () => ({ protocol: {}, ipcMain: {} }))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-shell-'))
  for (const name of ['film.mkv', 'setup.EXE', 'menu.desktop', 'script', 'link.url'])
    await writeFile(join(folder, name), '')
  await chmod(join(folder, 'script'), 0o755)
  await mkdir(join(folder, 'Tool.app'))
  await symlink(join(folder, 'setup.EXE'), join(folder, 'holiday.jpg'))
  await symlink(join(folder, 'film.mkv'), join(folder, 'film'))
})
afterAll(() => rm(folder, { recursive: true }))

test('folders and files that are only shown may be opened, by their real path', async () => {
  expect(await showablePath(folder)).toBe(folder)
  expect(await showablePath(join(folder, 'film.mkv'))).toBe(join(folder, 'film.mkv'))
  expect(await showablePath(join(folder, 'film'))).toBe(join(folder, 'film.mkv'))
})

test.each(['setup.EXE', 'menu.desktop', 'script', 'link.url', 'Tool.app', 'holiday.jpg', 'missing.mkv'])(
  '%s is not opened',
  async name => {
    expect(await showablePath(join(folder, name))).toBeUndefined()
  },
)

test.each([
  'film.mkv',
  'https://example.org/',
  'file:///etc/passwd',
  'smb://host/share',
  'ms-msdt:/id',
  'search-ms:query=x',
  'javascript:alert(1)',
])('%s is no path', async address => {
  expect(await showablePath(address)).toBeUndefined()
})
