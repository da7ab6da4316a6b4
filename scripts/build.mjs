// @ts-check
/** Builds those bundles whose sources are newer than they are. Also a command: `node scripts/build.mjs`. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

const bundles = [
  {
    name: 'window',
    config: 'renderer/vite.config.ts',
    made: 'dist/renderer/index.html',
    sources: ['renderer', 'engine/api', 'electron/api'],
  },
  { name: 'engine', config: 'engine/host/vite.config.ts', made: 'dist/node/main.js', sources: ['engine', 'electron'] },
  {
    name: 'preload',
    config: 'electron/preload/vite.config.ts',
    made: 'dist/preload/preload.cjs',
    sources: ['electron/preload', 'electron/api'],
  },
]

/** @throws Error naming the bundle that cannot be built; the bundler has said why on stderr */
export function buildWhatIsStale() {
  const stale = bundles.filter(isStale)
  if (stale.length > 0) console.log(`Building ${stale.map(({ name }) => name).join(', ')}…`)
  for (const { name, config } of stale) {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const { status } = spawnSync(process.execPath, [vite, 'build', '-c', config, '--logLevel', 'warn'], {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    if (status !== 0) throw new Error(`The ${name} bundle cannot be built (${config}).`)
  }
}

/** @param {typeof bundles[number]} bundle */
function isStale({ made, sources }) {
  const file = join(root, made)
  if (!existsSync(file)) return true
  const builtAt = statSync(file).mtimeMs
  return ['package.json', ...sources].some(source => newest(join(root, source)) > builtAt)
}

/** When the newest file at or below `path` that can end up in a bundle was changed, ms. @param {string} path @returns {number} */
function newest(path) {
  const found = statSync(path)
  if (!found.isDirectory()) return /\.test\.tsx?$/.test(path) ? 0 : found.mtimeMs
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0)
}

if (process.argv[1] === import.meta.filename) buildWhatIsStale()
