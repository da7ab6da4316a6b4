import type { Endpoint } from '#engine/base/endpoint.ts'

/** All that a torrent's trackers may ask of the torrent. */
export interface AnnouncerHost {
  /** 20-byte hashes to announce: v1, and the truncated v2 for hybrids where appropriate (private: only the first). */
  readonly swarms: readonly Uint8Array[]
  readonly isPrivate: boolean
  readonly peerId: Uint8Array
  /** A u32, constant in a session. */
  readonly key: number
  /** Payload bytes of this session since `started`; left = total minus verified. */
  counters(): { uploaded: number; downloaded: number; left: number; corrupt: number; redundant: number }
  /** Complete for what is wanted but files are skipped: `event=paused` (BEP 21). */
  isPartialSeed(): boolean
  numWant(): number
  /** 0 while not listening. */
  port(): number
  /** Setting: trackers at local addresses may be asked whoever named them. */
  allowLocal(): boolean
  /** @param from host of the tracker */
  onPeers(peers: readonly Endpoint[], from: string): void
  onExternalAddress(address: string): void
  /** Rows changed. */
  onChange(): void
}
