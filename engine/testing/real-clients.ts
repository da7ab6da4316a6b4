/** Other people's clients, each driven in its own way behind one shape. Loopback only; nothing is discovered by itself. */
import { existsSync } from 'node:fs'
import { Aria2 } from './aria2.ts'
import { hasLibtorrent, Libtorrent } from './libtorrent.ts'
import { Transmission } from './transmission.ts'

export interface RealClient {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number
  /**
   * Takes up a torrent. Settled when it can be dialled for it; with `isComplete`, when it serves.
   * @param source path of a .torrent, or a magnet link
   */
  add(source: string, folder: string, options?: { isComplete?: boolean }): Promise<void>
  /** Settled when it says that everything is there. */
  finished(timeoutMs: number): Promise<void>
  close(): Promise<void>
}

export interface RealClientKind {
  readonly name: string
  readonly isInstalled: boolean
  /** Whether it makes files that have no bytes. */
  readonly makesEmptyFiles: boolean
  /** @param folder for its state */
  start(folder: string): Promise<RealClient>
}

export const realClients: readonly RealClientKind[] = [
  { name: 'libtorrent', isInstalled: hasLibtorrent, makesEmptyFiles: true, start: () => Libtorrent.start() },
  {
    name: 'Transmission',
    isInstalled: existsSync('/usr/bin/transmission-daemon'),
    makesEmptyFiles: false,
    start: Transmission.start,
  },
  { name: 'aria2', isInstalled: existsSync('/usr/bin/aria2c'), makesEmptyFiles: true, start: Aria2.start },
]

for (const { name, isInstalled } of realClients) if (!isInstalled) console.info(`skipped: ${name} is not installed`)
