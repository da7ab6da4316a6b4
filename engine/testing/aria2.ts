import { join } from 'node:path'
import { Child, freePort } from './child.ts'
import type { RealClient } from './real-clients.ts'

const WORDS = [
  '--no-conf=true',
  // Its UDP trackers go through the socket of its DHT, which knows nobody to ask.
  '--enable-dht=true',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--enable-peer-exchange=false',
  '--disable-ipv6=true',
  '--file-allocation=none',
  '--summary-interval=0',
  '--console-log-level=notice',
  '--bt-require-crypto=false',
  '--bt-min-crypto-level=plain',
  '--follow-torrent=mem',
  // It asks again after a second when a tracker knew nobody.
  '--bt-tracker-interval=1',
]

/** aria2 is a process per torrent: it starts with `add`. */
export class Aria2 implements RealClient {
  readonly port: number
  readonly #state: string
  #child: Child | undefined

  private constructor(port: number, state: string) {
    this.port = port
    this.#state = state
  }

  static async start(this: void, state: string): Promise<Aria2> {
    return new Aria2(await freePort(), state)
  }

  async add(source: string, folder: string, { isComplete = false } = {}): Promise<void> {
    const role = isComplete
      ? ['--seed-ratio=0.0', '--bt-seed-unverified=true', '--allow-overwrite=true']
      : ['--seed-time=0']
    const dht = [`--dht-listen-port=${this.port}`, `--dht-file-path=${join(this.#state, 'dht.dat')}`]
    const place = [`--listen-port=${this.port}`, `--dir=${folder}`, ...dht]
    const child = new Child('/usr/bin/aria2c', [...WORDS, ...role, ...place, source], { cwd: this.#state })
    this.#child = child
    // Not by knocking: it holds a connection without a handshake against the address, for half a minute.
    const isListening = () => child.lines.some(line => line.includes('listening on TCP port')) || undefined
    await child.until(isListening, 10_000, 'open port')
  }
  async finished(timeoutMs: number): Promise<void> {
    const child = this.#child!
    const timer = setTimeout(() => child.signal('SIGKILL'), timeoutMs)
    const ending = await child.ended
    clearTimeout(timer)
    if (ending !== 0) throw new Error(`aria2 ended with ${ending}: ${child.lines.slice(-10).join('\n')}${child.stderr}`)
  }
  async close(): Promise<void> {
    await this.#child?.close()
  }
}
