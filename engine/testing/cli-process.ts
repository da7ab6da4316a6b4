/** The command line as users run it: built, and a process of its own. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Child, type Ending } from './child.ts'

const root = resolve(import.meta.dirname, '../..')
const builds = join(root, '.cache/cli')
const KEPT_MS = 60 * 60 * 1000

let built: string | undefined

/**
 * Path of a `cli.js` made of the sources as they are. Not `dist`: that may be built anew while these tests run, and a
 * program loads its parts when it needs them.
 */
function cliPath(): string {
  if (built !== undefined) return built
  const folder = join(builds, String(Math.floor(newest(join(root, 'engine')))))
  if (!existsSync(folder)) build(folder)
  return (built = join(folder, 'cli.js'))
}

function build(folder: string): void {
  mkdirSync(builds, { recursive: true })
  for (const old of readdirSync(builds)) {
    const path = join(builds, old)
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true })
  }
  const making = `${folder}-${process.pid}`
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const words = [vite, 'build', '-c', 'engine/host/vite.config.ts', '--logLevel', 'warn', '--outDir', making]
  execFileSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    renameSync(making, folder)
  } catch (error) {
    // Somebody else was quicker, with the same sources.
    if (!existsSync(folder)) throw error
    rmSync(making, { recursive: true, force: true })
  }
}

/** When the newest source that can end up in the bundle was changed, ms. */
function newest(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(ts|mjs)$/.test(entry.name) && !/\.(test|contract)\.ts$/.test(entry.name))
    .filter(entry => !/\/engine\/(testing|interop|scenarios|fixtures)/.test(entry.parentPath))
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)
}

/** A line of `--json`. */
export interface CliEvent {
  readonly event: 'ready' | 'progress' | 'incomplete' | 'done'
  readonly id: string
  readonly port: number
  readonly complete: boolean
  readonly status: string
  readonly reason: { readonly kind: string; readonly text?: string } | null
  /** 0 to 1, verified. */
  readonly progress: number
  readonly left: number
  readonly downloaded: number
  readonly uploaded: number
  readonly down: number
  readonly path: string
  readonly verified: number
}

/** A swarm's verb with these meets nobody but those whom the test or its tracker names: tests run side by side. */
export const SECLUDED = ['--no-dht', '--no-lsd', '--no-pex'] as const

/** One run. Close it, however it went. */
export class CliProcess {
  readonly child: Child
  /** For what it would clean up itself if it were not killed. */
  readonly #scratch = mkdtempSync(join(tmpdir(), 'freshet-scratch-'))

  constructor(...words: readonly string[]) {
    const env = { ...process.env, NO_COLOR: '1', TMPDIR: this.#scratch }
    this.child = new Child(process.execPath, [cliPath(), ...words], { env })
  }

  get ended(): Promise<Ending> {
    return this.child.ended
  }
  /** Lines that are whole JSON, in order. */
  get events(): CliEvent[] {
    return this.child.lines.filter(line => line.startsWith('{')).map(line => JSON.parse(line) as CliEvent)
  }
  get progress(): CliEvent[] {
    return this.events.filter(({ event }) => event === 'progress')
  }

  signal(signal: NodeJS.Signals): void {
    this.child.signal(signal)
  }
  async close(): Promise<void> {
    await this.child.close()
    rmSync(this.#scratch, { recursive: true, force: true })
  }
  until(wanted: CliEvent['event'], timeoutMs = 60_000): Promise<CliEvent> {
    return this.untilThat(({ event }) => event === wanted, timeoutMs, `"${wanted}"`)
  }
  untilThat(matches: (event: CliEvent) => boolean, timeoutMs = 60_000, wanted = 'event'): Promise<CliEvent> {
    return this.child.until(() => this.events.find(matches), timeoutMs, wanted)
  }
}

export interface Outcome {
  readonly code: Ending
  readonly stdout: string
  readonly stderr: string
}

/** Runs to the end. */
export async function runCli(...words: readonly string[]): Promise<Outcome> {
  const cli = new CliProcess(...words)
  const { child } = cli
  const code = await child.ended
  await cli.close()
  return { code, stdout: child.lines.join('\n'), stderr: child.stderr }
}
