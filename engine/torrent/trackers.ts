import { Announcer } from '#engine/tracker/announcer.ts'
import { handshakeHash } from './swarm.ts'
import type { Torrent } from './torrent.ts'
import type { TorrentHost } from './types.ts'

/** The trackers of one torrent: which, whether the user named them, and what they are told. */
export class Trackers {
  readonly announcer: Announcer
  readonly #isUsed: boolean
  #tiers: readonly (readonly string[])[]
  #byUser: boolean

  constructor(torrent: Torrent, host: TorrentHost, onChange: () => void) {
    const { trackers, trackersByUser } = torrent.spec
    this.#tiers = trackers
    this.#byUser = trackersByUser
    this.#isUsed = host.options.useTrackers
    this.announcer = announcerOf(torrent, host, onChange)
    if (this.#isUsed) this.setTiers(trackers, trackersByUser)
    else this.announcer.setTiers([], { byUser: trackersByUser })
  }

  get tiers(): readonly (readonly string[])[] {
    return this.#tiers
  }

  setTiers(tiers: readonly (readonly string[])[], byUser: boolean): void {
    this.#tiers = tiers
    this.#byUser ||= byUser
    if (this.#isUsed) this.announcer.setTiers(tiers, { byUser: this.#byUser })
  }
}

function announcerOf(torrent: Torrent, host: TorrentHost, onChange: () => void): Announcer {
  return new Announcer(
    host.trackers,
    {
      swarms: [handshakeHash(torrent.infoHashes)],
      // A magnet learns it with its metadata.
      get isPrivate() {
        return torrent.isPrivate
      },
      peerId: host.peerId,
      key: host.announceKey,
      counters: () => ({
        ...torrent.ledger.sinceStart(),
        // A magnet does not know how much is missing; trackers take any positive number for "not a seed".
        left: torrent.content?.bytesMissing() ?? 16 * 1024,
      }),
      isPartialSeed: () => torrent.isComplete && !torrent.content?.isWhole,
      numWant: () => peersWanted(torrent, host.options.maxPeersPerTorrent),
      port: () => host.listenPort(),
      allowLocal: () => host.options.allowLocalTrackers,
      onPeers: peers => void torrent.addPeers(peers, 'tracker'),
      onExternalAddress: address => host.onExternalAddress(address, torrent.view.row().trackerHost ?? ''),
      onChange,
    },
    host.io,
  )
}

function peersWanted(torrent: Torrent, most: number): number {
  const crew = torrent.swarm?.crew
  if (!crew) return 0
  const room = most - crew.peers.size
  return room <= 0 ? 0 : torrent.isComplete ? Math.min(50, room) : Math.min(200, room)
}
