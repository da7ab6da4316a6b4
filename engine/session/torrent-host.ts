import type { TorrentId } from '#engine/api/ids.ts'
import type { Notice } from '#engine/api/model.ts'
import type { Settings } from '#engine/api/settings.ts'
import { readU32 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import type { PeerId } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { Throttle } from '#engine/base/throttle.ts'
import type { Io } from '#engine/io/io.ts'
import type { Metainfo } from '#engine/metainfo/types.ts'
import { ReadCache } from '#engine/storage/read-cache.ts'
import { TrackerService } from '#engine/tracker/tracker-service.ts'
import type { TorrentHost } from '#engine/torrent/types.ts'
import { Budget } from './budget.ts'
import { CheckTurns } from './checks.ts'
import type { Listener } from './listen.ts'

const MIB = 1024 * 1024
/** Of the memory that the user allows, this part is for reading; the rest holds unverified pieces. */
const READ_CACHE_SHARE = 1 / 4

/** What of a torrent's word goes to the session itself. */
export interface TorrentEvents {
  onDirty(id: TorrentId, bits: number): void
  onClaim(id: TorrentId, pieces: readonly number[]): void
  onMetadata(id: TorrentId, metainfo: Metainfo): void
  onNotice(notice: Notice): void
  onNode(node: Endpoint): void
  onExternalAddress(address: string, from: string): void
}

export interface Shared {
  readonly io: Io
  readonly peerId: PeerId
  readonly userAgent: string
  readonly useTrackers: boolean
  readonly listener: Listener
  readonly settings: () => Settings
  /** TCP port at which the outside reaches us. */
  readonly publicPort: () => number
  /** UDP port of our DHT node; 0 while there is none. */
  readonly nodePort: () => number
}

/** All that torrents share, and what they may ask of their session. */
export class SharedHost {
  readonly host: TorrentHost
  readonly down = new Throttle()
  readonly up = new Throttle()
  readonly trackers: TrackerService
  readonly peers: Budget

  constructor(shared: Shared, events: TorrentEvents) {
    const { io, userAgent, peerId, listener, settings } = shared
    const peers = new Budget(() => settings().maxPeers)
    const dials = new Budget(() => LIMITS.peers.halfOpen)
    const checks = new CheckTurns()
    this.peers = peers
    this.trackers = new TrackerService(io, { userAgent })
    this.host = {
      io,
      trackers: this.trackers,
      readCache: new ReadCache(Math.floor(settings().cacheMiB * MIB * READ_CACHE_SHARE)),
      down: this.down,
      up: this.up,
      peerId,
      userAgent,
      announceKey: readU32(io.random.bytes(4), 0),
      options: {
        get maxPeersPerTorrent() {
          return settings().maxPeersPerTorrent
        },
        get uploadSlots() {
          return settings().uploadSlots
        },
        get allowLocalTrackers() {
          return settings().allowLocalTrackers
        },
        get pex() {
          return settings().pex
        },
        get encryption() {
          return settings().encryption
        },
        useTrackers: shared.useTrackers,
      },
      listenPort: () => shared.publicPort(),
      nodePort: () => shared.nodePort(),
      onNode: node => events.onNode(node),
      onExternalAddress: (address, from) => events.onExternalAddress(address, from),
      acquirePeer: () => peers.acquire(),
      releasePeer: () => peers.release(),
      acquireDial: () => dials.acquire(),
      releaseDial: () => dials.release(),
      isOurself: endpoint => listener.isOurself(endpoint),
      checkTurn: (_id, signal) => checks.take(signal),
      onDirty: (id, bits) => events.onDirty(id, bits),
      onClaim: (id, pieces) => events.onClaim(id, pieces),
      onMetadata: (id, metainfo) => events.onMetadata(id, metainfo),
      onNotice: notice => events.onNotice(notice),
    }
  }

  setLimits(settings: Settings, now: number): void {
    this.down.setRate(settings.limitDown, now)
    this.up.setRate(settings.limitUp, now)
  }
}
