// @ts-check
/**
 * `npm run demo`: a private swarm on this computer, and the app downloading from it. Needs no network; what it writes
 * is in one temporary folder, which goes when the app ends.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { buildWhatIsStale } from './build.mjs'
import { startApp } from './start.mjs'

const MiB = 1024 * 1024
/** path → bytes; about 300 MB in all. */
const FILES = {
  'snow.bin': 120 * MiB,
  'meltwater.bin': 90 * MiB,
  'springs/upper.bin': 48 * MiB,
  'springs/lower.bin': 32 * MiB,
  'READ ME.txt': 4_000,
}
/** B/s of the seeders that have it all: together fast enough for two minutes, slow enough to watch. */
const SEEDERS = [1.6 * MiB, 0.8 * MiB, 0.4 * MiB]

/**
 * Adds the torrent to the profile before the app opens it: a browser has no command line to name it on.
 * @param {import('../e2e/fixtures/data.ts').Payload} payload
 * @param {string} stateDir
 * @param {string} downloadFolder
 */
async function addBeforehand({ torrent }, stateDir, downloadFolder) {
  mkdirSync(stateDir, { recursive: true })
  // The swarm is on this computer: nobody else is asked for anything.
  const settings = { allowLocalTrackers: true, dht: false, lsd: false, portMapping: false, downloadFolder }
  writeFileSync(join(stateDir, 'settings.json'), JSON.stringify(settings))
  const { module } = await runnerImport('./engine/cli/face.ts', { configFile: false, logLevel: 'error' })
  const { Face } = /** @type {typeof import('../engine/cli/face.ts')} */ (module)
  const face = await Face.open({ stateDir, downloadFolder, port: 0, useTrackers: true })
  await face.client.call('torrents.add', { source: { kind: 'bytes', bytes: torrent }, start: true })
  await face.close()
}

buildWhatIsStale()
const folder = mkdtempSync(join(tmpdir(), 'freshet-demo-'))
// The swarm of the end-to-end tests, which is written in TypeScript.
const { module } = await runnerImport('./e2e/fixtures/swarm.ts', { configFile: false, logLevel: 'error' })
const { Swarm } = /** @type {typeof import('../e2e/fixtures/swarm.ts')} */ (module)
console.log('Making 300 MB of data and a swarm to download it from. Ctrl+C ends it and removes all of it.')
const swarm = await Swarm.start(join(folder, 'swarm'))
try {
  const payload = swarm.payload('freshet-demo', FILES, MiB)
  await Promise.all(SEEDERS.map(up => swarm.seed(payload, { up })))
  await swarm.seed(payload, { up: MiB, folder: swarm.part(payload, ['snow.bin', 'READ ME.txt']) })
  const profile = join(folder, 'profile')
  await addBeforehand(payload, join(profile, 'engine'), join(folder, 'Downloads'))
  process.exitCode = await startApp([], profile)
} finally {
  await swarm.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
