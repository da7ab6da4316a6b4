import type { Settings } from '#engine/api/settings.ts'
import type { Io } from '#engine/io/io.ts'
import type { MakeTorrent } from './torrent-like.ts'

export interface SessionOverrides {
  /** In force for this process, never saved. */
  readonly settings?: Partial<Settings>
  /** This port or none; 0 is any free one. */
  readonly listenPort?: number
  /** Listen at this address only. */
  readonly listenHost?: string
  /** True unless told otherwise. */
  readonly useTrackers?: boolean
  /** Nodes to enter the DHT by, `host:port`, instead of the public ones. */
  readonly dhtNodes?: readonly string[]
}

export interface SessionOptions {
  readonly io: Io
  /** Absolute; made when missing, and locked. */
  readonly dataDir: string
  /** Where downloads go until the user says otherwise. */
  readonly downloadFolder: string
  /** Name and version, for trackers and peers. */
  readonly userAgent: string
  readonly overrides?: SessionOverrides
  /** For tests. */
  readonly makeTorrent?: MakeTorrent
}
