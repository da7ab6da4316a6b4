import type { StatusReason, TorrentStatus } from '#engine/api/model.ts'
import { assertNever, type EngineError } from '#engine/base/errors.ts'
import type { Intent } from './types.ts'

/** How far a torrent got. What is valid only in one phase is a field of that phase. */
export type PhaseKind = 'stopped' | 'check-queued' | 'checking' | 'running' | 'stopping' | 'failed'

/** What decides about the status, gathered by the torrent; so that the decision itself is a function with a test per line. */
export interface StatusFacts {
  readonly phase: PhaseKind
  readonly intent: Intent
  readonly hasMetadata: boolean
  readonly isComplete: boolean
  /** B/s. */
  readonly down: number
  readonly up: number
  /** ms since a byte of payload came, or since it runs. */
  readonly quietMs: number
  readonly connected: number
  readonly connectedSeeds: number
  readonly known: number
  readonly dialling: number
  /** Peers that have something we want, and how many of them choke us. */
  readonly useful: number
  readonly usefulChoking: number
  /** Whole copies among the connected peers of what we miss. */
  readonly missingSomewhere: boolean
  readonly hasTrackers: boolean
  readonly wantsNothing: boolean
  readonly tracker:
    { readonly kind: 'refused' | 'unreachable'; readonly host: string; readonly text: string } | undefined
  readonly error: EngineError | undefined
}

/** ms without a byte before a download counts as stalled. */
export const STALL_MS = 10_000

export function statusOf(facts: StatusFacts): TorrentStatus {
  switch (facts.phase) {
    case 'failed':
      return 'error'
    case 'checking':
      return 'checking'
    case 'check-queued':
      return 'check-queued'
    case 'stopping':
      return 'stopping'
    case 'stopped':
      return facts.intent === 'run' ? 'queued' : 'paused'
    case 'running':
      if (!facts.hasMetadata) return 'metadata'
      if (facts.isComplete) return 'seeding'
      return facts.quietMs > STALL_MS || (facts.down === 0 && facts.useful === 0) ? 'stalled' : 'downloading'
    default:
      return assertNever(facts.phase)
  }
}

/** The most telling cause first; null when all is well. */
export function reasonOf(facts: StatusFacts, status: TorrentStatus): StatusReason | null {
  if (facts.wantsNothing && (status === 'seeding' || status === 'stalled')) return { kind: 'nothing-wanted' }
  if (status === 'seeding') {
    if (facts.tracker?.kind === 'refused' && facts.connected === 0) {
      return { kind: 'tracker-refused', host: facts.tracker.host, text: facts.tracker.text }
    }
    return facts.up === 0 ? { kind: 'nobody-asks' } : null
  }
  if (status !== 'stalled' && status !== 'metadata') return null
  if (facts.connected === 0) {
    if (facts.tracker) {
      const kind = facts.tracker.kind === 'refused' ? 'tracker-refused' : 'tracker-unreachable'
      return { kind, host: facts.tracker.host, text: facts.tracker.text }
    }
    if (facts.dialling > 0 || facts.known > 0) return { kind: 'connecting' }
    return facts.hasTrackers ? { kind: 'no-peers' } : { kind: 'no-trackers' }
  }
  if (status === 'metadata') return null
  if (facts.useful > 0 && facts.useful === facts.usefulChoking) return { kind: 'all-busy' }
  if (facts.connectedSeeds === 0 && (facts.useful === 0 || facts.missingSomewhere)) return { kind: 'no-seeds' }
  return null
}
