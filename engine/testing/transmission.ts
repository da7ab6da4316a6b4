import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Child, freePort } from './child.ts'
import type { RealClient } from './real-clients.ts'

interface TorrentState {
  readonly leftUntilDone: number
  readonly sizeWhenDone: number
  /** 1 and 2: waits for a check, is checked. */
  readonly status: number
  readonly errorString: string
}

interface Answer {
  readonly result: string
  readonly arguments: {
    readonly 'torrent-added'?: { readonly id: number }
    readonly torrents?: readonly TorrentState[]
  }
}

/** Ignores peers of 127.x that a tracker or a face names, and answers those that dial it. */
export class Transmission implements RealClient {
  readonly port: number
  readonly #rpcPort: number
  readonly #child: Child
  #csrfToken = ''
  #id = 0

  private constructor(port: number, rpcPort: number, state: string) {
    this.port = port
    this.#rpcPort = rpcPort
    const settings = {
      'dht-enabled': false,
      'lpd-enabled': false,
      'pex-enabled': false,
      'utp-enabled': false,
      'port-forwarding-enabled': false,
      // 0: plain is preferred.
      encryption: 0,
      'peer-port': port,
      'bind-address-ipv4': '127.0.0.1',
      'bind-address-ipv6': '::1',
      'rpc-port': rpcPort,
      'rpc-bind-address': '127.0.0.1',
      'rpc-whitelist-enabled': false,
      'rpc-authentication-required': false,
      preallocation: 0,
      'rename-partial-files': false,
      'download-queue-enabled': false,
      'seed-queue-enabled': false,
      'ratio-limit-enabled': false,
    }
    writeFileSync(join(state, 'settings.json'), JSON.stringify(settings))
    this.#child = new Child('/usr/bin/transmission-daemon', ['-f', '-g', state])
  }

  static async start(this: void, state: string): Promise<Transmission> {
    const client = new Transmission(await freePort(), await freePort(), state)
    await client.#poll(() => client.#ask('session-get').then(Boolean, () => false), 20_000)
    return client
  }

  async add(source: string, folder: string, { isComplete = false } = {}): Promise<void> {
    const what = source.startsWith('magnet:')
      ? { filename: source }
      : { metainfo: readFileSync(source).toString('base64') }
    const answer = await this.#ask('torrent-add', { ...what, 'download-dir': folder, paused: isComplete })
    const id = answer.arguments['torrent-added']?.id
    if (id === undefined) throw new Error(`Transmission took nothing up: ${JSON.stringify(answer)}`)
    this.#id = id
    if (!isComplete) return
    await this.#ask('torrent-verify', { ids: [id] })
    await this.finished(30_000)
    await this.#ask('torrent-start', { ids: [id] })
  }
  async finished(timeoutMs: number): Promise<void> {
    await this.#poll(async () => {
      const fields = ['leftUntilDone', 'sizeWhenDone', 'status', 'errorString']
      const { torrents = [] } = (await this.#ask('torrent-get', { ids: [this.#id], fields })).arguments
      const [torrent] = torrents
      if (torrent === undefined || torrent.errorString !== '') throw new Error(`Transmission: ${torrent?.errorString}`)
      const isChecking = torrent.status === 1 || torrent.status === 2
      return !isChecking && torrent.sizeWhenDone > 0 && torrent.leftUntilDone === 0
    }, timeoutMs)
  }
  async close(): Promise<void> {
    await this.#child.close()
  }

  async #poll(isSo: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs
    while (!(await isSo())) {
      if (this.#child.ending !== undefined) throw new Error(`Transmission ended: ${this.#child.stderr}`)
      if (Date.now() > deadline) throw new Error(`Transmission takes more than ${timeoutMs} ms`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  async #ask(method: string, given: object = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.#rpcPort}/transmission/rpc`, {
      method: 'POST',
      body: JSON.stringify({ method, arguments: given }),
      headers: { 'X-Transmission-Session-Id': this.#csrfToken },
    })
    if (response.status !== 409) return (await response.json()) as Answer
    // Its guard against forged requests: it names the token to come back with.
    await response.arrayBuffer()
    this.#csrfToken = response.headers.get('X-Transmission-Session-Id') ?? ''
    return this.#ask(method, given)
  }
}
