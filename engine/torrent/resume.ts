import type { Holdings } from './holdings.ts'
import type { Torrent } from './torrent.ts'
import type { TorrentResume } from './types.ts'

/** What must be remembered of a torrent, as it is at this moment. */
export function resumeOf(torrent: Torrent, { belief, claims }: Holdings): TorrentResume {
  const { content, ledger, spec, view } = torrent
  const claimed = claims && belief.mayClaim ? claims.bits : null
  return {
    have: content ? claimed : (spec.resume?.have ?? null),
    priorities: content ? content.priorities.slice() : null,
    inPartFile: content ? content.store.inPartFile.slice() : null,
    stamps: belief.stamps,
    clean: belief.isClean,
    downloaded: ledger.downloaded,
    uploaded: ledger.uploaded,
    corrupt: ledger.corrupt,
    redundant: ledger.redundant,
    activeSeconds: Math.round(ledger.activeSeconds),
    seedingSeconds: Math.round(ledger.seedingSeconds),
    completedAt: ledger.completedAt,
    peers: view.peersToRemember(),
  }
}
