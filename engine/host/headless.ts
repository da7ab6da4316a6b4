import { chmod, readFile, writeFile, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEngine, nodeIo } from './engine.ts'
import { makeToken, startWebServer } from './web-server.ts'

const SHUTDOWN_MS = 5_000
/** Tried when no port is asked for, so that a bookmark goes on working; any free one when it is taken. */
const USUAL_PORT = 9393

export interface HeadlessOptions {
  /** 0 is the usual one, or any free one. */
  readonly port: number
  readonly dataDir?: string
  readonly downloadDir: string
  readonly token?: string
}

/** Engine and page without Electron, until interrupted. @returns the exit code */
export async function runHeadless(options: HeadlessOptions): Promise<number> {
  const dataDir = options.dataDir ?? defaultDataDir()
  await mkdir(dataDir, { recursive: true })
  const token = options.token ?? (await rememberedToken(join(dataDir, 'web-key')))
  const io = nodeIo()
  const engine = await createEngine({ io, dataDir, downloadFolder: options.downloadDir })
  const serve = (port: number) =>
    startWebServer({ port, token, pageFolder: pageFolder(), attach: transport => engine.attach(transport) })
  const server = await (options.port > 0 ? serve(options.port) : serve(USUAL_PORT).catch(() => serve(0)))
  process.stdout.write(`Freshet is at http://127.0.0.1:${server.port}/?token=${encodeURIComponent(token)}\n`)
  await asked()
  process.stdout.write('Saying goodbye to peers and trackers…\n')
  await server.close()
  await engine.shutdown({ deadlineMs: SHUTDOWN_MS })
  await io.close()
  return 0
}

/** The build puts the page beside our own folder; from source it lies in dist. */
function pageFolder(): string {
  const here = fileURLToPath(new URL('.', import.meta.url))
  return /[\\/]dist[\\/]node[\\/]?$/.test(here)
    ? join(here, '..', 'renderer')
    : join(here, '..', '..', 'dist', 'renderer')
}

/** The key survives restarts, so that an open page finds its way back. Readable by its owner only. */
async function rememberedToken(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (/^[\w-]{20,}$/.test(known)) return known
  const token = makeToken()
  await writeFile(file, token, { mode: 0o600 })
  await chmod(file, 0o600)
  return token
}

function defaultDataDir(): string {
  if (process.platform === 'win32')
    return join(process.env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Freshet', 'engine')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Freshet', 'engine')
  return join(process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'freshet', 'engine')
}

/** Ctrl+C or SIGTERM; a second one ends at once. */
function asked(): Promise<void> {
  return new Promise(done => {
    let isAsked = false
    const onSignal = (): void => {
      if (isAsked) process.exit(130)
      isAsked = true
      done()
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
