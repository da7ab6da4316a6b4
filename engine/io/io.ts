import type { Hashes } from '#engine/base/hashes.ts'
import type { Clock } from './clock.ts'
import type { DiffieHellman } from './crypto.ts'
import type { Dns } from './dns.ts'
import type { Files } from './files.ts'
import type { Http } from './http.ts'
import type { Lan } from './lan.ts'
import type { Log } from './log.ts'
import type { PieceDisk } from './piece-disk.ts'
import type { Random } from './random.ts'
import type { Tcp } from './tcp.ts'
import type { Udp } from './udp.ts'

/** The whole outside world. The engine is made from one value of this, real (`io/node`) or simulated (`io/sim`). */
export interface Io {
  readonly clock: Clock
  readonly random: Random
  readonly hashes: Hashes
  readonly dh: DiffieHellman
  readonly tcp: Tcp
  readonly udp: Udp
  readonly dns: Dns
  readonly http: Http
  readonly lan: Lan
  readonly files: Files
  readonly disk: PieceDisk
  readonly log: Log
}
