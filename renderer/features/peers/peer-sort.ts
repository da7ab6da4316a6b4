import type { PeerRow } from '#engine/api/model.ts'
import { peerSentence, SOURCE_WORDS } from './peer-sentence.ts'

export type PeerSortKey =
  'address' | 'client' | 'does' | 'source' | 'progress' | 'down' | 'up' | 'downloaded' | 'uploaded'

export interface PeerSort {
  readonly key: PeerSortKey
  readonly descending: boolean
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** Equal ones by address, so that rows stand still while their figures move. */
export function sortPeers(peers: readonly PeerRow[], { key, descending }: PeerSort, isComplete: boolean): PeerRow[] {
  const direction = descending ? -1 : 1
  const text = (peer: PeerRow) => {
    if (key === 'does') return peerSentence(peer, isComplete).does
    return key === 'source' ? SOURCE_WORDS[peer.source] : String(peer[key])
  }
  const compare = (a: PeerRow, b: PeerRow) => {
    const [left, right] = [a[key as keyof PeerRow], b[key as keyof PeerRow]]
    if (typeof left === 'number' && typeof right === 'number') return left - right
    return collator.compare(text(a), text(b))
  }
  return [...peers].sort((a, b) => compare(a, b) * direction || collator.compare(a.key, b.key))
}
