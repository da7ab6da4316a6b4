import { tmpdir } from 'node:os'
import type { TorrentSource } from '#engine/api/commands.ts'
import { inspectSource, type InspectView } from '#engine/host/inspect.ts'
import type { NetworkChoice } from './args.ts'
import { Face } from './face.ts'
import { interrupted } from './interrupt.ts'

/** Joins the swarm of a magnet (or fetches an address) until the metadata is here; nothing of the payload is asked for. */
export async function fetchView(
  source: TorrentSource,
  options: NetworkChoice & { readonly stateDir: string | undefined; readonly peers: readonly string[] },
): Promise<InspectView | undefined> {
  const face = await Face.open({ ...options, downloadFolder: tmpdir() })
  try {
    const fetched = (async () => {
      const { id } = await face.client.call('torrents.add', { source, start: true, stopAfterMetadata: true })
      if (options.peers.length > 0) await face.client.call('torrent.addPeers', { id, peers: options.peers })
      await face.until(() => face.rows.get(id)?.hasMetadata === true)
      const { bytes } = await face.client.call('torrent.export', { id })
      return inspectSource({ kind: 'bytes', bytes })
    })()
    const outcome = await Promise.race([fetched, interrupted()])
    return typeof outcome === 'number' ? undefined : outcome
  } finally {
    await face.close()
  }
}
