import type { TorrentId } from '#engine/api/ids.ts'
import type { Intent } from '#engine/torrent/types.ts'

/** What the queue needs to know of a torrent. */
export interface Queued {
  readonly id: TorrentId
  readonly intent: Intent
  readonly isComplete: boolean
  readonly isIdle: boolean
}

/**
 * Who may run. Seeds always may. Of the others the first `most` that are not idle, in queue order: whoever gets nothing
 * keeps trying, but holds no slot.
 * @param most 0 = no limit
 */
export function whoMayRun(inOrder: Iterable<Queued>, most: number): Set<TorrentId> {
  const may = new Set<TorrentId>()
  let active = 0
  for (const torrent of inOrder) {
    if (torrent.intent !== 'run') continue
    if (!torrent.isComplete && !torrent.isIdle) {
      if (most > 0 && active >= most) continue
      active++
    }
    may.add(torrent.id)
  }
  return may
}

/** The order after moving some torrents together; among themselves they keep their order. */
export function moved(
  order: readonly TorrentId[],
  ids: ReadonlySet<TorrentId>,
  to: 'top' | 'up' | 'down' | 'bottom',
): TorrentId[] {
  const chosen = order.filter(id => ids.has(id))
  const others = order.filter(id => !ids.has(id))
  if (to === 'top') return [...chosen, ...others]
  if (to === 'bottom') return [...others, ...chosen]
  return to === 'up' ? stepUp(order, ids) : stepUp(order.toReversed(), ids).reverse()
}

/** Each chosen one changes places with the unchosen one before it; a block at the top stays where it is. */
function stepUp(order: readonly TorrentId[], ids: ReadonlySet<TorrentId>): TorrentId[] {
  const next = order.slice()
  for (let at = 1; at < next.length; at++) {
    const [before, here] = [next[at - 1]!, next[at]!]
    if (ids.has(here) && !ids.has(before)) [next[at - 1], next[at]] = [here, before]
  }
  return next
}
