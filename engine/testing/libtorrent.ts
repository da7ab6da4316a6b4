import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Child, freePort } from './child.ts'
import type { RealClient } from './real-clients.ts'

/** The one that sees Debian's python3-libtorrent. */
export const PYTHON = '/usr/bin/python3'

export const hasLibtorrent = spawnSync(PYTHON, ['-c', 'import libtorrent']).status === 0

export class Libtorrent implements RealClient {
  readonly port: number
  readonly #child: Child

  private constructor(port: number) {
    this.port = port
    this.#child = new Child(PYTHON, [join(import.meta.dirname, 'libtorrent_driver.py'), String(port)])
  }

  static async start(): Promise<Libtorrent> {
    const client = new Libtorrent(await freePort())
    await client.#heard('ready', 20_000)
    return client
  }

  async add(source: string, folder: string, { isComplete = false } = {}): Promise<void> {
    this.#tell({ cmd: 'add', source, folder, have_all: isComplete })
    await this.#heard('added', 10_000)
  }
  async finished(timeoutMs: number): Promise<void> {
    await this.#heard('finished', timeoutMs)
  }
  /** It dials us. */
  connect(port: number): void {
    this.#tell({ cmd: 'connect', port })
  }
  /** @param up bytes per second; 0: no limit */
  limit(up: number): void {
    this.#tell({ cmd: 'limit', up })
  }
  /** Payload of this session, bytes. */
  async count(): Promise<{ uploaded: number; downloaded: number }> {
    const before = this.#all('count').length
    this.#tell({ cmd: 'count' })
    const line = await this.#child.until(() => this.#all('count')[before], 5000, 'count')
    return JSON.parse(line) as { uploaded: number; downloaded: number }
  }
  /** What it complained about: pieces that failed, peers that broke the protocol. */
  get complaints(): string[] {
    return [...this.#all('hash_failed'), ...this.#all('error')]
  }
  close(): Promise<void> {
    return this.#child.close()
  }

  #tell(command: object): void {
    this.#child.write(JSON.stringify(command))
  }
  #all(event: string): string[] {
    return this.#child.lines.filter(line => line.startsWith(`{"event": "${event}"`))
  }
  #heard(event: string, timeoutMs: number): Promise<string> {
    return this.#child.until(() => this.#all(event)[0], timeoutMs, event)
  }
}
