import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { utf8 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { toHex } from '#engine/base/ids.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { Announcer, type AnnouncerHost } from '#engine/tracker/announcer.ts'
import { TrackerService } from '#engine/tracker/tracker-service.ts'

const BINARY = '/usr/bin/opentracker'
const isInstalled = existsSync(BINARY)
if (!isInstalled) console.info(`skipped: ${BINARY} is not installed`)

const LISTED = Uint8Array.from({ length: 20 }, (_, at) => at * 7)
const UNLISTED = new Uint8Array(20).fill(0xee)

let folder = ''
let port = 0
let server: ChildProcess | undefined
const io = createNodeIo({ cacheMiB: 16 })
const service = new TrackerService(io, { userAgent: 'Freshet/0.1.0' })

// As root it locks itself into its folder, where paths begin anew, and becomes somebody who must be able to read there.
const isRoot = process.getuid?.() === 0

/** Debian's build serves listed hashes only. */
beforeAll(async () => {
  if (!isInstalled) return
  folder = await mkdtemp(join(tmpdir(), 'freshet-opentracker-'))
  await chmod(folder, 0o755)
  port = await freePort()
  await writeFile(join(folder, 'whitelist.txt'), `${toHex(LISTED)}\n`)
  const config = [
    `listen.tcp_udp 127.0.0.1:${port}`,
    `access.whitelist ${isRoot ? '/' : folder + '/'}whitelist.txt`,
    `tracker.rootdir ${folder}`,
    'tracker.user nobody',
  ]
  await writeFile(join(folder, 'opentracker.conf'), `${config.join('\n')}\n`)
  server = spawn(BINARY, ['-f', join(folder, 'opentracker.conf')], { stdio: 'ignore', cwd: folder })
  await vi.waitFor(
    async () => {
      if (!(await isListening(port))) throw new Error('opentracker does not listen')
    },
    { timeout: 10_000, interval: 50 },
  )
})

afterAll(async () => {
  server?.kill('SIGKILL')
  service.close()
  await io.close()
  if (folder !== '') await rm(folder, { recursive: true, force: true })
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

async function isListening(at: number): Promise<boolean> {
  try {
    const to = { address: '127.0.0.1', port: at, family: 4 } as const
    const socket = await io.tcp.dial(to, { timeoutMs: 1000 }, new AbortController().signal)
    socket.close()
    return true
  } catch {
    return false
  }
}

function client(at: number, left: number, url: string, hash = LISTED) {
  const peers: Endpoint[] = []
  const host: AnnouncerHost = {
    swarms: [hash],
    isPrivate: false,
    peerId: utf8(`-FH0100-${String(at).padStart(12, '0')}`),
    key: at,
    counters: () => ({ uploaded: 0, downloaded: 0, left, corrupt: 0, redundant: 0 }),
    isPartialSeed: () => false,
    numWant: () => 50,
    port: () => at,
    allowLocal: () => false,
    onPeers: found => void peers.push(...found),
    onExternalAddress: () => undefined,
    onChange: () => undefined,
  }
  const announcer = new Announcer(service, host, io)
  announcer.setTiers([[url]], { byUser: false })
  announcer.start(io.clock.now())
  announcer.tick(io.clock.now())
  return { announcer, peers }
}

const state = (announcer: Announcer) => announcer.rows()[0]!.state

test.skipIf(!isInstalled).each(['http', 'udp'])('opentracker introduces two clients over %s', async scheme => {
  const url = `${scheme}://127.0.0.1:${port}/announce`
  const base = scheme === 'http' ? 7100 : 7200
  const seed = client(base, 0, url)
  await expect.poll(() => state(seed.announcer)).toBe('working')
  const leech = client(base + 1, 1000, url)
  // It names the asker too.
  await expect.poll(() => leech.peers.map(peer => peer.port)).toContain(base)
  expect(leech.announcer.swarmCounts()).toEqual({ seeds: 1, leeches: 1 })
  leech.announcer.completed(io.clock.now())
  leech.announcer.tick(io.clock.now())
  await expect.poll(() => leech.announcer.rows()[0]!.state).toBe('working')
  await Promise.all([seed.announcer.stop(2000), leech.announcer.stop(2000)])
  const late = client(base + 2, 1000, url)
  await expect.poll(() => state(late.announcer)).toBe('working')
  expect(late.peers.filter(peer => peer.port < base + 2)).toEqual([])
  await late.announcer.stop(2000)
})

test.skipIf(!isInstalled).each([
  ['http', 'Requested download is not authorized for use with this tracker.'],
  // Over UDP it says so by an answer without content.
  ['udp', 'no reason given'],
])('opentracker refuses a torrent that it does not list, over %s', async (scheme, text) => {
  const one = client(7301, 1, `${scheme}://127.0.0.1:${port}/announce`, UNLISTED)
  await expect.poll(() => state(one.announcer)).toBe('refused')
  expect(one.announcer.problem()).toEqual({ kind: 'refused', host: '127.0.0.1', text })
})
