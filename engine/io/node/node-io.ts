import { readFileSync } from 'node:fs'
import type { Io } from '../io.ts'
import type { Log } from '../log.ts'
import { nodeClock } from './clock.ts'
import { NodeDns } from './dns.ts'
import { NodeFiles } from './files.ts'
import { NodeDh } from './dh.ts'
import { NodeLan } from './lan.ts'
import { nodeHashes } from './hashes.ts'
import { NodeHttp } from './http.ts'
import { RingLog } from './log.ts'
import { NodePieceDisk } from './piece-disk.ts'
import { nodeRandom } from './random.ts'
import { NodeTcp } from './tcp.ts'
import { NodeUdp } from './udp.ts'

const OPEN_FILES = 256
const OPEN_FILES_WHERE_FEW = 40
/** Below this limit of the process, sockets need what there is. */
const FEW = 1024

/**
 * The real world.
 * @param options.cacheMiB memory for pieces that are not verified yet
 */
export function createNodeIo(options: { cacheMiB: number; log?: Log }): Io & { close(): Promise<void> } {
  const log = options.log ?? new RingLog()
  const dns = new NodeDns()
  const http = new NodeHttp(dns)
  const disk = new NodePieceDisk({ cacheMiB: options.cacheMiB, openFiles: affordableFiles(), log })
  return {
    clock: nodeClock,
    random: nodeRandom,
    hashes: nodeHashes,
    dh: new NodeDh(),
    lan: new NodeLan(),
    tcp: new NodeTcp(log),
    udp: new NodeUdp(log),
    dns,
    http,
    files: new NodeFiles(),
    disk,
    log,
    async close() {
      http.close()
      await disk.close()
    },
  }
}

/** Linux says what a process may open; Node raises the limit to the system's own elsewhere, which is enough. */
function affordableFiles(): number {
  if (process.platform !== 'linux') return OPEN_FILES
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    return limit !== undefined && Number(limit) < FEW ? OPEN_FILES_WHERE_FEW : OPEN_FILES
  } catch {
    return OPEN_FILES
  }
}
