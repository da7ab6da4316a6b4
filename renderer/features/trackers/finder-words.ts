import type { FinderRow } from '#engine/api/model.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'

/** What people call it, with the field's word. */
export const FINDER_NAMES: Readonly<Record<FinderRow['kind'], string>> = {
  dht: 'Distributed hash table (DHT)',
  pex: 'Peer exchange (PEX)',
  lsd: 'Local network (LSD)',
}

/** One sentence: whether it helps to find peers, and if not, why. */
export function finderWords({ kind, state, nodes }: FinderRow): string {
  switch (state) {
    case 'private':
      return 'Off (private)'
    case 'off':
      return 'Off'
    case 'resting':
      return 'Rests with the torrent'
    case 'on':
      if (kind !== 'dht') return 'On'
      return nodes === null || nodes === 0 ? 'Looking for its first nodes' : `On, ${formatCount(nodes)} nodes`
  }
}

/** '' for nobody: only what helped attracts the eye. */
export const finderPeers = ({ peers }: FinderRow): string => (peers === 0 ? '' : plural(peers, 'peer', 'peers'))
