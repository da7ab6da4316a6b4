import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, parse } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Io } from '#engine/io/io.ts'
import { folderInfo, listFolders } from './folders.ts'

let home: string
const io = { files: { space: () => Promise.resolve({ free: 5, total: 9 }) } } as unknown as Io

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'freshet-folders-'))
  for (const name of ['b', 'a', '.hidden']) await mkdir(join(home, name))
  await writeFile(join(home, 'file'), '')
  await symlink(join(home, 'a'), join(home, 'link'), 'dir')
  await symlink(join(home, 'file'), join(home, 'link-to-file'))
})
afterAll(() => rm(home, { recursive: true }))

test('folders are listed in order, links to folders too, files and hidden ones not', async () => {
  expect(await listFolders(join(home, 'a', '..'))).toEqual({
    path: home,
    parent: tmpdir(),
    folders: ['a', 'b', 'link'],
  })
})

test('the top has no parent', async () => {
  expect(await listFolders(parse(home).root)).toMatchObject({ path: parse(home).root, parent: null })
})

test.each([
  ['relative', 'INVALID_INPUT'],
  ['/nul\0', 'INVALID_INPUT'],
  ['/does/not/exist', 'DISK_MISSING'],
])('listing "%s" is %s', async (path, code) => {
  await expect(listFolders(path)).rejects.toMatchObject({ code })
})

test('a file is no folder to look into', async () => {
  await expect(listFolders(join(home, 'file'))).rejects.toMatchObject({
    code: 'DISK_MISSING',
    message: `${join(home, 'file')} is not a folder. Choose another folder.`,
  })
})

test('a folder that is not there yet is writable where its parent is', async () => {
  const path = join(home, 'new', 'deep')
  expect(await folderInfo(io, path)).toEqual({ path, exists: false, writable: true, free: 5, total: 9 })
})

test('a file in the way is neither a folder nor writable', async () => {
  const below = join(home, 'file', 'x')
  expect(await folderInfo(io, join(home, 'file'))).toMatchObject({ exists: false, writable: false })
  expect(await folderInfo(io, below)).toMatchObject({ exists: false, writable: false })
})

test('space that cannot be told is null', async () => {
  const blind = { files: { space: () => Promise.reject(new Error('no')) } } as unknown as Io
  expect(await folderInfo(blind, home)).toMatchObject({ exists: true, free: null, total: null })
})
