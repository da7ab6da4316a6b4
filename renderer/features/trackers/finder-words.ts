import type { FinderRow } from '#engine/api/model.ts'
import { formatCount } from '#renderer/lib/format.ts'

/** What people call it, and what it is. */
export const FINDERS: Readonly<Record<FinderRow['kind'], { readonly name: string; readonly what: string }>> = {
  dht: { name: 'DHT', what: 'A table that all clients keep together' },
  pex: { name: 'Peer exchange', what: 'Connected peers name others' },
  lsd: { name: 'Local network', what: 'Clients on your own network' },
}

export type FinderTone = 'good' | 'waiting' | 'off'

/** Off by choice or by rule is no fault: it is shown calmly. */
export function finderTone({ kind, state, nodes }: FinderRow): FinderTone {
  if (state === 'off' || state === 'private') return 'off'
  return state === 'resting' || (kind === 'dht' && !nodes) ? 'waiting' : 'good'
}

/** One sentence: whether it helps to find peers, and if not, why. */
export function finderWords({ kind, state, peers, nodes }: FinderRow): string {
  switch (state) {
    case 'private':
      return 'Off (private)'
    case 'off':
      return 'Off in the preferences'
    case 'resting':
      return 'Rests with the torrent'
    case 'on':
      if (kind !== 'dht') return peers === 0 ? 'On, nobody found by it yet' : 'On'
      return !nodes ? 'Looking for its first nodes' : `On, ${formatCount(nodes)} nodes`
  }
}
