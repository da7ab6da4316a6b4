/** Every option, with its unit. Defaults and ranges are in `SETTING_RULES`; a bad value is refused and never stored. */
export interface Settings {
  /** Absolute folder for new torrents. */
  readonly downloadFolder: string
  /** TCP port that peers reach us at; the next free one is taken, and shown, when it is busy. */
  readonly listenPort: number
  /** B/s, 0 = no limit. */
  readonly limitDown: number
  readonly limitUp: number
  /** Torrents that may download at once; 0 = no limit. */
  readonly maxActiveDownloads: number
  /** Connected peers in all, and per torrent. */
  readonly maxPeers: number
  readonly maxPeersPerTorrent: number
  /** Peers that we upload to at once, per torrent; 0 = chosen by the upload rate. */
  readonly uploadSlots: number
  /** Memory for unverified pieces and for reading ahead, MiB. */
  readonly cacheMiB: number
  /** New torrents start at once. */
  readonly startAdded: boolean
  /** Show the add sheet for every torrent; otherwise it is added with the defaults. */
  readonly askOnAdd: boolean
  /** Ask the router to let peers reach the listening port (UPnP, NAT-PMP, PCP). */
  readonly portMapping: boolean
  /** Talk to peers in plain only, encrypted where they can, or encrypted only. */
  readonly encryption: Encryption
  /** Look for peers in the distributed hash table (BEP 5). Never for private torrents. */
  readonly dht: boolean
  /** Look for peers on the local network (BEP 14). Never for private torrents. */
  readonly lsd: boolean
  /** Exchange addresses with connected peers (BEP 11). Never for private torrents. */
  readonly pex: boolean
  /** Trackers on loopback or private addresses are asked although a stranger's torrent names them. */
  readonly allowLocalTrackers: boolean
}

export type SettingKey = keyof Settings

export const ENCRYPTION = ['off', 'prefer', 'require'] as const
export type Encryption = (typeof ENCRYPTION)[number]

interface NumberRule {
  readonly type: 'number'
  readonly min: number
  readonly max: number
  readonly default: number
}
interface BooleanRule {
  readonly type: 'boolean'
  readonly default: boolean
}
interface PathRule {
  readonly type: 'path'
}
interface ChoiceRule<T extends string> {
  readonly type: 'choice'
  readonly choices: readonly T[]
  readonly default: T
}

/** What each value may be. `downloadFolder` gets its default from the host, which knows the user's folders. */
export const SETTING_RULES: {
  readonly [K in SettingKey]: Settings[K] extends number
    ? NumberRule
    : Settings[K] extends boolean
      ? BooleanRule
      : string extends Settings[K]
        ? PathRule
        : ChoiceRule<Settings[K] & string>
} = {
  downloadFolder: { type: 'path' },
  listenPort: { type: 'number', min: 1, max: 65535, default: 51413 },
  limitDown: { type: 'number', min: 0, max: 2 ** 40, default: 0 },
  limitUp: { type: 'number', min: 0, max: 2 ** 40, default: 0 },
  maxActiveDownloads: { type: 'number', min: 0, max: 10_000, default: 5 },
  maxPeers: { type: 'number', min: 2, max: 10_000, default: 500 },
  maxPeersPerTorrent: { type: 'number', min: 1, max: 2_000, default: 200 },
  uploadSlots: { type: 'number', min: 0, max: 500, default: 0 },
  cacheMiB: { type: 'number', min: 16, max: 1024, default: 64 },
  startAdded: { type: 'boolean', default: true },
  askOnAdd: { type: 'boolean', default: true },
  portMapping: { type: 'boolean', default: true },
  encryption: { type: 'choice', choices: ENCRYPTION, default: 'prefer' },
  dht: { type: 'boolean', default: true },
  lsd: { type: 'boolean', default: true },
  pex: { type: 'boolean', default: true },
  allowLocalTrackers: { type: 'boolean', default: false },
}
