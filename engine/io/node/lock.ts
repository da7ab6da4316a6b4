import { createHash } from 'node:crypto'
import { connect, createServer, type Server } from 'node:net'
import { lstat, rename, stat, unlink } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineError } from '#engine/base/errors.ts'
import { diskError } from './disk-error.ts'
import { errnoOf } from './net-error.ts'

/** Long enough for a rival that has just looked at the same stale socket to show itself. */
const SETTLE_MS = 100
const ATTEMPTS = 5
/** What fits into a socket address on every system. */
const SOCKET_PATH_BYTES = 90

/**
 * A lock that the kernel drops when the process ends, however it ends. Node has no flock, but a listening local socket
 * is the same thing: one process at a time can have the name. On Linux (abstract sockets) and Windows (named pipes)
 * no file remains; elsewhere a socket file does, and one that nobody answers on is taken over.
 * @param path in a folder that exists
 */
export async function lockPath(path: string, platform: string = process.platform): Promise<Disposable> {
  try {
    if (platform === 'win32') return await lockName(`\\\\.\\pipe\\freshet-${await keyOf(path)}`, path)
    // The user is part of the name: what others can see in the abstract namespace must not be ours to wait for.
    if (platform === 'linux') return await lockName(`\0freshet-${userInfo().uid}-${await keyOf(path)}`, path)
    const isShort = Buffer.byteLength(path) <= SOCKET_PATH_BYTES
    return await lockFile(isShort ? path : join(tmpdir(), `freshet-${await keyOf(path)}`), path)
  } catch (thrown) {
    throw diskError(thrown, 'lock', path, 'state')
  }
}

const taken = (path: string) =>
  new EngineError('STATE_LOCKED', 'state', `${dirname(path)} is in use by another Freshet. Quit that one first`)

/** The folder itself, however it is spelled or linked to. */
async function keyOf(path: string): Promise<string> {
  const { dev, ino } = await stat(dirname(path), { bigint: true })
  const name = path.slice(dirname(path).length)
  return createHash('sha256').update(`${dev}:${ino}:${name}`).digest('hex').slice(0, 32)
}

async function lockName(name: string, path: string): Promise<Disposable> {
  const server = await bind(name)
  if (!server) throw taken(path)
  return { [Symbol.dispose]: () => void server.close() }
}

async function lockFile(path: string, lock: string): Promise<Disposable> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const server = await bind(path)
    if (!server) {
      if (await isAlive(path)) throw taken(lock)
      // Moved aside before it is deleted: of two rivals only one can move the same file.
      const aside = `${path}.${process.pid}-${attempt}.stale`
      await rename(path, aside).then(() => unlink(aside), ignoreMissing)
      continue
    }
    const own = await lstat(path, { bigint: true }).catch(ignoreMissing)
    await sleep(SETTLE_MS)
    const there = await lstat(path, { bigint: true }).catch(ignoreMissing)
    if (own && there && own.ino === there.ino) return { [Symbol.dispose]: () => void server.close() }
    // A rival took ours for the stale one. This server stays open: closing it would delete the name, which is the rival's.
    if (there) throw taken(lock)
  }
  throw taken(lock)
}

function ignoreMissing(thrown: unknown): undefined {
  if (errnoOf(thrown) !== 'ENOENT') throw thrown
  return undefined
}

/** `undefined` when the name is taken. */
function bind(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', thrown => {
      if (errnoOf(thrown) === 'EADDRINUSE') resolve(undefined)
      else reject(thrown)
    })
    server.listen({ path: name, exclusive: true }, () => {
      server.removeAllListeners('error')
      server.on('error', () => undefined)
      // Holding a lock is no reason for a process to stay.
      server.unref()
      resolve(server)
    })
  })
}

function isAlive(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
