// @ts-check
import { EventEmitter } from 'node:events'
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** The value of a Chromium switch on our command line, `--name=value`. @param {string} name */
export const switchValue = name =>
  process.argv.find(argument => argument.startsWith(`--${name}=`))?.slice(name.length + 3)

const root = resolve(import.meta.dirname, '../..')
const userData = resolve(switchValue('user-data-dir') ?? join(homedir(), '.config/freshet-double'))
const lock = join(userData, 'double.lock')
const calls = join(userData, 'double-calls')

class App extends EventEmitter {
  isPackaged = false
  /** @type {(() => Promise<void>)[]} */
  closers = []
  badge = 0
  #ready = false
  #hasLock = false

  enableSandbox() {}
  isReady() {
    return this.#ready
  }
  async whenReady() {
    await new Promise(done => setImmediate(done))
    this.#ready = true
  }
  getVersion() {
    return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
  }
  getAppPath() {
    return root
  }
  /** @param {string} name */
  getPath(name) {
    if (name === 'userData') return userData
    if (name === 'downloads') return join(homedir(), 'Downloads')
    throw new Error(`the double has no path for ${name}`)
  }
  /** @param {number} count */
  setBadgeCount(count) {
    this.badge = count
    return true
  }

  /** The first holder is told of later starts by a file each: nothing else is synchronous on both sides. */
  requestSingleInstanceLock() {
    mkdirSync(calls, { recursive: true })
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
    } catch {
      const holder = Number(readFileSync(lock, 'utf8'))
      if (isAlive(holder)) {
        const call = join(calls, String(process.pid))
        writeFileSync(call, JSON.stringify({ argv: process.argv, folder: process.cwd() }))
        renameSync(call, `${call}.json`) // whole from the moment it can be found
        return false
      }
      writeFileSync(lock, String(process.pid))
    }
    this.#hasLock = true
    setInterval(() => this.#hearSecondInstances(), 100).unref()
    return true
  }
  #hearSecondInstances() {
    for (const name of readdirSync(calls).filter(found => found.endsWith('.json'))) {
      const { argv, folder } = JSON.parse(readFileSync(join(calls, name), 'utf8'))
      rmSync(join(calls, name))
      this.emit('second-instance', {}, argv, folder)
    }
  }

  quit() {
    let prevented = false
    this.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) this.exit(0)
  }
  /** @param {number} code */
  exit(code) {
    // Windows go without a word: nobody hears that the last one closed.
    this.removeAllListeners()
    void Promise.allSettled(this.closers.map(close => close())).then(() => {
      if (this.#hasLock) rmSync(lock, { force: true })
      process.exit(code)
    })
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

export const app = new App()
process.on('SIGTERM', () => app.quit())
process.on('SIGINT', () => app.quit())
