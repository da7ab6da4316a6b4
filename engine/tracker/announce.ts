import type { Endpoint } from '#engine/base/endpoint.ts'
import type { ErrorCode } from '#engine/base/errors.ts'

/** What an announce is about; '' is the regular one. `paused` is BEP 21: complete for what is wanted, files skipped. */
export type AnnounceEvent = '' | 'started' | 'completed' | 'stopped' | 'paused'

/** One announce, whatever carries it. Bytes are payload since `started`, exact to 2^53. */
export interface Announce {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** A u32, the same for the whole session: lets a tracker recognise us when our address changes. */
  readonly key: number
  readonly port: number
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  readonly corrupt: number
  readonly redundant: number
  readonly event: AnnounceEvent
  readonly numWant: number
  /** As the tracker gave it, echoed; HTTP only. */
  readonly trackerId: Uint8Array | undefined
}

/** A tracker's answer, judged and bounded. Counts are null when the tracker did not tell. */
export interface AnnounceAnswer {
  readonly intervalMs: number
  /** 0 when the tracker names none. */
  readonly minIntervalMs: number
  readonly seeds: number | null
  readonly leeches: number | null
  readonly completed: number | null
  readonly peers: readonly Endpoint[]
  readonly trackerId: Uint8Array | undefined
  /** Verbatim but for what must not be shown; '' when there is none. */
  readonly warning: string
  /** Our address as the tracker sees it (BEP 24). Its word only: never trust one tracker alone. */
  readonly externalAddress: string | undefined
}

/** The tracker said no. */
export interface Refusal {
  readonly kind: 'refused'
  /** The tracker's own words. */
  readonly text: string
  /** How long it wants to be left alone (BEP 31, Retry-After); Infinity is "never". */
  readonly retryInMs: number | undefined
}

/** No usable answer came. */
export interface Failure {
  readonly kind: 'failed'
  readonly code: ErrorCode
  /** A sentence for people, without passkeys. */
  readonly text: string
  readonly retryInMs: number | undefined
}

export type AnnounceResult =
  { readonly kind: 'answer'; readonly answer: AnnounceAnswer } | Refusal | Failure | { readonly kind: 'aborted' }

/** Counts of one swarm (BEP 48); null where the tracker did not tell. */
export interface SwarmCounts {
  readonly seeds: number | null
  readonly leeches: number | null
  readonly completed: number | null
}

export type ScrapeResult =
  | { readonly kind: 'counts'; readonly counts: readonly (SwarmCounts | undefined)[] }
  | Refusal
  | Failure
  | { readonly kind: 'aborted' }

/** Who may be asked for at a local address: see `address-rule`. */
export interface LocalPermission {
  /** The user named this tracker. */
  readonly byUser: boolean
  /** The setting. */
  readonly allowLocal: boolean
}
