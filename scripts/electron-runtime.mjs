// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const electron = join(import.meta.dirname, '../node_modules/electron')
const REACH_MS = 5_000
const FETCH_MS = 300_000

/** Electron's program, if its runtime is on this computer. The npm package comes without and fetches it on first use. */
export function installedElectron() {
  const pathFile = join(electron, 'path.txt')
  const relative = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : 'electron'
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(electron, 'dist'), relative)
  return existsSync(program) ? program : undefined
}

/** The same, fetching it when its server can be reached. @returns {Promise<string | undefined>} */
export async function obtainElectron() {
  const installed = installedElectron()
  if (installed || process.env.ELECTRON_OVERRIDE_DIST_PATH || !existsSync(join(electron, 'install.js')))
    return installed
  const server = process.env.ELECTRON_MIRROR ?? 'https://github.com/electron/electron/releases'
  try {
    // Its own installer waits long for a server that is not there; ours is asked first.
    await fetch(server, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MS) })
  } catch {
    return undefined
  }
  console.log('Fetching the Electron runtime, once (about 120 MB)…')
  spawnSync(process.execPath, [join(electron, 'install.js')], { stdio: 'ignore', timeout: FETCH_MS })
  return installedElectron()
}

/** Why a window of Electron cannot open here, whatever is installed; undefined if nothing stands against it. */
export function obstacle() {
  if (process.platform !== 'linux') return undefined
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  // Chromium's sandbox refuses to run as root, and ours is never switched off.
  if (process.getuid?.() === 0) return 'Electron does not run as root'
  return undefined
}
