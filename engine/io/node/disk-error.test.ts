import { expect, test } from 'vitest'
import { EngineError } from '#engine/base/errors.ts'
import { diskError, diskFailure } from './disk-error.ts'

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
  ['EACCES', 'DISK_DENIED'],
  ['EPERM', 'DISK_DENIED'],
  ['EROFS', 'DISK_READ_ONLY'],
  ['ENOENT', 'DISK_MISSING'],
  ['ELOOP', 'PATH_UNSAFE'],
  ['EIO', 'DISK_IO'],
  ['ESTALE', 'DISK_IO'],
])('%s is %s, and the message names the file', (errno, code) => {
  const error = diskFailure(errno, 'write', '/data/film.mkv', 'disk')
  expect([error.code, error.blame]).toEqual([code, 'disk'])
  expect(error.message).toMatch(/^Cannot write \/data\/film\.mkv: .+\. .+/)
})

test('an error that is one of ours already is left as it is', () => {
  const error = new EngineError('STATE_LOCKED', 'state', 'taken')
  expect(diskError(error, 'lock', '/x', 'disk')).toBe(error)
})
