import type { Hashes } from '#engine/base/hashes.ts'
import type { Io } from '../io.ts'
import type { Log } from '../log.ts'
import type { SimClock } from './sim-clock.ts'
import { SimDh } from './sim-dh.ts'
import { SimDisk } from './sim-disk.ts'
import { SimFiles } from './sim-files.ts'
import type { SimHost, SimNetwork } from './sim-network.ts'
import { SimRandom } from './sim-random.ts'
import { SimVolume } from './sim-volume.ts'

/** The whole outside world of one simulated computer. */
export interface SimIo extends Io {
  readonly host: SimHost
  readonly volume: SimVolume
  readonly logged: readonly string[]
}

/** @param hashes real digests: simulated swarms move real bytes */
export function simIo(
  network: SimNetwork,
  clock: SimClock,
  hashes: Hashes,
  host: SimHost,
  options: { seed: number; slotBudget?: number; volume?: SimVolume },
): SimIo {
  const random = new SimRandom(options.seed)
  const volume = options.volume ?? new SimVolume(clock, random)
  const logged: string[] = []
  const log: Log = {
    write: (level, area, text) => void (level !== 'debug' && logged.push(`${level} ${area}: ${text}`)),
  }
  return {
    clock,
    random,
    hashes,
    dh: new SimDh(random),
    host,
    volume,
    logged,
    log,
    tcp: network.tcpOf(host),
    udp: network.udpOf(host),
    dns: network.dns(),
    http: network.httpOf(host),
    // Every simulated computer is alone on its line.
    lan: { gateway: () => Promise.resolve(undefined), interfaces: () => [] },
    files: new SimFiles(volume),
    disk: new SimDisk(volume, hashes, options.slotBudget),
  }
}
