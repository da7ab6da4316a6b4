import { inspectSource, type InspectView } from '#engine/host/inspect.ts'
import type { TorrentSource } from '#engine/api/commands.ts'
import type { TorrentId } from '#engine/api/ids.ts'

/**
 * Parses what can be parsed without a network.
 * @returns `undefined` for an address: it has to be fetched first
 * @throws EngineError for bad input
 */
export function identify(source: TorrentSource): { id: TorrentId; view: InspectView } | undefined {
  if (source.kind === 'url') return undefined
  const view = inspectSource(source)
  return { id: view.infohashV1 ?? view.infohashV2 ?? '', view }
}
