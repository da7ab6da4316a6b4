// @ts-check
/** `npm start`: the desktop app where Electron can run, else the same app in a browser. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { buildWhatIsStale } from './build.mjs'
import { obstacle, obtainElectron } from './electron-runtime.mjs'

const root = join(import.meta.dirname, '..')

/**
 * @param {string[]} given what the app gets on its command line
 * @param {string} [profile] folder for all that it remembers; the user's own when absent
 * @returns {Promise<number>} exit code, when the app has ended
 */
export async function startApp(given, profile) {
  const reason = obstacle()
  const electron = reason === undefined ? await obtainElectron() : undefined
  if (electron) {
    const place = profile === undefined ? [] : [`--user-data-dir=${profile}`]
    return ended(spawn(electron, [root, ...place, ...given], { stdio: 'inherit' }))
  }
  console.log(`In the browser, because ${reason ?? 'the Electron runtime is not installed and cannot be fetched'}.`)
  const place = profile === undefined ? [] : ['--data-dir', join(profile, 'engine')]
  const host = spawn(process.execPath, [join(root, 'dist/node/cli.js'), 'headless', ...place], {
    stdio: ['inherit', 'pipe', 'inherit'],
  })
  let seen = ''
  host.stdout.on('data', text => {
    process.stdout.write(text)
    if (/https?:\/\/\S+\s/.test(seen)) return
    seen += String(text)
    const address = /https?:\/\/\S+(?=\s)/.exec(seen)?.[0]
    if (address) openBrowser(address)
  })
  return ended(host)
}

/** @param {string} address */
function openBrowser(address) {
  const { platform, env } = process
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return
  const [program = '', ...given] =
    platform === 'darwin' ? ['open'] : platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  // Without a browser to open, the printed address has to do.
  spawn(program, [...given, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}

/** @param {import('node:child_process').ChildProcess} child @returns {Promise<number>} */
function ended(child) {
  // Ctrl+C reaches the child by itself; we stay until it has written down what it knows.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', code => resolve(code ?? 1))
  })
}

if (process.argv[1] === import.meta.filename) {
  buildWhatIsStale()
  process.exitCode = await startApp(process.argv.slice(2))
}
