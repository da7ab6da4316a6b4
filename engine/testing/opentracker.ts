import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from './child.ts'

const BINARY = '/usr/bin/opentracker'

export const hasOpentracker = existsSync(BINARY)
if (!hasOpentracker) console.info(`skipped: ${BINARY} is not installed`)

/** opentracker on 127.0.0.1, HTTP and UDP at one port. Debian's build serves listed infohashes only. */
export class Opentracker {
  readonly port: number
  readonly #child: Child
  readonly #folder: string

  private constructor(port: number, child: Child, folder: string) {
    this.port = port
    this.#child = child
    this.#folder = folder
  }

  /** @param port known before, because a torrent names it; and the whitelist names the torrent */
  static async start(port: number, infohashes: readonly string[]): Promise<Opentracker> {
    const folder = await mkdtemp(join(tmpdir(), 'freshet-opentracker-'))
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'whitelist.txt'), infohashes.map(hash => `${hash}\n`).join(''))
    // As root it locks itself into its folder, where paths begin anew, and becomes somebody who must be able to read there.
    const isRoot = process.getuid?.() === 0
    const config = [
      `listen.tcp_udp 127.0.0.1:${port}`,
      `access.whitelist ${isRoot ? '/' : `${folder}/`}whitelist.txt`,
      `tracker.rootdir ${folder}`,
      'tracker.user nobody',
    ]
    await writeFile(join(folder, 'opentracker.conf'), `${config.join('\n')}\n`)
    const child = new Child(BINARY, ['-f', join(folder, 'opentracker.conf')], { cwd: folder })
    const tracker = new Opentracker(port, child, folder)
    const deadline = Date.now() + 10_000
    while (!(await fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false))) {
      if (child.ending !== undefined || Date.now() > deadline) throw new Error(`opentracker: ${child.stderr}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    return tracker
  }

  url(scheme: 'http' | 'udp'): string {
    return `${scheme}://127.0.0.1:${this.port}/announce`
  }
  async close(): Promise<void> {
    await this.#child.close()
    await rm(this.#folder, { recursive: true, force: true })
  }
}
