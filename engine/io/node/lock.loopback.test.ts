import { fork } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockPath } from './lock.ts'

const locked = expect.objectContaining({ code: 'STATE_LOCKED', blame: 'state' }) as unknown
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-lock-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a folder reached by another name is the same folder', async () => {
  await symlink(folder, `${folder}-link`)
  const lock = await lockPath(join(folder, 'lock'))
  await expect(lockPath(join(`${folder}-link`, 'lock'))).rejects.toEqual(locked)
  lock[Symbol.dispose]()
  await rm(`${folder}-link`)
})

test.skipIf(process.platform === 'win32')('a socket that a killed process left behind blocks nobody', async () => {
  const path = join(folder, 'stale.lock')
  await leaveStaleSocket(path)
  const lock = await lockPath(path, 'darwin')
  await expect(lockPath(path, 'darwin')).rejects.toEqual(locked)
  lock[Symbol.dispose]()
  ;(await lockPath(path, 'darwin'))[Symbol.dispose]()
})

test.skipIf(process.platform === 'win32')('of two rivals for a stale socket one gets the lock', async () => {
  const path = join(folder, 'rivals.lock')
  await leaveStaleSocket(path)
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => lockPath(path, 'darwin')))
  const winners = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  expect(winners).toHaveLength(1)
  winners[0]![Symbol.dispose]()
})

test.skipIf(process.platform === 'win32')('a path too long for a socket is locked all the same', async () => {
  const long = join(folder, 'x'.repeat(120))
  const lock = await lockPath(long, 'darwin')
  await expect(lockPath(long, 'darwin')).rejects.toEqual(locked)
  lock[Symbol.dispose]()
})

/** Nobody listens on it, as after a crash: closing in good order would delete it. */
async function leaveStaleSocket(path: string): Promise<void> {
  const script = join(folder, 'stale.mjs')
  await writeFile(
    script,
    `import { createServer } from 'node:net'\ncreateServer().listen(${JSON.stringify(path)}, () => process.send('up'))\n`,
  )
  const holder = fork(script)
  await new Promise(resolve => holder.once('message', resolve))
  holder.kill('SIGKILL')
  await new Promise(resolve => holder.once('exit', resolve))
}
